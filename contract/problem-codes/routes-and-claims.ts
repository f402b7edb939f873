import { type Example, inArea, inRoles, type ProblemEntries } from "./entry.ts";

const DOCUMENT = `openapi: 3.0.3
info: { title: Shop, version: "1" }
paths:
  /home:
    get: {}
  /audit-log:
    get: {}
`;
const SIBLINGS = `openapi: 3.0.3
info: { title: Shop, version: "1" }
paths:
  /items/{proxy+}:
    get: {}
  /items/{id}/parts:
    get: {}
`;
const OPEN_HOME = `grants["home"] := {"roles": {"authenticated"}, "verbs": {"GET"}, "path": "/home"}`;

const PAGES = `openapi: 3.0.3
info: { title: Shop, version: "1" }
paths:
  /{page}:
    get: {}
`;
const AUDIT = `grants["audit"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/audit-log"}`;

/** The codes of `checkRoutes` in `build/policy/routes.ts`, and of `build/policy/public-routes.ts`. */
export const ROUTES = {
  "rule.no_route": {
    title: "No route of the API matches a grant, denial or public rule.",
    why: "With `--openapi`, every grant, denial and public rule must match a route of the document, or of one of several documents. The path or a verb of this one is misspelt, or the route is gone: the grant would never apply, and the denial would protect nothing. If several APIs share the policy, give the document of each with an `--openapi` of its own. Public routes have no authorizer, so that they count for public rules only.",
    refused: { ...inArea(AUDIT.replace("/audit-log", "/audit-logs")), "../openapi.yaml": DOCUMENT },
    instead: {
      "access/orders.rego": `grants["home"] := {"roles": {"authenticated"}, "verbs": {"GET"}, "path": "/home"}\n\n${AUDIT}\n`,
      "../openapi.yaml": DOCUMENT,
    },
  },
  "api.unnamed_document": {
    title: "A rule is for a named API, and the document has no name.",
    why: "With `--openapi`, the build compares each rule with the routes of its own API. A document without a name could be that of any API. Write `--openapi NAME=FILE` with the name that the API's alias has, once for each API.",
    refused: { ...inArea(OPEN_HOME.replace("{", `{"api": {"shop"}, `)), "../openapi.yaml": DOCUMENT },
    instead: { ...inArea(OPEN_HOME.replace("{", `{"api": {"shop"}, `)), "../shop.yaml": DOCUMENT },
  },
  "api.unknown": {
    title: "A rule is for an API that has no document.",
    why: "With `--openapi NAME=FILE` for each API, the build knows the names of all of them. This one is misspelt, or its document is missing: the grant would never apply on this API, and the denial would protect nothing. A public rule would open the route of no API, or later that of one that is not meant.",
    refused: { ...inArea(OPEN_HOME.replace("{", `{"api": {"shpo"}, `)), "../shop.yaml": DOCUMENT },
    instead: { ...inArea(OPEN_HOME.replace("{", `{"api": {"shop"}, `)), "../shop.yaml": DOCUMENT },
  },
  "route.open": {
    title: "A route is open to everybody in the document, and no public rule says so.",
    why: "An empty `security`, or the type `NONE` in `x-amazon-apigateway-auth`, opens an operation to everybody. Reviewers look for access in the policy, so that it has to be there as well: as a public rule that covers the route. Otherwise take the empty security out, and the route gets the policy's authorizer. An open `OPTIONS` is a preflight and needs no rule, since it carries no token.",
    refused: {
      ...inArea(AUDIT),
      "../openapi.yaml": DOCUMENT.replace("/home:\n    get: {}", "/home:\n    get: { security: [] }"),
    },
    instead: {
      ...inArea(`public["home"] := {"verbs": {"GET"}, "path": "/home"}\n\n${AUDIT}`),
      "../openapi.yaml": DOCUMENT.replace("/home:\n    get: {}", "/home:\n    get: { security: [] }"),
    },
  },
  "route.partly_public": {
    title: "A route is public in part.",
    why: "A route has an authorizer or has none. With one, the requests that the public rule opens would be refused; without one, all others would be open. API Gateway gives a request to the most specific route, so that a route of its own for the public requests solves it: `/{page}` then gets all paths but that one.",
    refused: {
      ...inArea(`public["terms"] := {"verbs": {"GET"}, "path": "/terms"}\n\n${AUDIT}`),
      "../openapi.yaml": PAGES,
    },
    instead: {
      ...inArea(`public["terms"] := {"verbs": {"GET"}, "path": "/terms"}\n\n${AUDIT}`),
      "../openapi.yaml": `${PAGES}  /terms:\n    get: {}\n`,
    },
  },
} satisfies ProblemEntries;

/** The codes of `findRouteNotices` and `findUndeclaredApis` in `build/policy/routes.ts`, and of `openapi/located-routes.ts`. */
export const ROUTE_NOTICES = {
  "api.undeclared": {
    title: "A grant or denial is for a named API, and the build has no documents.",
    why: "Without `--openapi`, nothing says which APIs there are. A grant for a misspelt name never applies, and a denial for one protects nothing. Give the document of each API with `--openapi NAME=FILE`.",
    refused: inArea(OPEN_HOME.replace("{", `{"api": {"shop"}, `)),
    instead: { ...inArea(OPEN_HOME.replace("{", `{"api": {"shop"}, `)), "../shop.yaml": DOCUMENT },
  },
  "route.no_grant": {
    title: "No grant names a route of the API.",
    why: "Nobody can call it. That is right for a route that is closed on purpose, and otherwise a grant is missing.",
    refused: {
      ...inArea(`grants["home"] := {"roles": {"authenticated"}, "verbs": {"GET"}, "path": "/home"}`),
      "../openapi.yaml": DOCUMENT,
    },
    instead: {
      ...inArea(`grants["home"] := {"roles": {"authenticated"}, "verbs": {"GET"}, "path": "/home"}

${AUDIT}`),
      "../openapi.yaml": DOCUMENT,
    },
  },
  "route.one_kind": {
    title: "A rule of API Gateway, which the document breaks on one kind of API.",
    why: "API Gateway refuses such an API when it is created, or it may. The document can be for another kind, so that the build goes on; with `--api rest` or `--api http` it is an error if that kind is the one that refuses. The constructs, which know the kind, refuse it at synthesis. A number that is more than a quota is a notice with `--api`, too, since AWS may have raised the quota.",
    refused: {
      ...inArea(`grants["item"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/items/{proxy+}"}`),
      "../openapi.yaml": SIBLINGS,
    },
    instead: {
      ...inArea(`grants["item"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/items/{proxy+}"}`),
      "../openapi.yaml": SIBLINGS.replaceAll("{proxy+}", "{id}"),
    },
  },
  "grant.wide": {
    title: "A grant is for the paths of several routes, and wider than each.",
    why: "It opens every route that the API gets below its path, from the first day, and nobody will have decided it. Write a grant for each route, or accept the notice in the METADATA of the grant.",
    refused: {
      ...inArea(`grants["pages"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/{page+}"}`),
      "../openapi.yaml": DOCUMENT,
    },
    instead: {
      ...inArea(`# METADATA
# custom:
#   accepted:
#     grant.wide: customers may see every page that there will be
grants["pages"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/{page+}"}`),
      "../openapi.yaml": DOCUMENT,
    },
  },
  "rule.idle_verb": {
    title: "A grant or denial names a verb that no route on its path has.",
    why: "The other verbs are in force, and this one has no effect today. If the API gets such a route one day, the grant would open it at once.",
    refused: {
      ...inArea(`grants["pages"] := {"roles": {"customer"}, "verbs": {"GET", "PUT"}, "path": "/{page}"}`),
      "../openapi.yaml": DOCUMENT,
    },
    instead: {
      ...inArea(`grants["pages"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/{page}"}`),
      "../openapi.yaml": DOCUMENT,
    },
  },
} satisfies ProblemEntries;

/** The codes of `build/policy/declared-claims.ts`. */
export const CLAIMS = {
  "claim.undeclared": {
    title: "The policy reads a claim that no issuer has.",
    why: "`claims.yaml` lists the claims of each issuer's tokens, and this one is not among them. The name is misspelt, or its declaration is missing. The claim would always be missing. Claims of the standards and of Cognito (`sub`, `email`, `cognito:groups` …) need no declaration; without the file, the policy may read any claim.",
    refused: {
      ...inRoles(`auditor := {"claims": {"custom:departmnet": {"Audit"}}}`),
      "claims.yaml": "issuers:\n  staff: [custom:department, custom:tenant]\n",
    },
    instead: {
      ...inRoles(`auditor := {"claims": {"custom:department": {"Audit"}}}`),
      "claims.yaml": "issuers:\n  staff: [custom:department, custom:tenant]\n",
    },
  },
  "claims.malformed": {
    title: "`claims.yaml` is not YAML, or has another form.",
    why: "The file has one key, `issuers`. Under it are the names of issuers, and under each name a list of claims. If the build took another form, a misspelt claim could pass.",
    refused: { "claims.yaml": "claims: [custom:department]\n" },
    instead: { "claims.yaml": "issuers:\n  staff: [custom:department]\n" },
  },
} satisfies ProblemEntries;

const TWO_ISSUERS = "issuers:\n  staff: [custom:tenant]\n  partner: [custom:tenant]\n";
const HOME = `package access.home

grants["read"] := {"roles": {"admin"}, "verbs": {"GET"}, "path": "/home"}
`;

/** Makes an example of a company with two issuers. */
function ofTwoIssuers(roles: string, home = HOME): Example {
  const file = `package access.roles\n\n${roles}\n`;
  return { "claims.yaml": TWO_ISSUERS, "access/roles.rego": file, "access/home.rego": home };
}

const ofCustomers = (...roles: readonly string[]) => ["package access.home\n", ...roles.map(toOwnGrant)].join("\n");

const toOwnGrant = (role: string) =>
  `grants["${role}"] := {"roles": {"${role}"}, "verbs": {"GET"}, "path": "/${role}s/{id}", "where": {"id": "sub"}}\n`;

/** The codes of `build/policy/role-issuers.ts`. */
export const ISSUERS = {
  "role.unknown_issuer": {
    title: "A role is tied to an issuer that nobody has declared.",
    why: "Nobody would hold the role, and a denial for it would forbid nobody. The names are those under `issuers` in `claims.yaml`, and of `name` in `TRUSTED_ISSUERS`: letters, digits, `.`, `_` and `-`. Without `claims.yaml` any such name builds, and the authorizer does not start if no trusted issuer has it.",
    refused: ofTwoIssuers(`admin := {"groups": {"Admins"}, "issuers": {"staf"}}`),
    instead: ofTwoIssuers(`admin := {"groups": {"Admins"}, "issuers": {"staff"}}`),
  },
  "role.any_issuer": {
    title: "A role does not say whose groups, scopes or claims give it.",
    why: "The company has more than one issuer, in `claims.yaml` or in the file of trusted issuers that the build packs, and the tokens of several have this claim. Whoever administers one of them could put somebody into a group of the other, and make an administrator of the policy. Name the issuers that are meant; if all are, name all. Groups and scopes count as claims that every issuer has.",
    refused: ofTwoIssuers(`admin := {"groups": {"Admins"}}`),
    instead: ofTwoIssuers(`admin := {"groups": {"Admins"}, "issuers": {"staff"}}`),
  },
  "where.any_issuer": {
    title: "`where` compares a claim that several issuers give, and each issuer's principals can hold the grant.",
    why: "An identifier is unique within one issuer. Two issuers may give one `sub`, or one `custom:tenant`, to different people, and each would reach the other's data. A principal has its roles and its claims from one token. So a grant whose roles are tied to one issuer compares that issuer's claims only; each issuer has a grant of its own. For all users of an issuer, a role by the claim `iss` does.",
    refused: ofTwoIssuers(
      `customer := {"groups": {"Customers"}, "issuers": {"staff", "partner"}}`,
      ofCustomers("customer"),
    ),
    instead: ofTwoIssuers(
      `customer := {"groups": {"Customers"}, "issuers": {"staff"}}\n\nguest := {"groups": {"Customers"}, "issuers": {"partner"}}`,
      ofCustomers("customer", "guest"),
    ),
  },
} satisfies ProblemEntries;
