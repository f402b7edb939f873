import { describe, expect, it } from "vitest";
import { hasTokenDocument, toTokenResources } from "../../../../authorizer/policy/token-resources.ts";
import type { Entitlements } from "../../../../contract/entitlements.ts";
import type { TokenDocumentParts } from "../../../../contract/manifest.ts";

const ANSWERS: TokenDocumentParts = {
  routes: { "GET /a": true, "ANY /b/{+}": true, "PUT /b/{+}": false, "GET /c/{}": true },
  grants: {
    "a.own": { verbs: ["GET", "PUT"], path: ["/c/", "id", "/x"] },
    "a.all": { verbs: ["GET"], path: ["/a/?*"] },
  },
  denials: { "a.no": { verbs: ["GET"], path: ["/a/no"] } },
};

const RULE = { verbs: ["GET"], path: "/a", status: "not_held", conditions: [], unmet: [] } as const;

function resources(changes: {
  own?: Partial<Entitlements["grants"][string]>;
  all?: Partial<Entitlements["grants"][string]>;
  no?: Partial<Entitlements["denials"][string]>;
}) {
  return toTokenResources(
    {
      grants: {
        "a.own": { ...RULE, where: {}, ...changes.own },
        "a.all": { ...RULE, where: {}, ...changes.all },
      },
      denials: { "a.no": { ...RULE, ...changes.no } },
      roles: [],
    },
    ANSWERS,
  );
}

describe("what a principal may do on all routes", () => {
  it("is nothing without a grant", () => {
    expect(resources({})).toEqual({ allowed: [], denied: [] });
  });

  it("is what its grants say, with the values of its claims", () => {
    expect(resources({ own: { status: "granted", where: { id: "42" } }, all: { status: "granted" } })).toEqual({
      allowed: ["GET/c/42/x", "PUT/c/42/x", "GET/a/?*"],
      denied: [],
    });
  });

  it("has a conditional grant only if its conditions are true of the principal", () => {
    expect(resources({ all: { status: "conditional", unmet: [] } })?.allowed).toEqual(["GET/a/?*"]);
    expect(resources({ all: { status: "conditional", unmet: ["senior"] } })?.allowed).toEqual([]);
  });

  it.each<[string, Partial<Entitlements["denials"][string]>, readonly string[]]>([
    ["is denied", { status: "denied" }, ["GET/a/no"]],
    ["is denied while a condition is unmet", { status: "conditional", unmet: ["senior"] }, ["GET/a/no"]],
    ["is not when all are true", { status: "conditional", unmet: [] }, []],
    ["is not when it is for others", { status: "not_held" }, []],
  ])("what a denial says %s", (_, no, denied) => {
    expect(resources({ no })).toEqual({ allowed: [], denied });
  });

  it("is denied what a denial says of which the engine says nothing", () => {
    expect(toTokenResources({ grants: {}, denials: {}, roles: [] }, ANSWERS)).toEqual({
      allowed: [],
      denied: ["GET/a/no"],
    });
  });

  it("has a dollar sign of a claim written as IAM writes it", () => {
    expect(resources({ own: { status: "granted", where: { id: "a$b" } } })?.allowed[0]).toBe("GET/c/a${$}b/x");
  });

  it("grants nothing with an empty claim, which no parameter equals", () => {
    const own = { status: "granted", where: { id: "" } } as const;
    expect(resources({ own, all: { status: "granted" } })).toEqual({ allowed: ["GET/a/?*"], denied: [] });
  });

  it.each([
    ".",
    "..",
    "a/b",
    "*",
    "?",
    "${x}",
    "a b",
    "caf\u00e9",
    "%41",
    "a;b",
    "a#b",
    "a\\b",
    "a\nb",
    "a\n",
    "x".repeat(129),
  ])("can't be said with the claim %j", (id) => {
    expect(resources({ own: { status: "granted", where: { id } } })).toBeUndefined();
    expect(resources({ own: { status: "not_held", where: { id } } })).toEqual({ allowed: [], denied: [] });
  });

  it.each(["...", "a.b", "x".repeat(128), "user@example.com", "a:b", "{id}".slice(1, 3)])(
    "can be said with the claim %j",
    (id) => {
      expect(resources({ own: { status: "granted", where: { id } } })?.allowed).toEqual([
        `GET/c/${id}/x`,
        `PUT/c/${id}/x`,
      ]);
    },
  );
});

const ARN = { partition: "aws", region: "eu-west-1", accountId: "123456789012", apiId: "a", stage: "s", path: "/" };

describe("an answer holds for all routes of its token", () => {
  it.each<[string, string | undefined, string, boolean]>([
    ["rest-request", "/a", "GET", true],
    ["rest-request", "/a", "PUT", false],
    ["rest-request", "/b/{proxy+}", "GET", true],
    // A method of its own goes before ANY.
    ["rest-request", "/b/{proxy+}", "PUT", false],
    ["rest-request", "/c/{whatever}", "GET", true],
    ["rest-request", "/c/{whatever+}", "GET", false],
    ["rest-request", "/other", "GET", false],
    ["rest-request", undefined, "GET", false],
    ["http-2", "/a", "GET", false],
    ["http-1", "/a", "GET", false],
    ["websocket", "$connect", "$connect", false],
    ["rest-token", undefined, "GET", false],
  ])("%s %s %s: %s", (kind, route, verb, isSo) => {
    expect(hasTokenDocument({ kind: kind as "rest-token", route, arn: { ...ARN, verb } }, ANSWERS)).toBe(isSo);
  });

  it("of a TOKEN authorizer, which is not told the route, if it does on every route", () => {
    const answers = { ...ANSWERS, routes: { "GET /a": true, "GET /b": true } };
    expect(hasTokenDocument({ kind: "rest-token", route: undefined, arn: { ...ARN, verb: "GET" } }, answers)).toBe(
      true,
    );
  });
});
