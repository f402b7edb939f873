import { parseTemplate } from "../contract/path-template.ts";
import { API_TRAITS } from "./api-traits.ts";
import type { SimulatedApi, SimulatedRoute } from "./simulated-api.ts";

/** The route that serves a request. */
export interface RouteMatch {
  readonly route: SimulatedRoute;
  /** The values of the route's parameters: encoded on a REST API, decoded on an HTTP API. */
  readonly pathParameters: Readonly<Record<string, string>>;
}

/**
 * Finds the route for a method and a path.
 *
 * A route must match both. If a template lacks this method, a less specific template can serve the request. Of several
 * routes the most specific one wins: segment by segment, a literal before `{name}` before `{name+}`, and then the verb
 * before `ANY`. On an HTTP API a template without `{name+}` comes first, and `$default` last. Several slashes at the start
 * count as one, and a slash at the end is ignored. Literals are compared with the encoded path on a REST API and with the
 * decoded path on an HTTP API; AWS does not document this.
 *
 * `X-HTTP-Method-Override`, with which a REST API uses another method than the request's, is not modelled. AWS does not
 * document which method the ARN then has.
 *
 * @param path - Percent-encoded, without stage and base path.
 * @see API Gateway developer guide, "Create routes for HTTP APIs in API Gateway"
 */
export function findRoute(api: SimulatedApi, method: string, path: string): RouteMatch | undefined {
  const { routeWithoutPath, routesByPath, decodesPaths, ranksGreedyLast } = API_TRAITS[api.kind];
  const whole = api.routes.find((route) => route.path === routeWithoutPath);
  const fallback = whole && { route: whole, pathParameters: {} };
  if (!routesByPath) return fallback;
  const trimmed = path.replace(/^\/+/, "").replace(/\/$/, "");
  const segments = trimmed === "" ? [] : trimmed.split("/");
  const matches = api.routes
    .filter(({ verb, path: template }) => template.startsWith("/") && (verb === method || verb === "ANY"))
    .flatMap((route) => {
      const pathParameters = matchTemplate(route.path, segments, decodesPaths);
      return pathParameters === undefined ? [] : [{ route, pathParameters, rank: rankOf(route, ranksGreedyLast) }];
    })
    .toSorted((one, other) => one.rank.localeCompare(other.rank));
  const [best] = matches;
  if (best !== undefined) return { route: best.route, pathParameters: best.pathParameters };
  return fallback;
}

function matchTemplate(
  template: string,
  segments: readonly string[],
  isDecoded: boolean,
): Readonly<Record<string, string>> | undefined {
  const read = (text: string) => (isDecoded ? decodeURIComponent(text) : text);
  const parameters = new Map<string, string>();
  const parts = parseTemplate(template);
  for (const [at, part] of parts.entries()) {
    const isGreedy = part.kind === "parameter" && part.isGreedy;
    const rest = isGreedy ? segments.slice(at).join("/") : segments[at];
    if (rest === undefined) return undefined;
    if (part.kind === "literal") {
      if (read(rest) !== part.text) return undefined;
      continue;
    }
    if (rest === "") return undefined;
    parameters.set(part.name, read(rest));
    if (isGreedy) return Object.fromEntries(parameters);
  }
  return parts.length === segments.length ? Object.fromEntries(parameters) : undefined;
}

/** Makes a text that sorts before the ranks of less specific routes. */
function rankOf({ verb, path }: SimulatedRoute, ranksGreedyLast: boolean): string {
  const ranks = parseTemplate(path).map((part) => (part.kind === "literal" ? 0 : part.isGreedy ? 2 : 1));
  return [ranksGreedyLast && ranks.includes(2) ? 1 : 0, ...ranks, verb === "ANY" ? 1 : 0].join("");
}
