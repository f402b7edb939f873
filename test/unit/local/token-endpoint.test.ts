import { describe, expect, it } from "vitest";
import { readTokenRequest, type TokenRequest } from "../../../local/token-endpoint.ts";
import { CLIENT_SECRET, type Machine } from "../../../local/users.ts";

const MACHINES: readonly Machine[] = [
  { name: "importer", scopes: ["scim/read", "scim/write"], claims: {} },
  { name: "idle", scopes: [], claims: {} },
];

function basic(id: string, secret = CLIENT_SECRET): string {
  return `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`;
}

function read(changes: Partial<TokenRequest>): string {
  const request: TokenRequest = {
    contentType: "application/x-www-form-urlencoded",
    authorization: basic("importer"),
    body: "grant_type=client_credentials",
    ...changes,
  };
  const granted = readTokenRequest(request, MACHINES);
  return granted.ok ? `${granted.value.machine.name}: ${granted.value.scopes.join(" ")}` : granted.error;
}

const GRANT = "grant_type=client_credentials";
const IN_BODY = `${GRANT}&client_id=importer&client_secret=${CLIENT_SECRET}`;

describe("the token endpoint", () => {
  it.each<[string, Partial<TokenRequest>, string]>([
    ["gives all scopes to a machine that names none", {}, "importer: scim/read scim/write"],
    ["gives the scopes that a machine names", { body: `${GRANT}&scope=scim%2Fwrite` }, "importer: scim/write"],
    ["gives each scope once", { body: `${GRANT}&scope=scim/read+scim/read` }, "importer: scim/read"],
    ["takes the secret in the form", { authorization: undefined, body: IN_BODY }, "importer: scim/read scim/write"],
    ["takes the client's id in both places", { body: `${GRANT}&client_id=importer` }, "importer: scim/read scim/write"],
    ["takes a machine without scopes", { authorization: basic("idle") }, "idle: "],
    [
      "takes a content type with a character set",
      { contentType: "application/x-www-form-urlencoded; charset=utf-8" },
      "importer: scim/read scim/write",
    ],
  ])("%s", (_, changes, granted) => {
    expect(read(changes)).toBe(granted);
  });

  it.each<[string, Partial<TokenRequest>, string]>([
    ["another secret", { authorization: basic("importer", "guess") }, "invalid_client"],
    ["another secret in the form", { authorization: undefined, body: `${IN_BODY}x` }, "invalid_client"],
    ["an unknown client", { authorization: basic("exporter") }, "invalid_client"],
    ["no client", { authorization: undefined }, "invalid_client"],
    ["a client without a secret", { authorization: undefined, body: `${GRANT}&client_id=importer` }, "invalid_client"],
    ["a bearer token", { authorization: "Bearer importer" }, "invalid_client"],
    ["secrets in two places", { body: IN_BODY }, "invalid_request"],
    ["two clients", { body: `${GRANT}&client_id=idle` }, "invalid_request"],
    ["a scope that the machine lacks", { body: `${GRANT}&scope=scim/read+scim/admin` }, "invalid_scope"],
    ["another grant type", { body: "grant_type=password" }, "unsupported_grant_type"],
    ["no grant type", { body: "" }, "invalid_request"],
    ["a parameter that occurs twice", { body: `${GRANT}&${GRANT}` }, "invalid_request"],
    ["JSON", { contentType: "application/json" }, "invalid_request"],
    ["no content type", { contentType: undefined }, "invalid_request"],
  ])("refuses %s", (_, changes, error) => {
    expect(read(changes)).toBe(error);
  });
});
