import { HTTP_METHODS, methodsOf, methodsOfAll, type Route } from "../../contract/route.ts";
import { allPaths, declaredPaths, type Universe } from "../paths/proof.ts";
import { overlaps } from "../paths/templates.ts";

/** What could be asked of an API: by HTTP method, the paths that its routes take. */
export interface ReachablePaths {
  readonly isDeclared: boolean;
  /** One and the same for methods with the same paths. */
  readonly byVerb: ReadonlyMap<string, MethodPaths>;
}

/** The paths that could arrive, and the templates that they are of, if routes are declared. */
interface MethodPaths extends Universe {
  readonly paths: readonly string[];
}

/** @param routes - Without them, all methods on all canonical paths. */
export function toReachablePaths(routes: readonly Route[] | undefined): ReachablePaths {
  if (routes === undefined) {
    const everywhere = { ...allPaths(), paths: [] };
    return { isDeclared: false, byVerb: new Map(HTTP_METHODS.map((verb) => [verb, everywhere])) };
  }
  const byVerb = new Map<string, MethodPaths>();
  const known = new Map<string, MethodPaths>();
  for (const verb of HTTP_METHODS) {
    const paths = routes.filter((route) => methodsOf(route.verb).includes(verb)).map(({ path }) => path);
    const key = JSON.stringify(paths);
    const place = known.get(key) ?? { ...declaredPaths(paths), paths };
    known.set(key, place);
    if (paths.length > 0) byVerb.set(verb, place);
  }
  return { isDeclared: true, byVerb };
}

/** The methods with which a path of this template could be asked for. */
export function verbsAt(
  { isDeclared, byVerb }: ReachablePaths,
  verbs: readonly string[],
  path: string,
): readonly string[] {
  const methods = methodsOfAll(verbs);
  if (!isDeclared) return methods.filter((verb) => byVerb.has(verb));
  return methods.filter((verb) => byVerb.get(verb)?.paths.some((declared) => overlaps(declared, path)) === true);
}
