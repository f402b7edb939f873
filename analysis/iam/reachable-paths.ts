import { HTTP_METHODS, methodsOf, methodsOfAll, type Route } from "../../contract/route.ts";
import { createGlobIndex } from "../paths/glob-index.ts";
import { globOfTemplate } from "../paths/iam-patterns.ts";
import type { Glob } from "../paths/language.ts";
import { allPaths, declaredPaths, type Universe } from "../paths/proof.ts";

/** The requests that can arrive at an API: for each HTTP method, the paths of its routes. */
export interface ReachablePaths {
  readonly isDeclared: boolean;
  /** Methods with the same paths share one value. */
  readonly byVerb: ReadonlyMap<string, MethodPaths>;
}

/** The paths that could arrive, and their templates, if routes are declared. */
export interface MethodPaths extends Universe {
  /** Lists the templates that have a path in common with a pattern. */
  readonly pathsNear: (pattern: Glob) => readonly string[];
}

/**
 * Lists the requests that can arrive at an API.
 *
 * @param routes - The API's routes; default: all methods on all canonical paths.
 */
export function toReachablePaths(routes: readonly Route[] | undefined): ReachablePaths {
  if (routes === undefined) {
    const everywhere = { ...allPaths(), pathsNear: () => [] };
    return { isDeclared: false, byVerb: new Map(HTTP_METHODS.map((verb) => [verb, everywhere])) };
  }
  const byVerb = new Map<string, MethodPaths>();
  const known = new Map<string, MethodPaths>();
  for (const verb of HTTP_METHODS) {
    const paths = routes.filter((route) => methodsOf(route.verb).includes(verb)).map(({ path }) => path);
    const key = JSON.stringify(paths);
    const methodPaths = known.get(key) ?? toMethodPaths(paths);
    known.set(key, methodPaths);
    if (paths.length > 0) byVerb.set(verb, methodPaths);
  }
  return { isDeclared: true, byVerb };
}

/** Picks the methods with which a path of this template can arrive. */
export function verbsAt(
  { isDeclared, byVerb }: ReachablePaths,
  verbs: readonly string[],
  glob: Glob,
): readonly string[] {
  const methods = methodsOfAll(verbs);
  if (!isDeclared) return methods.filter((verb) => byVerb.has(verb));
  return methods.filter((verb) => (byVerb.get(verb)?.near(glob).length ?? 0) > 0);
}

function toMethodPaths(paths: readonly string[]): MethodPaths {
  return { ...declaredPaths(paths), pathsNear: createGlobIndex(paths, (path) => globOfTemplate(path)).near };
}
