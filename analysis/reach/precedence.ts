import type { CachingApi } from "../../contract/api-kinds.ts";
import { parseTemplate } from "../../contract/path-template.ts";
import type { Route } from "../../contract/route.ts";

/**
 * Tells whether API Gateway serves a request by one route rather than another if both match it.
 *
 * Segment by segment, a literal comes before `{name}`, and that before `{name+}`; then the verb comes before `ANY`. On an HTTP
 * API all routes without `{name+}` come first.
 *
 * @param kind - Without it, the answer is yes only if it is so on both kinds of API.
 * @see API Gateway developer guide, "Create routes for HTTP APIs in API Gateway"
 */
export function isServedBefore(one: Route, other: Route, method: string, kind: CachingApi | undefined): boolean {
  if (one.verb !== method && one.verb !== "ANY") return false;
  const kinds: readonly CachingApi[] = kind === undefined ? ["rest", "http"] : [kind];
  return kinds.every((each) => rankOf(one, each) < rankOf(other, each));
}

/** Makes a text that sorts before those of less specific routes. */
function rankOf({ verb, path }: Route, kind: CachingApi): string {
  const ranks = parseTemplate(path).map((segment) => (segment.kind === "literal" ? 0 : segment.isGreedy ? 2 : 1));
  const isLast = kind === "http" && ranks.includes(2);
  return [isLast ? 1 : 0, ...ranks, verb === "ANY" ? 1 : 0].join("");
}
