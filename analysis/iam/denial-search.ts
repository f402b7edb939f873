import { parseSegment, segmentsOf } from "../../contract/path-template.ts";
import { err, ok, type Result } from "../../contract/result.ts";
import type { GlobIndex } from "../paths/glob-index.ts";
import { globOfPattern, toPattern } from "../paths/iam-patterns.ts";
import { segmentsOfPattern, segmentsOfTemplate, toIntersections } from "../paths/intersections.ts";
import { type Glob, haveCommon, ONE, RUN } from "../paths/language.ts";
import { findMismatch, type Mismatch, type Proofs } from "../paths/mismatch.ts";
import { isBeyond, isCommon } from "../paths/proof.ts";
import { type Steps, TOO_LONG } from "../paths/search.ts";
import type { MethodPaths } from "./reachable-paths.ts";
import type { UnconditionalGrant } from "./unconditional-grants.ts";

/** The paths that could arrive with a method, the grants for that method, and what the document denies. */
export interface GrantedUniverse {
  readonly universe: MethodPaths;
  readonly granted: GlobIndex<UnconditionalGrant>;
  /** The paths that the document denies anyway, and then those of the denials that grants needed so far. */
  readonly denied: Pick<GlobIndex<Glob>, "add" | "near">;
}

/** A denial that a grant needs. */
export interface Denial {
  readonly glob: Glob;
  readonly isHarmless: boolean;
}

/** A segment that hardly any template has. One that has it only makes {@link findDenials} search. */
const SOME_SEGMENT = "<some>";

/** The most denials that one grant may need. More would take up most of a document. */
const MAX_DENIALS = 40;

/**
 * Finds denials with which the pattern of a grant allows nothing but what is granted, one for each path that it would allow by
 * mistake.
 *
 * A denial that takes nothing from any grant is preferred. Otherwise it may be one of a declared route that takes some paths of
 * another grant: a `*` matches slashes, so the denial of `/orders/{id}/audit` takes the file
 * `audit` below `/orders/{id}/files/{path+}`, too.
 *
 * @param worlds - The methods that the pattern is for.
 * @param isForAll - The pattern follows a `*` for the verb, and so do the denials. These take nothing from any grant.
 */
export function findDenials(
  worlds: readonly GrantedUniverse[],
  grant: UnconditionalGrant,
  isForAll: boolean,
  proofs: Proofs,
): Result<ReadonlyMap<string, Denial>, string> {
  const { steps } = proofs;
  const toGlob = remembering((pattern): Glob => [...(isForAll ? [RUN] : []), ...globOfPattern(pattern)]);
  const candidates = lazily(() => toCandidates(worlds, grant, isForAll));
  const widest = widestOf(grant, isForAll);
  const found = new Map<string, Denial>();
  if (isForAll && worlds.some(isLost))
    return err("a pattern for all verbs matches a path that only ends like this one");
  for (const one of worlds) {
    const known = isForAll ? [] : one.denied.near(widest);
    const may = listSpared(one, grant, widest);
    for (;;) {
      const spared = [...known, ...[...found.values()].map(({ glob }) => glob)];
      const question = { template: grant, universe: one.universe, may, spared, isForAllVerbs: isForAll };
      const mismatch = findMismatch(question, proofs);
      if (mismatch === undefined) break;
      const denial = found.size < MAX_DENIALS && mismatch.code === "too_wide" && findDenial(mismatch.path);
      if (!denial) return err(describe(grant, mismatch));
      const { pattern, isHarmless } = denial;
      found.set(pattern, { glob: toGlob(pattern), isHarmless });
    }
  }
  return ok(found);

  function isHarmless(pattern: string): boolean {
    return worlds.every((one) => !deniesGranted(one, toGlob(pattern), steps));
  }

  function findDenial(path: string): { readonly pattern: string; readonly isHarmless: boolean } | undefined {
    const text = segmentsOf(path).map((literal) => ({ literal }));
    const isUseful = (pattern: string) => !found.has(pattern) && haveCommon(toGlob(pattern), text);
    const { general, ofRoutes } = candidates();
    const harmless = [...general, ...ofRoutes].find((pattern) => isUseful(pattern) && isHarmless(pattern));
    if (harmless !== undefined) return { pattern: harmless, isHarmless: true };
    const other = isForAll ? undefined : ofRoutes.find((pattern) => isUseful(pattern) && leavesAll(pattern));
    return other === undefined ? undefined : { pattern: other, isHarmless: false };
  }

  /**
   * Tells whether nothing can spare a path that only ends like those of the grant: it is not granted, and each denial of it takes
   * something from a grant. That is the case in most groups with two greedy grants, and is told sooner than by a search.
   */
  function isLost(one: GrantedUniverse): boolean {
    const path = [ONE, ...grant.glob].map((symbol) => ({ literal: symbol.literal ?? SOME_SEGMENT }));
    if (one.granted.hasNear(path) || one.universe.near(path).length === 0) return false;
    const { general, ofRoutes } = candidates();
    return [...general, ...ofRoutes].every((pattern) => !haveCommon(toGlob(pattern), path) || !isHarmless(pattern));
  }

  /** Tells whether every grant keeps some path if this is denied, too. */
  function leavesAll(pattern: string): boolean {
    return worlds.every((one) => {
      const more = [...[...found.values()].map(({ glob }) => glob), toGlob(pattern)];
      return one.granted.near(toGlob(pattern)).every((other) => {
        const all = [...one.denied.near(other.glob), ...more];
        return (
          !takesFrom(one, other, toGlob(pattern), steps) || isBeyond(one.universe, other.glob, all, steps) === true
        );
      });
    });
  }
}

/** Tells whether a denial takes a path of a grant; true if that can't be found out in time. */
export function takesFrom(
  { universe }: GrantedUniverse,
  { glob }: UnconditionalGrant,
  denied: Glob,
  steps: Steps,
): boolean {
  return isCommon(universe, [glob], denied, steps);
}

/** Denials that could narrow a grant: of one segment too many, and of declared routes that its pattern would open. */
interface Candidates {
  readonly general: readonly string[];
  readonly ofRoutes: readonly string[];
}

function toCandidates(worlds: readonly GrantedUniverse[], grant: UnconditionalGrant, isForAll: boolean): Candidates {
  const pattern = segmentsOfPattern(grant.path, grant.where);
  const near = widestOf(grant, isForAll);
  const routes = new Set(worlds.flatMap(({ universe }) => universe.pathsNear(near)));
  return {
    general: [...(isForAll ? [`/*${toPattern(grant.path, {}).join("")}`] : []), ...toNarrowingDenials(grant)],
    ofRoutes: [...routes].flatMap((path) => {
      const route = segmentsOfTemplate(path);
      // Behind a `*` for the verb, a pattern also matches paths that only end like it.
      return [...toIntersections(route, pattern), ...(isForAll ? toIntersections(route, ["many", ...pattern]) : [])];
    }),
  };
}

/** Creates a function that makes its value when it is first called. */
function lazily<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** Creates a function that remembers its results for texts. */
function remembering<Value>(toValue: (text: string) => Value): (text: string) => Value {
  const known = new Map<string, Value>();
  return (text) => {
    const value = known.get(text) ?? toValue(text);
    known.set(text, value);
    return value;
  };
}

/** Lists the grants whose paths a pattern may match as well: their claims are among those of its grant, so that its holders have these, too. */
function listSpared({ granted }: GrantedUniverse, { where }: UnconditionalGrant, widest: Glob) {
  const claims = Object.values(where);
  return granted.near(widest).filter((one) => Object.values(one.where).every((claim) => claims.includes(claim)));
}

/** Describes the paths that the pattern of a grant matches at most. */
function widestOf({ widest }: UnconditionalGrant, isForAllVerbs: boolean): Glob {
  return isForAllVerbs ? [RUN, ...widest] : widest;
}

function deniesGranted({ universe, granted }: GrantedUniverse, denied: Glob, steps: Steps): boolean {
  if (universe.isAll) return granted.hasNear(denied);
  const globs = granted.near(denied).map(({ glob }) => glob);
  return isCommon(universe, globs, denied, steps);
}

/**
 * Makes patterns for all paths that the wildcards of a grant match with one segment too many. They have no variables: a
 * missing tag would make them match nothing.
 */
function toNarrowingDenials({ path, where }: UnconditionalGrant): readonly string[] {
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
    case "too_long":
      return TOO_LONG;
    case "too_wide":
      return `${mismatch.resource} would allow ${mismatch.path}, which ${path} does not match`;
    case "too_narrow":
      return `${mismatch.resource} would not allow ${mismatch.path}, which ${path} matches`;
    default:
      return mismatch satisfies never;
  }
}
