import { describe, expect, it } from "vitest";
import { type ApiName, call } from "./support/client.ts";
import { readRun } from "./support/run.ts";

const run = readRun();

/** What whoever does not get through is told, and whether a browser's page may read it. */
async function told(api: ApiName, path: string, token?: string) {
  const { status, body, headers } = await call(run, { api, path, token, purpose: "control" });
  const { "access-control-allow-origin": origin, "www-authenticate": scheme } = headers;
  return { status, message: JSON.parse(body), origin, scheme };
}

describe("a REST API says nothing of why, and says it to pages too,", () => {
  const unauthorized = { status: 401, message: { message: "Unauthorized" }, origin: "*", scheme: "Bearer" };
  const forbidden = { status: 403, message: { message: "Forbidden" }, origin: "*", scheme: undefined };

  it("to a request without a token", async () => expect(await told("rest", "/home")).toEqual(unauthorized));

  it("to one with a bad token", async () => expect(await told("rest", "/home", "not.a.token")).toEqual(unauthorized));

  it("to one that is denied", async () => expect(await told("rest", "/admin", run.tokens.nobody)).toEqual(forbidden));

  it("before a mapping template, too", async () => {
    expect(await told("rest", "/vtl/whoami")).toEqual(unauthorized);
    expect(await told("rest", "/vtl/whoami", "not.a.token")).toEqual(unauthorized);
  });
});

describe("an HTTP API says nothing of why", () => {
  it.each([
    ["to a request without a token", undefined, 401, "Unauthorized"],
    ["to one with a bad token", "not.a.token", 403, "Forbidden"],
    ["to one that is denied", run.tokens.nobody, 403, "Forbidden"],
  ])("%s", async (_, token, status, message) => {
    expect(await told("http", "/admin", token)).toMatchObject({ status, message: { message } });
  });
});
