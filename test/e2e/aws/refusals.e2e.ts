import { describe, expect, it } from "vitest";
import { type ApiName, call } from "./support/client.ts";
import { readRun } from "./support/run.ts";

const run = readRun();

/** Reads a refusal as its client sees it, and whether a browser's page may read it. */
async function refusalOf(api: ApiName, path: string, token?: string) {
  const { status, body, headers } = await call(run, { api, path, token, purpose: "control" });
  const { "access-control-allow-origin": origin, "www-authenticate": scheme } = headers;
  return { status, message: JSON.parse(body), origin, scheme };
}

describe("a REST API gives no reason, and lets pages of a browser read its refusal", () => {
  const unauthorized = { status: 401, message: { message: "Unauthorized" }, origin: "*", scheme: "Bearer" };
  const forbidden = { status: 403, message: { message: "Forbidden" }, origin: "*", scheme: undefined };

  it("of a request without a token", async () => expect(await refusalOf("rest", "/home")).toEqual(unauthorized));

  it("of a request with a bad token", async () =>
    expect(await refusalOf("rest", "/home", "not.a.token")).toEqual(unauthorized));

  it("of a denied request", async () =>
    expect(await refusalOf("rest", "/admin", run.tokens.nobody)).toEqual(forbidden));

  it("on a method with a mapping template", async () => {
    expect(await refusalOf("rest", "/vtl/whoami")).toEqual(unauthorized);
    expect(await refusalOf("rest", "/vtl/whoami", "not.a.token")).toEqual(unauthorized);
  });
});

describe("an HTTP API gives no reason for the refusal", () => {
  it.each([
    ["of a request without a token", undefined, 401, "Unauthorized"],
    ["of a request with a bad token", "not.a.token", 403, "Forbidden"],
    ["of a denied request", run.tokens.nobody, 403, "Forbidden"],
  ])("%s", async (_, token, status, message) => {
    expect(await refusalOf("http", "/admin", token)).toMatchObject({ status, message: { message } });
  });
});
