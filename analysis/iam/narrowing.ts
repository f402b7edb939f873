import { parseSegment, parseTemplate, segmentsOf } from "../../contract/path-template.ts";
import { err, ok, type Result } from "../../contract/result.ts";
import { HTTP_METHODS } from "../../contract/route.ts";
import { globOfPattern, toPattern } from "../paths/iam-patterns.ts";
import { type Glob, RUN } from "../paths/language.ts";
import { findCommon, findMismatch, type Mismatch, type Universe } from "../paths/proof.ts";
import type { ReachablePaths } from "./reachable-paths.ts";
import type { UnconditionalGrant } from "./unconditional-grants.ts";

/** Patterns to deny, so that a grant's pattern allows what is granted and no more. Most grants need none. */
export type NarrowingDenials = readonly string[];

/** Proves patterns of grants, for the holders of some roles. */
interface Prover {
  /** @returns The denials that the pattern needs, or why it can't be proved. */
  readonly forVerb: (grant: UnconditionalGrant, verb: string) => Result<NarrowingDenials, string>;
  /** Proves the pattern behind a `*` for the verb, which matches the beginning of a path as well. */
  readonly forAllVerbs: (grant: UnconditionalGrant) => NarrowingDenials | undefined;
}

/** The paths that could arrive with a method, and the grants for that method. */
interface GrantedUniverse {
  readonly universe: Universe;
  readonly granted: readonly UnconditionalGrant[];
}

/**
 * Creates a prover.
 *
 * @param granted - All grants of the holders, by method.
 */
export function createProver(
  reachable: ReachablePaths,
  granted: ReadonlyMap<string, readonly UnconditionalGrant[]>,
): Prover {
  const byVerb = new Map<string, GrantedUniverse>();
  for (const verb of HTTP_METHODS) {
    const universe = reachable.byVerb.get(verb);
    if (universe !== undefined) byVerb.set(verb, { universe, granted: granted.get(verb) ?? [] });
  }
  const all = [...byVerb.values()].filter(
    (one, at, list) =>
      list.findIndex((other) => other.universe === one.universe && other.granted === one.granted) === at,
  );
  return {
    forVerb(grant, verb) {
      const one = byVerb.get(verb);
      if (one === undefined || !hasWildcard(grant)) return ok([]);
      const mismatch = findMismatchAt(one, grant);
      if (mismatch === undefined) return ok([]);
      const denials = toNarrowingDenials(grant);
      const globs = denials.map(globOfPattern);
      const isProved = findMismatchAt(one, grant, globs) === undefined && !deniesGranted(one, globs);
      return isProved ? ok(denials) : err(describe(grant, mismatch));
    },
    forAllVerbs(grant) {
      const isExact = (spared: readonly Glob[]) =>
        all.every((one) => findMismatchAt(one, grant, spared, true) === undefined);
      if (isExact([])) return [];
      const denials = [`/*${toPattern(grant.path, {}).join("")}`, ...toNarrowingDenials(grant)];
      const globs = denials.map((pattern): Glob => [RUN, ...globOfPattern(pattern)]);
      return all.every((one) => !deniesGranted(one, globs)) && isExact(globs) ? denials : undefined;
    },
  };
}

/** Finds a mismatch, except on paths of grants whose claims are among those of this grant: its holders have these, too. */
function findMismatchAt(
  { universe, granted }: GrantedUniverse,
  grant: UnconditionalGrant,
  spared: readonly Glob[] = [],
  isForAll = false,
) {
  const claims = Object.values(grant.where);
  const may = granted.filter(({ where }) => Object.values(where).every((claim) => claims.includes(claim)));
  return findMismatch(grant, universe, may, spared, isForAll);
}

function deniesGranted({ universe, granted }: GrantedUniverse, denied: readonly Glob[]): boolean {
  const paths = granted.map(({ path }) => path);
  return findCommon(universe, paths, denied) !== undefined;
}

/** Tells whether the pattern of a grant has a wildcard. */
function hasWildcard({ path, where }: UnconditionalGrant): boolean {
  return parseTemplate(path).some(
    (segment) => segment.kind === "parameter" && (segment.isGreedy || !Object.hasOwn(where, segment.name)),
  );
}

/**
 * Makes patterns for all paths that the wildcards of a grant match with one segment too many. They have no variables: a
 * missing tag would make them match nothing.
 */
function toNarrowingDenials({ path, where }: UnconditionalGrant): NarrowingDenials {
  const segments = segmentsOf(path);
  return segments.flatMap((text, at) => {
    const segment = parseSegment(text);
    if (segment.kind === "literal" || segment.isGreedy || Object.hasOwn(where, segment.name)) return [];
    const doubled = [...segments.slice(0, at), "{one}", "{more}", ...segments.slice(at + 1)];
    return [toPattern(`/${doubled.join("/")}`, {}).join("")];
  });
}

function describe({ path }: UnconditionalGrant, mismatch: Mismatch): string {
  switch (mismatch.code) {
    case "too_many_claims":
      return "`where` has too many claims for a proof";
    case "too_wide":
      return `${mismatch.resource} would allow ${mismatch.path}, which ${path} does not match`;
    case "too_narrow":
      return `${mismatch.resource} would not allow ${mismatch.path}, which ${path} matches`;
    default:
      return mismatch satisfies never;
  }
}
