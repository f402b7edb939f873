import { describe, expect, it } from "vitest";
import { createHasTokenDocument, toTokenResources } from "../../../../authorizer/policy/token-resources.ts";
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

describe("the resources of a principal", () => {
  it("are empty without a grant", () => {
    expect(resources({})).toEqual({ allowed: [], denied: [] });
  });

  it("are those of its grants, with the values of its claims", () => {
    expect(resources({ own: { status: "granted", where: { id: "42" } }, all: { status: "granted" } })).toEqual({
      allowed: ["GET/c/42/x", "PUT/c/42/x", "GET/a/?*"],
      denied: [],
    });
  });

  it("include a conditional grant only if its conditions are true for the principal", () => {
    expect(resources({ all: { status: "conditional", unmet: [] } })?.allowed).toEqual(["GET/a/?*"]);
    expect(resources({ all: { status: "conditional", unmet: ["senior"] } })?.allowed).toEqual([]);
  });

  it.each<[string, Partial<Entitlements["denials"][string]>, readonly string[]]>([
    ["are denied", { status: "denied" }, ["GET/a/no"]],
    ["are denied while a condition is unmet", { status: "conditional", unmet: ["senior"] }, ["GET/a/no"]],
    ["are not denied when all are true", { status: "conditional", unmet: [] }, []],
    ["are not denied when it is for other roles", { status: "not_held" }, []],
  ])("the resources of a denial %s", (_, no, denied) => {
    expect(resources({ no })).toEqual({ allowed: [], denied });
  });

  it("include a denial that the entitlements lack", () => {
    expect(toTokenResources({ grants: {}, denials: {}, roles: [] }, ANSWERS)).toEqual({
      allowed: [],
      denied: ["GET/a/no"],
    });
  });

  it("escape a dollar sign of a claim as IAM does", () => {
    expect(resources({ own: { status: "granted", where: { id: "a$b" } } })?.allowed[0]).toBe("GET/c/a${$}b/x");
  });

  it("include no grant with an empty claim, which no parameter equals", () => {
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
  ])("can't be expressed with the claim %j", (id) => {
    expect(resources({ own: { status: "granted", where: { id } } })).toBeUndefined();
    expect(resources({ own: { status: "not_held", where: { id } } })).toEqual({ allowed: [], denied: [] });
  });

  it.each(["...", "a.b", "x".repeat(128), "user@example.com", "a:b", "{id}".slice(1, 3)])(
    "can be expressed with the claim %j",
    (id) => {
      expect(resources({ own: { status: "granted", where: { id } } })?.allowed).toEqual([
        `GET/c/${id}/x`,
        `PUT/c/${id}/x`,
      ]);
    },
  );
});

const ARN = { partition: "aws", region: "eu-west-1", accountId: "123456789012", apiId: "a", stage: "s", path: "/" };

describe("a policy document is per token", () => {
  it.each<[string, string | undefined, string, boolean]>([
    ["rest-request", "/a", "GET", true],
    ["rest-request", "/a", "PUT", false],
    ["rest-request", "/b/{proxy+}", "GET", true],
    // A route with a method goes before one with ANY.
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
    expect(createHasTokenDocument(ANSWERS)({ kind: kind as "rest-token", route, arn: { ...ARN, verb } })).toBe(isSo);
  });

  it("for a TOKEN authorizer, whose event lacks the route, if every route is of the class token", () => {
    const answers = { ...ANSWERS, routes: { "GET /a": true, "GET /b": true } };
    expect(
      createHasTokenDocument(answers)({ kind: "rest-token", route: undefined, arn: { ...ARN, verb: "GET" } }),
    ).toBe(true);
  });
});
