import { inArea, inRoles, type ProblemEntries } from "./entry.ts";

const DOCUMENT = `openapi: 3.0.3
info: { title: Shop, version: "1" }
paths:
  /home:
    get: {}
  /audit-log:
    get: {}
`;
const AUDIT = `grants["audit"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/audit-log"}`;

/** The codes of `checkRoutes` in `build/policy/routes.ts`. */
export const ROUTES = {
  "rule.no_route": {
    title: "No route of the API matches a grant or denial.",
    why: "With `--openapi`, every grant and denial must match a route of the document, or of one of several documents. The path or a verb of this one is misspelt, or the route is gone: the grant would never apply, and the denial would protect nothing. If several APIs share the policy, give the document of each with an `--openapi` of its own. Routes with an empty `security` have no authorizer, so they don't count.",
    refused: { ...inArea(AUDIT.replace("/audit-log", "/audit-logs")), "../openapi.yaml": DOCUMENT },
    instead: {
      "access/orders.rego": `grants["home"] := {"roles": {"authenticated"}, "verbs": {"GET"}, "path": "/home"}\n\n${AUDIT}\n`,
      "../openapi.yaml": DOCUMENT,
    },
  },
} satisfies ProblemEntries;

/** The codes of `findRouteNotices` in `build/policy/routes.ts`. */
export const ROUTE_NOTICES = {
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
