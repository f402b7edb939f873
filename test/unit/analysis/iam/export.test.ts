import { describe, expect, it } from "vitest";
import { toIamExport } from "../../../../analysis/iam/export.ts";
import { DENY_LIST } from "../../../../authorizer/gateway/token-document.ts";
import type { IamDocument, IamExport } from "../../../../contract/iam-export.ts";
import type { IndexedRoles } from "../../../../contract/policy-index.ts";
import { type Rule, toRuleIndex } from "../../../support/rule-index.ts";

type Rules = Readonly<Record<string, Rule>>;

const DEPENDENCIES = new Map([
  ["office", [{ read: "request.source_ip", condition: "office", sources: ["source_ip"] }]],
  ["senior", []],
]);

/**
 * Exports the documents of a policy.
 *
 * @param routes - Routes such as `GET /orders`; all paths by default.
 */
function exportOf(grants: Rules, denials: Rules = {}, routes?: readonly string[], roles?: IndexedRoles): IamExport {
  const table = routes?.map((route) => {
    const [verb = "", path = ""] = route.split(" ");
    return { verb, path };
  });
  return toIamExport(toRuleIndex(grants, denials, roles), DEPENDENCIES, "sha256:1", table);
}

function resourcesOf(document: IamDocument | undefined, effect: "Allow" | "Deny"): readonly string[] {
  const resources = document?.statements.filter(({ Effect }) => Effect === effect).flatMap(({ Resource }) => Resource);
  return (resources ?? []).filter((resource) => effect === "Allow" || !DENY_LIST.includes(resource));
}

const READ: Rules = { "a.read": { path: "/home" } };

it("an export has a document for each group and for users in no group, and lists its gaps", () => {
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

it("a role that is tied to issuers is in no document, and its denials are in each", () => {
  const staff = { groups: { Users: ["boss"], Bosses: ["boss"] }, scopes: {}, kinds: {}, claims: {} };
  const roles: IndexedRoles = { groups: { Users: ["user"] }, scopes: {}, kinds: {}, claims: {}, issuers: { staff } };
  const exported = exportOf(
    { "a.read": { path: "/home" }, "a.pay": { roles: ["boss"], path: "/pay" } },
    { "a.no": { roles: ["boss"], path: "/home/secret" } },
    undefined,
    roles,
  );
  expect(Object.keys(exported.groups)).toEqual(["Users"]);
  expect(resourcesOf(exported.groups["Users"], "Allow")).toEqual(["GET/home"]);
  expect(resourcesOf(exported.groups["Users"], "Deny")).toEqual(["GET/home/secret"]);
  expect(exported.gaps.filter(({ what }) => what === "role_without_group")).toEqual([
    {
      where: "roles.boss",
      what: "role_without_group",
      reason:
        "comes from the group Bosses of the issuer staff and the group Users of the issuer staff, and the IAM role of a group does not tell whose group it is",
    },
  ]);
});

describe("a document allows", () => {
  it.each<[string, Rules, readonly string[] | undefined, readonly string[]]>([
    [
      "ANY verb by verb",
      { "a.a": { path: "/a/{p+}", verbs: ["ANY"] } },
      undefined,
      ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"].map((verb) => `${verb}/a/?*`),
    ],
    [
      "ANY with a star for the verb, if additional matches can be denied",
      { "a.a": { path: "/a", verbs: ["ANY"] } },
      undefined,
      ["*/a"],
    ],
    ["every verb and path with a star for the verb", { "a.a": { path: "/{p+}", verbs: ["ANY"] } }, undefined, ["*/?*"]],
    [
      "a path with a star for the verb, if no other route matches it",
      { "a.a": { path: "/a/{p+}", verbs: ["ANY"] } },
      ["ANY /a/{p+}", "GET /b"],
      ["*/a/?*"],
    ],
    ["only the verbs that routes have", { "a.a": { path: "/a", verbs: ["ANY"] } }, ["GET /a", "PUT /b"], ["GET/a"]],
    ["the root", { "a.a": { path: "/" } }, undefined, ["GET/"]],
    [
      "the connection to a WebSocket API",
      { "a.a": { path: "/", verbs: ["CONNECT", "GET"] } },
      undefined,
      ["$connect", "GET/"],
    ],
    [
      "a grant within another grant only once",
      { "a.a": { path: "/a/{p+}" }, "a.b": { path: "/a/b" }, "a.c": { path: "/a/{id}/c", where: { id: "sub" } } },
      undefined,
      ["GET/a/?*"],
    ],
    [
      "a grant with a claim beside one with an additional segment",
      { "a.a": { path: "/customers/{id}", where: { id: "sub" } }, "a.b": { path: "/customers/{a}/{b}" } },
      undefined,
      ["GET/customers/*/?*", "GET/customers/${aws:PrincipalTag/sub}"],
    ],
    [
      "a path that is granted twice, with claims and without",
      { "a.a": { path: "/a/{x}/b", where: { x: "sub" } }, "a.b": { path: "/a/{x}/b" } },
      ["GET /a/{x}/b"],
      ["GET/a/*/b"],
    ],
    [
      "a grant that depends on two claims",
      { "a.a": { path: "/{x}/{y}", where: { x: "custom:a", y: "custom:b" } } },
      undefined,
      ["GET/${aws:PrincipalTag/a}/${aws:PrincipalTag/b}"],
    ],
    ["a parameter named like an inherited property", { "a.a": { path: "/{constructor}" } }, ["GET /{x}"], ["GET/?*"]],
  ])("%s", (_, grants, routes, expected) => {
    const { groups, gaps } = exportOf(grants, {}, routes);
    expect(resourcesOf(groups["Users"], "Allow")).toEqual(expected);
    expect(gaps.filter(({ what }) => what === "grant_missing")).toEqual([]);
  });
});

describe("denials narrow a wildcard that would allow too much", () => {
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
    ["except where all matches are granted", { "a.a": { path: "/a/{x}" }, "a.b": { path: "/a/{p+}" } }, []],
    [
      "where only other groups have the grant",
      { "a.a": { path: "/a/{x}" }, "a.b": { path: "/a/{p+}", roles: ["lead"] } },
      ["GET/a/*/?*"],
    ],
  ])("%s", (_, grants, expected) => {
    const { groups, gaps } = exportOf(grants);
    expect(resourcesOf(groups["Users"], "Deny")).toEqual(expected);
    expect(gaps.filter(({ what }) => what === "grant_missing")).toEqual([]);
  });

  it("except where no other route of the API matches", () => {
    const { groups } = exportOf({ "a.a": { path: "/a/{x}" } }, {}, ["GET /a/{y}", "GET /b/{y}/{z}"]);
    expect(resourcesOf(groups["Users"], "Deny")).toEqual([]);
  });
});

describe("declared routes that are not granted are denied, so that a wildcard opens none of them", () => {
  const routes = ["GET /orders/{id}", "GET /orders/{id}/items", "GET /orders/{id}/audit", "GET /{kind}/{id}/log"];
  const grants: Rules = { "a.a": { path: "/orders/{id}" }, "a.b": { path: "/orders/{id}/items" } };
  const missing = ({ gaps }: IamExport) => gaps.filter(({ what }) => what === "grant_missing");

  it("one denial for each, beside a grant that is as long", () => {
    const exported = exportOf(grants, {}, routes);
    expect(resourcesOf(exported.groups["Users"], "Allow")).toEqual(["GET/orders/?*"]);
    expect(resourcesOf(exported.groups["Users"], "Deny")).toEqual(["GET/orders/*/audit", "GET/orders/*/log"]);
    expect(missing(exported)).toEqual([]);
  });

  it("none where other groups have the grant, and one for all of them where nothing longer is granted", () => {
    const more: Rules = { ...grants, "a.lead": { roles: ["lead"], path: "/orders/{p+}" } };
    const { groups } = exportOf(more, {}, routes);
    expect(resourcesOf(groups["Leads"], "Deny")).toEqual([]);
    const alone = exportOf({ "a.a": { path: "/orders/{id}" } }, {}, routes);
    expect(resourcesOf(alone.groups["Users"], "Deny")).toEqual(["GET/orders/*/?*"]);
  });

  it("with a gap for the paths that another grant loses by it", () => {
    const files: Rules = { ...grants, "a.files": { path: "/orders/{id}/files/{p+}" } };
    const exported = exportOf(files, {}, [...routes, "GET /orders/{id}/files/{p+}"]);
    const reason = "GET: but not /orders/*/audit, /orders/*/log, denied for other grants";
    const documents = ["Leads", "Users"];
    expect(missing(exported)).toEqual([{ where: "a.files", what: "grant_missing", reason, documents }]);
    expect(resourcesOf(exported.groups["Users"], "Allow")).toEqual(["GET/orders/?*"]);
  });

  it("unless a grant would lose all its paths: then the wildcard is left out", () => {
    const own: Rules = { ...grants, "a.own": { path: "/orders/{id}/audit", where: { id: "sub" } } };
    const exported = exportOf(own, {}, routes);
    expect(resourcesOf(exported.groups["Users"], "Allow")).toEqual([
      "GET/orders/*/items",
      "GET/orders/${aws:PrincipalTag/sub}/audit",
    ]);
    expect(missing(exported).map(({ where }) => where)).toEqual(["a.a"]);
  });

  it("for all verbs at once, where a star stands for them", () => {
    const any = (list: readonly string[]) => list.map((route) => route.replace("GET", "ANY"));
    const anyGrants = Object.fromEntries(
      Object.entries(grants).map(([name, rule]) => [name, { ...rule, verbs: ["ANY"] }]),
    );
    const exported = exportOf(anyGrants, {}, any(routes));
    expect(resourcesOf(exported.groups["Users"], "Allow")).toEqual(["*/orders/?*"]);
    expect(missing(exported)).toEqual([]);
  });
});

describe("a grant that a denial of the document forbids is not allowed", () => {
  const grants: Rules = { "a.a": { path: "/a/{x}/{y}/b", verbs: ["GET", "PUT"] } };

  it.each<[string, Rule, readonly string[], string | undefined]>([
    [
      "and listed, if a condition would lift the denial",
      { path: "/a/{p+}", verbs: ["PUT"], unless: ["office"] },
      ["GET/a/*/*/b"],
      "PUT: denied by a.d",
    ],
    [
      "and listed, if a wildcard of the denial matches it",
      { path: "/a/{x}/b", verbs: ["GET"] },
      ["PUT/a/*/*/b"],
      "GET: denied by a.d",
    ],
    ["and not listed, if the policy denies it, too", { path: "/a/{p+}", verbs: ["PUT"] }, ["GET/a/*/*/b"], undefined],
    [
      "unless some path of it is left",
      { path: "/a/x/{y}/b", verbs: ["PUT"], unless: ["office"] },
      ["GET/a/*/*/b", "PUT/a/*/*/b"],
      undefined,
    ],
  ])("%s", (_, denial, allowed, reason) => {
    const { groups, gaps } = exportOf(grants, { "a.d": denial });
    expect(resourcesOf(groups["Users"], "Allow")).toEqual(allowed);
    expect(gaps.find(({ what }) => what === "grant_missing")?.reason).toBe(reason);
  });
});

describe("a grant is missing, and listed as a gap", () => {
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
      "for a claim that is not a string, while its tag would be one",
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
    ["for lack of a route", { "a.a": { path: "/a" } }, ["PUT /a", "GET /b"], "is on no route of the API"],
    [
      "for a path that it would allow, and that can't be denied because of a similar grant",
      { "a.a": { path: "/a/{x}/b" }, "a.b": { path: "/a/{x}/{y}/b", where: { x: "sub" } } },
      undefined,
      "GET: /a/*/b would allow /a/x/x/b, which /a/{x}/b does not match",
    ],
    [
      "for a path whose greedy rest could match in another place",
      { "a.a": { path: "/{x}/b/{p+}" }, "a.b": { path: "/a/{y}/b/c" } },
      undefined,
      "GET: /*/b/?* would allow /x/x/b/x, which /{x}/b/{p+} does not match",
    ],
    [
      "for more claims than the proof can enumerate",
      { "a.a": { path: "/{a}/{b}/{c}/{d}/{e}/{p+}", where: { a: "a", b: "b", c: "c", d: "d", e: "e" } } },
      undefined,
      "GET: `where` has too many claims for a proof",
    ],
  ])("%s", (_, grants, routes, reason) => {
    const { gaps } = exportOf(grants, {}, routes);
    const entry = { where: "a.a", what: "grant_missing", reason, documents: ["Leads", "Users"] };
    expect(gaps.filter(({ where }) => where === "a.a")).toEqual([entry]);
  });

  it("only for the groups that lack a grant of the additional path", () => {
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

  it("with the verbs that it lacks", () => {
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
    ["a denial", { path: "/a" }, ["GET/a"]],
    [
      "a denial verb by verb, if a star would forbid something else",
      { path: "/b/{p+}", verbs: ["ANY"] },
      ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"].map((verb) => `${verb}/b/?*`),
    ],
    [
      "a denial for all methods, even without a route",
      { path: "/elsewhere", verbs: ["GET", "PATCH"] },
      ["GET/elsewhere", "PATCH/elsewhere"],
    ],
    ["a denial without a variable", { path: "/a/{x}" }, ["GET/a/?*"]],
    ["the connection to a WebSocket API", { path: "/", verbs: ["CONNECT"] }, ["$connect"]],
    ["an encoded character with a star for it", { path: "/caf\u00e9/\u65e5\u672c/x" }, ["GET/caf*/*/x"]],
  ])("%s", (_, denial, expected) => {
    const { groups, authenticated } = exportOf(
      { "a.a": { path: "/a/b/{x}/{p+}", roles: ["lead"] } },
      { "a.d": denial },
    );
    for (const document of [groups["Users"], authenticated]) expect(resourcesOf(document, "Deny")).toEqual(expected);
  });

  it("a denial of ANY with a star for the verb, if that forbids nothing else", () => {
    const { groups } = exportOf(READ, { "a.d": { path: "/a", verbs: ["ANY"] } });
    expect(resourcesOf(groups["Users"], "Deny")).toEqual(["*/a"]);
  });

  it.each<[string, Rule, string]>([
    [
      "a denial even if a condition would lift it",
      { path: "/a", unless: ["office"] },
      "holds even if office, which IAM can't evaluate",
    ],
    [
      "a denial for everybody, whatever its roles",
      { path: "/a", roles: ["lead"] },
      "holds for everybody, not for lead only",
    ],
    [
      "more than the policy, where a wildcard matches a granted path",
      { path: "/a/{x}/b" },
      "/a/*/b forbids GET /a/x/x/b, too, which /a/{x}/b does not match",
    ],
    [
      "more than the policy, where a document can't express it",
      { path: "/caf\u00e9" },
      "/caf* stands for /caf\u00e9, since IAM patterns can't tell percent-encoded characters apart",
    ],
  ])("%s, and lists the gap", (_, denial, reason) => {
    const { gaps } = exportOf({ "a.a": { path: "/a/{p+}" } }, { "a.d": denial });
    expect(gaps.filter(({ what }) => what === "denial_wider")).toEqual([
      { where: "a.d", what: "denial_wider", reason },
    ]);
  });

  it("no more than the policy, where the additional matches are denied anyway, or granted to nobody", () => {
    const denials = { "a.d": { path: "/a/{x}" }, "a.e": { path: "/a/{p+}" }, "a.f": { path: "/b/{x}/c" } };
    const { gaps } = exportOf({ "a.a": { path: "/a/{p+}" }, "a.b": { path: "/b/{x}" } }, denials);
    expect(gaps.filter(({ what }) => what === "denial_wider")).toEqual([]);
  });
});

it("names its routes", () => {
  expect(exportOf(READ, {}, ["GET /home"]).route_table).toMatch(/^sha256:[\da-f]{64}$/);
});
