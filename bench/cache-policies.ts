/** A policy for an API of some number of routes, and the API's OpenAPI document. */
export interface CacheBench {
  readonly policies: Readonly<Record<string, string>>;
  readonly openApi: string;
  /** One entry for each route such as `GET /r0/{id}`, with the number of its resource. */
  readonly routes: readonly { readonly method: string; readonly template: string; readonly resource: number }[];
  readonly teams: number;
}

/** The number of resources that one team looks after. */
const RESOURCES_OF_A_TEAM = 4;

/** The number of resources whose items belong to customers. */
const CUSTOMERS_RESOURCES = 10;

/**
 * Creates the policy and the OpenAPI document of the benchmark.
 *
 * Each resource has four routes: its list and its change belong to a team, its items to the team and, if they are their
 * own, to customers. So most decisions depend on the principal.
 */
export function toCacheBench(routeCount: number): CacheBench {
  const resources = routeCount / 4;
  const teams = Math.ceil(resources / RESOURCES_OF_A_TEAM);
  const rules = [...Array(resources).keys()].map((at) => {
    const team = `team_${Math.floor(at / RESOURCES_OF_A_TEAM)}`;
    return `grants["list_${at}"] := {"roles": {"${team}"}, "verbs": {"GET", "POST"}, "path": "/r${at}"}

grants["item_${at}"] := {"roles": {"${team}"}, "verbs": {"GET", "PUT"}, "path": "/r${at}/{id}"}
${at < CUSTOMERS_RESOURCES ? ownOf(at) : ""}`;
  });
  const roles = [...Array(teams).keys()].map((at) => `team_${at} := {"groups": {"Team${at}"}}\n`);
  const operations = [...Array(resources).keys()].map(
    (at) => `  /r${at}: { get: {}, post: {} }\n  /r${at}/{id}: { get: {}, put: {} }\n`,
  );
  const routes = [...Array(resources).keys()].flatMap((resource) => [
    { method: "GET", template: `/r${resource}`, resource },
    { method: "POST", template: `/r${resource}`, resource },
    { method: "GET", template: `/r${resource}/{id}`, resource },
    { method: "PUT", template: `/r${resource}/{id}`, resource },
  ]);
  return {
    policies: {
      "access/roles.rego": `package access.roles\n\ncustomer := {"groups": {"Customers"}}\n\n${roles.join("\n")}`,
      "access/api.rego": `package access.api\n\n${rules.join("\n")}`,
    },
    openApi: `openapi: 3.0.1\npaths:\n${operations.join("")}`,
    routes,
    teams,
  };
}

function ownOf(at: number): string {
  return `
grants["own_${at}"] := {
	"roles": {"customer"},
	"verbs": {"GET"},
	"path": "/r${at}/{id}",
	"where": {"id": "custom:customer_id"},
}
`;
}
