import type { Coverage, CoveringRule, RouteOfApi } from "./coverage.ts";

/** The form of the JSON that `rego-authorizer coverage` prints. */
interface CoverageReport {
  readonly format: 1;
  readonly routes: number;
  readonly rules: number;
  readonly routes_without_rule: readonly object[];
  readonly denied_routes: readonly object[];
  readonly rules_without_route: readonly object[];
  readonly rules_of_web_socket: readonly object[];
}

/** Makes the report of a coverage. */
export function toCoverageReport(coverage: Coverage): CoverageReport {
  const ofRoute = ({ api, verb, path, file, line }: RouteOfApi) => ({
    ...(api !== undefined && { api }),
    ...{ verb, path, file, line },
  });
  const ofRule = ({ kind, name, verbs, path, file, line }: CoveringRule) => ({ kind, name, verbs, path, file, line });
  return {
    format: 1,
    routes: coverage.routes,
    rules: coverage.rules,
    routes_without_rule: coverage.routesWithoutRule.map(ofRoute),
    denied_routes: coverage.deniedRoutes.map(ofRoute),
    rules_without_route: coverage.rulesWithoutRoute.map(ofRule),
    rules_of_web_socket: coverage.rulesOfWebSocket.map(ofRule),
  };
}

/** Formats a coverage as lines for people, `file:line: …`, with the numbers last. */
export function formatCoverage(coverage: Coverage): readonly string[] {
  const { routes, rules, routesWithoutRule, deniedRoutes, rulesWithoutRoute, rulesOfWebSocket } = coverage;
  const at = ({ file, line }: { readonly file: string; readonly line: number }) => `${file}:${line}:`;
  const socket = rulesOfWebSocket.length;
  return [
    ...routesWithoutRule.map((route) => `${at(route)} no grant, denial or public rule reaches ${nameOf(route)}`),
    ...deniedRoutes.map((route) => `${at(route)} denials alone reach ${nameOf(route)}`),
    ...rulesWithoutRoute.map(
      (rule) =>
        `${at(rule)} no route reaches the ${WORDS[rule.kind]} ${rule.name} (${rule.verbs.join(", ")} ${rule.path})`,
    ),
    `${count(routesWithoutRule.length, "route")} of ${routes} without a rule, ${count(deniedRoutes.length, "route")} with denials alone, ${count(rulesWithoutRoute.length, "rule")} of ${rules} without a route`,
    ...(socket === 0
      ? []
      : [`${count(socket, "rule")} for WebSocket APIs not compared: OpenAPI documents don't have their routes`]),
  ];
}

/** The most routes and rules that a summary names. */
const MAX_NAMED = 3;

/**
 * Summarizes a coverage for a build, in a line for routes and a line for rules; empty if there is nothing to say.
 *
 * @param command - The command that lists them all.
 */
export function summarizeCoverage(coverage: Coverage, command: string): readonly string[] {
  const { routes, rules, routesWithoutRule, rulesWithoutRoute } = coverage;
  const some = (names: readonly string[]) =>
    `${names.slice(0, MAX_NAMED).join(", ")}${names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : ""}`;
  return [
    ...(routesWithoutRule.length === 0
      ? []
      : [
          `no grant, denial or public rule reaches ${routesWithoutRule.length} of ${count(routes, "route")}, so nobody can call them: ${some(routesWithoutRule.map(nameOf))}; ${command} lists them`,
        ]),
    ...(rulesWithoutRoute.length === 0
      ? []
      : [
          `no route reaches ${rulesWithoutRoute.length} of ${count(rules, "rule")}: ${some(rulesWithoutRoute.map(({ name }) => name))}; ${command} lists them`,
        ]),
  ];
}

const WORDS = { grant: "grant", denial: "denial", public: "public rule" } as const;

function nameOf({ api, verb, path }: RouteOfApi): string {
  return `${verb} ${path}${api === undefined ? "" : ` of ${api}`}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
