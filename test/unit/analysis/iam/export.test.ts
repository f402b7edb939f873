import { describe, expect, it } from "vitest";
import { toIamExport } from "../../../../analysis/iam/export.ts";
import { DENY_LIST } from "../../../../authorizer/gateway/token-document.ts";
import type { IamDocument, IamExport } from "../../../../contract/iam-export.ts";
import { type Rule, toRuleIndex } from "../../../support/rule-index.ts";

type Rules = Readonly<Record<string, Rule>>;

const DEPENDENCIES = new Map([
  ["office", [{ read: "request.source_ip", condition: "office", sources: ["source_ip"] }]],
  ["senior", []],
]);

/** @param routes - `GET /orders`; none: all paths. */
function exportOf(grants: Rules, denials: Rules = {}, routes?: readonly string[]): IamExport {
  const table = routes?.map((route) => {
    const [verb = "", path = ""] = route.split(" ");
    return { verb, path };
  });
  return toIamExport(toRuleIndex(grants, denials), DEPENDENCIES, "sha256:1", table);
}

function resourcesOf(document: IamDocument | undefined, effect: "Allow" | "Deny"): readonly string[] {
  const resources = document?.statements.filter(({ Effect }) => Effect === effect).flatMap(({ Resource }) => Resource);
  return (resources ?? []).filter((resource) => effect === "Allow" || !DENY_LIST.includes(resource));
}

const READ: Rules = { "a.read": { path: "/home" } };

it("an export has a document for each group and for whoever is in none, and says what it lacks", () => {
  const grants: Rules = {
    "a.home": { roles: ["authenticated"], path: "/home" },
    "a.own": { path: "/customers/{id}/orders", where: { id: "custom:customer_id" } },
    "a.admin": { roles: ["lead"], verbs: ["GET", "PUT"], path: "/admin/{p+}" },
    "a.refund": { roles: ["lead"], path: "/refunds", when: ["office"] },
    "a.audit": { roles: ["auditor"], path: "/audit" },
  };
  const denied = { Effect: "Deny", Resource: [...DENY_LIST, "DELETE/admin/ledger/?*", "PUT/admin/ledger/?*"] };
  const key = "aws:PrincipalTag/customer_id";
  const own = {
    Effect: "Allow",
    Resource: ["GET/customers/${aws:PrincipalTag/customer_id}/orders"],
    Condition: { Null: { [key]: "false" }, StringNotLike: { [key]: ["", ".", "..", "*/*", "*${*}*", "*${?}*"] } },
  };
  const ledger = { path: "/admin/ledger/{p+}", verbs: ["PUT", "DELETE"], roles: ["auditor"], unless: ["office"] };
  expect(exportOf(grants, { "a.ledger": ledger })).toEqual({
    revision: "sha256:1",
    groups: {
      Leads: {
        roles: ["authenticated", "lead", "user"],
        statements: [{ Effect: "Allow", Resource: ["GET/admin/?*", "GET/home", "PUT/admin/?*"] }, own, denied],
      },
      Users: {
        roles: ["authenticated", "user"],
        statements: [{ Effect: "Allow", Resource: ["GET/home"] }, own, denied],
      },
    },
    authenticated: {
      roles: ["authenticated"],
      statements: [{ Effect: "Allow", Resource: ["GET/home"] }, denied],
    },
    tags: { "custom:customer_id": "customer_id" },
    gaps: [
      { where: "a.ledger", what: "denial_wider", reason: "holds even if office, which IAM can't evaluate" },
      { where: "a.ledger", what: "denial_wider", reason: "holds for everybody, not for auditor only" },
      {
        where: "a.refund",
        what: "grant_missing",
        reason: "needs the condition office, which IAM can't evaluate (it reads request.source_ip)",
        documents: ["Leads"],
      },
      {
        where: "roles.auditor",
        what: "role_without_group",
        reason: "comes from the claim custom:department, not from a group",
      },
      {
        where: "roles.machine",
        what: "role_without_group",
        reason: "comes from the scope orders/read, not from a group",
      },
    ],
  });
});

describe("a group may", () => {
  it.each<[string, Rules, readonly string[] | undefined, readonly string[]]>([
    [
      "do all that ANY stands for, verb by verb",
      { "a.a": { path: "/a/{p+}", verbs: ["ANY"] } },
      undefined,
      ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"].map((verb) => `${verb}/a/?*`),
    ],
    [
      "do it with a star for the verb, if what that takes in can be denied",
      { "a.a": { path: "/a", verbs: ["ANY"] } },
      undefined,
      ["*/a"],
    ],
    ["do everything with a star for the verb", { "a.a": { path: "/{p+}", verbs: ["ANY"] } }, undefined, ["*/?*"]],
    [
      "do with a star for the verb what no route has elsewhere",
      { "a.a": { path: "/a/{p+}", verbs: ["ANY"] } },
      ["ANY /a/{p+}", "GET /b"],
      ["*/a/?*"],
    ],
    ["use the verbs only that routes have", { "a.a": { path: "/a", verbs: ["ANY"] } }, ["GET /a", "PUT /b"], ["GET/a"]],
    ["see the root", { "a.a": { path: "/" } }, undefined, ["GET/"]],
    [
      "connect to a WebSocket API",
      { "a.a": { path: "/", verbs: ["CONNECT", "GET"] } },
      undefined,
      ["$connect", "GET/"],
    ],
    [
      "do what is within something else without its being said twice",
      { "a.a": { path: "/a/{p+}" }, "a.b": { path: "/a/b" }, "a.c": { path: "/a/{id}/c", where: { id: "sub" } } },
      undefined,
      ["GET/a/?*"],
    ],
    [
      "what is granted by a claim beside what has a segment more",
      { "a.a": { path: "/customers/{id}", where: { id: "sub" } }, "a.b": { path: "/customers/{a}/{b}" } },
      undefined,
      ["GET/customers/*/?*", "GET/customers/${aws:PrincipalTag/sub}"],
    ],
    [
      "what is granted to it twice, by claims and without",
      { "a.a": { path: "/a/{x}/b", where: { x: "sub" } }, "a.b": { path: "/a/{x}/b" } },
      ["GET /a/{x}/b"],
      ["GET/a/*/b"],
    ],
    [
      "what depends on two claims",
      { "a.a": { path: "/{x}/{y}", where: { x: "custom:a", y: "custom:b" } } },
      undefined,
      ["GET/${aws:PrincipalTag/a}/${aws:PrincipalTag/b}"],
    ],
    [
      "a parameter that is called like something every object has",
      { "a.a": { path: "/{constructor}" } },
      ["GET /{x}"],
      ["GET/?*"],
    ],
  ])("%s", (_, grants, routes, expected) => {
    const { groups, gaps } = exportOf(grants, {}, routes);
    expect(resourcesOf(groups["Users"], "Allow")).toEqual(expected);
    expect(gaps.filter(({ what }) => what === "grant_missing")).toEqual([]);
  });
});

describe("a wildcard that would open too much is narrowed by what is denied", () => {
  it.each<[string, Rules, readonly string[]]>([
    ["at the end", { "a.a": { path: "/a/{x}" } }, ["GET/a/*/?*"]],
    ["in the middle", { "a.a": { path: "/a/{x}/b" } }, ["GET/a/*/*/b"]],
    ["before it, where a star is for the verb", { "a.a": { path: "/a", verbs: ["ANY"] } }, ["*/*/a"]],
    ["in two places", { "a.a": { path: "/a/{x}/b/{y}" } }, ["GET/a/*/*/b/?*", "GET/a/*/b/*/?*"]],
    [
      "beside a claim, without its variable",
      { "a.a": { path: "/a/{x}/b/{y}", where: { x: "sub" } } },
      ["GET/a/*/b/*/?*"],
    ],
    ["unless all of it is granted", { "a.a": { path: "/a/{x}" }, "a.b": { path: "/a/{p+}" } }, []],
    [
      "not if it is granted to others only",
      { "a.a": { path: "/a/{x}" }, "a.b": { path: "/a/{p+}", roles: ["lead"] } },
      ["GET/a/*/?*"],
    ],
  ])("%s", (_, grants, expected) => {
    const { groups, gaps } = exportOf(grants);
    expect(resourcesOf(groups["Users"], "Deny")).toEqual(expected);
    expect(gaps.filter(({ what }) => what === "grant_missing")).toEqual([]);
  });

  it("and not where the routes of an API leave nothing to open", () => {
    const { groups } = exportOf({ "a.a": { path: "/a/{x}" } }, {}, ["GET /a/{y}", "GET /b/{y}/{z}"]);
    expect(resourcesOf(groups["Users"], "Deny")).toEqual([]);
  });
});

describe("a grant is left out, and listed", () => {
  it.each<[string, Rules, readonly string[] | undefined, string]>([
    [
      "for a condition that reads the request",
      { "a.a": { path: "/a", when: ["office"] } },
      undefined,
      "needs the condition office, which IAM can't evaluate (it reads request.source_ip)",
    ],
    [
      "for a condition that reads the token only",
      { "a.a": { path: "/a", when: ["senior"] } },
      undefined,
      "needs the condition senior, which IAM can't evaluate (though it reads nothing but the token)",
    ],
    [
      "for a claim that is no text, while its tag would be one",
      { "a.a": { path: "/a/{x}", where: { x: "auth_time" } } },
      undefined,
      "compares the claim auth_time, which is not a string in an ID token, but would be one as a tag",
    ],
    [
      "for a character that arrives encoded",
      { "a.a": { path: "/caf\u00e9" } },
      undefined,
      "its path has a character that arrives percent-encoded, and IAM patterns can't tell such characters apart",
    ],
    ["for want of a route", { "a.a": { path: "/a" } }, ["PUT /a", "GET /b"], "is on no route of the API"],
    [
      "for a path that it would open, and that can't be denied since another grant is near it",
      { "a.a": { path: "/a/{x}/b" }, "a.b": { path: "/a/{x}/{y}/b", where: { x: "sub" } } },
      undefined,
      "GET: /a/*/b would allow /a/x/x/b, which /a/{x}/b does not match",
    ],
    [
      "for a path with the rest of it in the wrong place",
      { "a.a": { path: "/{x}/b/{p+}" }, "a.b": { path: "/a/{y}/b/c" } },
      undefined,
      "GET: /*/b/?* would allow /x/x/b/x, which /{x}/b/{p+} does not match",
    ],
    [
      "for more claims than can be gone through",
      { "a.a": { path: "/{a}/{b}/{c}/{d}/{e}/{p+}", where: { a: "a", b: "b", c: "c", d: "d", e: "e" } } },
      undefined,
      "GET: `where` has too many claims for a proof",
    ],
  ])("%s", (_, grants, routes, reason) => {
    const { gaps } = exportOf(grants, {}, routes);
    const entry = { where: "a.a", what: "grant_missing", reason, documents: ["Leads", "Users"] };
    expect(gaps.filter(({ where }) => where === "a.a")).toEqual([entry]);
  });

  it("for those groups only that may not have what it would open", () => {
    const grants: Rules = {
      "a.a": { path: "/{x}/b/{p+}" },
      "a.all": { roles: ["lead"], path: "/{p+}" },
    };
    const { groups, gaps } = exportOf(grants);
    expect(gaps.flatMap(({ where, documents }) => (where === "a.a" ? documents : []))).toEqual(["Users"]);
    expect([groups["Leads"], groups["Users"]].map((document) => resourcesOf(document, "Allow"))).toEqual([
      ["GET/?*"],
      [],
    ]);
  });

  it("with the verbs for which it is", () => {
    const grants: Rules = {
      "a.a": { path: "/{x}/b/{p+}", verbs: ["GET", "PUT"] },
      "a.b": { path: "/{p+}", verbs: ["PUT"] },
    };
    const { groups, gaps } = exportOf(grants);
    expect(gaps.find(({ where }) => where === "a.a")?.reason).toMatch(/^GET: /);
    expect(resourcesOf(groups["Users"], "Allow")).toEqual(["PUT/?*"]);
  });
});

describe("every document denies", () => {
  it.each<[string, Rule, readonly string[]]>([
    ["what a denial does", { path: "/a" }, ["GET/a"]],
    [
      "it verb by verb, if a star would take something else away",
      { path: "/b/{p+}", verbs: ["ANY"] },
      ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"].map((verb) => `${verb}/b/?*`),
    ],
    [
      "it for all methods, even those of no route",
      { path: "/elsewhere", verbs: ["GET", "PATCH"] },
      ["GET/elsewhere", "PATCH/elsewhere"],
    ],
    ["it without a variable", { path: "/a/{x}" }, ["GET/a/?*"]],
    ["the connection to a WebSocket API", { path: "/", verbs: ["CONNECT"] }, ["$connect"]],
    ["what arrives encoded with a star for it", { path: "/caf\u00e9/\u65e5\u672c/x" }, ["GET/caf*/*/x"]],
  ])("%s", (_, denial, expected) => {
    const { groups, authenticated } = exportOf(
      { "a.a": { path: "/a/b/{x}/{p+}", roles: ["lead"] } },
      { "a.d": denial },
    );
    for (const document of [groups["Users"], authenticated]) expect(resourcesOf(document, "Deny")).toEqual(expected);
  });

  it("what a denial of ANY does with a star for the verb, if that takes nothing away", () => {
    const { groups } = exportOf(READ, { "a.d": { path: "/a", verbs: ["ANY"] } });
    expect(resourcesOf(groups["Users"], "Deny")).toEqual(["*/a"]);
  });

  it.each<[string, Rule, string]>([
    [
      "even if something would lift it",
      { path: "/a", unless: ["office"] },
      "holds even if office, which IAM can't evaluate",
    ],
    ["whomever it concerns", { path: "/a", roles: ["lead"] }, "holds for everybody, not for lead only"],
    [
      "more than it should, where a wildcard takes in what somebody is granted",
      { path: "/a/{x}/b" },
      "/a/*/b forbids GET /a/x/x/b, too, which /a/{x}/b does not match",
    ],
    [
      "more than it should, where a document can't hold it",
      { path: "/caf\u00e9" },
      "/caf* stands for /caf\u00e9, since IAM patterns can't tell percent-encoded characters apart",
    ],
  ])("%s, which is listed", (_, denial, reason) => {
    const { gaps } = exportOf({ "a.a": { path: "/a/{p+}" } }, { "a.d": denial });
    expect(gaps.filter(({ what }) => what === "denial_wider")).toEqual([
      { where: "a.d", what: "denial_wider", reason },
    ]);
  });

  it("no more than that, where what is taken in is denied anyway, or granted to nobody", () => {
    const denials = { "a.d": { path: "/a/{x}" }, "a.e": { path: "/a/{p+}" }, "a.f": { path: "/b/{x}/c" } };
    const { gaps } = exportOf({ "a.a": { path: "/a/{p+}" }, "a.b": { path: "/b/{x}" } }, denials);
    expect(gaps.filter(({ what }) => what === "denial_wider")).toEqual([]);
  });
});

it("says for which routes it is", () => {
  expect(exportOf(READ, {}, ["GET /home"]).route_table).toMatch(/^sha256:[\da-f]{64}$/);
});
