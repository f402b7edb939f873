import { join } from "node:path";
import type { ApiDocument } from "../../contract/named-document.ts";

/** Formats the OpenAPI document of an API with these routes, such as `GET /users/{id}`. */
function toDocument(...routes: readonly string[]): string {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    const [verb = "", path = ""] = route.split(" ");
    const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const parameters = names.map((name) => ({ name, in: "path", required: true, schema: { type: "string" } }));
    paths[path] = { ...paths[path], [verb.toLowerCase()]: { parameters } };
  }
  return JSON.stringify({ openapi: "3.0.3", info: { title: "Users", version: "1" }, paths });
}

const ROLES = `package access.roles

clerk := {"groups": {"Clerks"}}

accountant := {"groups": {"Accountants"}}
`;

const CONDITIONS = `# METADATA
# schemas:
# - input: schema.input
package access.conditions

in_the_office if net.cidr_contains("203.0.113.0/24", input.request.source_ip)
`;

/** A grant of billing that needs a condition, so that the response depends on the address. */
const BILLING = `package access.billing

grants["read"] := {"api": {"billing"}, "roles": {"accountant"}, "verbs": {"GET"}, "path": "/users/{id}", "when": {"in_the_office"}}

denials["kept"] := {"api": {"billing"}, "verbs": {"DELETE"}, "path": "/users/{id}"}
`;

/** The policy of two APIs whose `GET /users/{id}` differ, and their documents. Paths are from the folder of the policies. */
export const TWO_APIS = {
  "access/roles.rego": ROLES,
  "access/conditions.rego": CONDITIONS,
  "access/billing.rego": BILLING,
  "access/orders.rego": `package access.orders

grants["read"] := {"api": {"orders"}, "roles": {"clerk"}, "verbs": {"GET"}, "path": "/users/{id}"}
`,
  "access/both.rego": `package access.both

grants["remove"] := {"roles": {"accountant", "clerk"}, "verbs": {"DELETE"}, "path": "/users/{id}"}
`,
  "../orders.json": toDocument("GET /users/{id}", "DELETE /users/{id}"),
  "../billing.json": toDocument("GET /users/{id}", "DELETE /users/{id}"),
};

/** Changes that are for the API billing alone: a route, a grant for it, and one for a path that orders does not have. */
export const CHANGED_BILLING = {
  "../billing.json": toDocument("GET /users/{id}", "DELETE /users/{id}", "GET /bills"),
  "access/billing.rego": `${BILLING}
grants["change"] := {"api": {"billing"}, "roles": {"accountant"}, "verbs": {"GET"}, "path": "/users/{user}", "when": {"in_the_office"}}

grants["bills"] := {"roles": {"accountant"}, "verbs": {"GET"}, "path": "/bills", "when": {"in_the_office"}}
`,
};

/** Public rules, one of them for the API billing alone, and the routes that they open. */
export const OPENED_PARTS = {
  "access/open.rego": `package access.open

# METADATA
# title: Monitoring asks whether the service runs
public["health"] := {"verbs": {"GET"}, "path": "/health"}

# METADATA
# title: Everybody reads the list of prices
public["prices"] := {"verbs": {"GET"}, "path": "/prices", "api": {"billing"}}
`,
  "../orders.json": toDocument("GET /users/{id}", "DELETE /users/{id}", "GET /health"),
  "../billing.json": toDocument("GET /users/{id}", "DELETE /users/{id}", "GET /health", "GET /prices"),
};

/** Lists the documents in the root of a workspace. */
export function documentsIn(root: string): readonly ApiDocument[] {
  return ["orders", "billing"].map((api) => ({ api, file: join(root, `${api}.json`) }));
}
