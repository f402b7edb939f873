import { ok, type Result } from "../../contract/result.ts";
import { createGlobIndex } from "./glob-index.ts";
import { globOfTemplate } from "./iam-patterns.ts";
import { createAutomaton, createIntersection, type Glob, haveCommon, RUN } from "./language.ts";
import { type Counterexample, type Steps, search } from "./search.ts";

/** The paths that could arrive with a verb: those of some templates, or all. */
export interface Universe {
  /** Every canonical path could arrive. */
  readonly isAll: boolean;
  /** Lists those of its patterns that have a path in common with this one. */
  readonly near: (pattern: Glob) => readonly Glob[];
}

/** Makes the universe of an API's routes. */
export function declaredPaths(paths: readonly string[]): Universe {
  const globs = paths.map((path) => globOfTemplate(path));
  return { isAll: false, near: createGlobIndex(globs, (glob) => glob).near };
}

/** Makes the universe of all canonical paths. */
export function allPaths(): Universe {
  return { isAll: true, near: () => [[RUN]] };
}

/** Finds a path that could arrive and matches one of the templates and the pattern, but no template of `except`. */
export function findCommon(
  universe: Universe,
  templates: readonly string[],
  pattern: Glob,
  except: readonly string[],
  steps: Steps,
): Result<string | undefined, "too_long"> {
  const near = (globs: readonly Glob[]) => globs.filter((glob) => haveCommon(pattern, glob));
  const included = near(templates.map((path) => globOfTemplate(path)));
  if (included.length === 0) return ok(undefined);
  const arriving = universe.near(pattern);
  const excluded = near(except.map((path) => globOfTemplate(path)));
  const found = findCommonOf(arriving, included, excluded, pattern, steps);
  return found.ok ? ok(found.value && `/${found.value.text.join("/")}`) : found;
}

/** Finds a path that matches one of the first, one of the second and the pattern, but none of `excluded`. */
function findCommonOf(
  arriving: readonly Glob[],
  included: readonly Glob[],
  excluded: readonly Glob[],
  pattern: Glob,
  steps: Steps,
): Result<Counterexample | undefined, "too_long"> {
  return search(
    {
      universe: createIntersection(createAutomaton(arriving), createAutomaton(included)),
      matched: createAutomaton([pattern]),
      must: createAutomaton([]),
      may: createAutomaton(excluded),
    },
    toOther(literalsOf([...arriving, ...included, ...excluded, pattern])),
    steps,
  );
}

/** Tells whether a path that could arrive matches the pattern and one of these; true if the search for one takes too long. */
export function isCommon(universe: Universe, globs: readonly Glob[], pattern: Glob, steps: Steps): boolean {
  const included = globs.filter((glob) => haveCommon(pattern, glob));
  if (included.length === 0) return false;
  const arriving = universe.near(pattern);
  // Most routes are those of a grant, and each has a path in common with the pattern.
  if (universe.isAll || arriving.some((route) => included.some((glob) => areEqual(route, glob)))) return true;
  const found = findCommonOf(arriving, included, [], pattern, steps);
  return !found.ok || found.value !== undefined;
}

function areEqual(one: Glob, other: Glob): boolean {
  return (
    one.length === other.length &&
    one.every(({ literal, isRun }, at) => literal === other[at]?.literal && isRun === other[at]?.isRun)
  );
}

/** Tells whether each text of one pattern is one of the other, as far as that shows symbol by symbol. */
function isPartOf(narrow: Glob, wide: Glob): boolean {
  const isOpen = wide.at(-1)?.isRun === true;
  const head = isOpen ? wide.slice(0, -1) : wide;
  return (
    (isOpen ? narrow.length >= head.length : narrow.length === head.length) &&
    head.every(({ literal, isRun }, at) => {
      const mine = narrow[at];
      if (mine === undefined || mine.isRun === true || isRun === true) return false;
      return literal === undefined || literal === mine.literal;
    })
  );
}

/** Tells whether a path that could arrive matches the first pattern, but none of the others; undefined if the search takes too long. */
export function isBeyond(
  universe: Universe,
  included: Glob,
  patterns: readonly Glob[],
  steps: Steps,
): boolean | undefined {
  const arriving = universe.near(included);
  const excluded = patterns.filter((glob) => haveCommon(glob, included));
  if (excluded.length === 0 && arriving.length > 0) return true;
  if (excluded.some((glob) => isPartOf(included, glob))) return false;
  const found = search(
    {
      universe: createIntersection(createAutomaton(arriving), createAutomaton([included])),
      matched: createAutomaton([[RUN]]),
      must: createAutomaton([]),
      may: createAutomaton(excluded),
    },
    toOther(literalsOf([...arriving, included, ...excluded])),
    steps,
  );
  return found.ok ? found.value !== undefined : undefined;
}

/** Lists the segments that patterns name. */
function literalsOf(globs: readonly Glob[]): readonly string[] {
  return [...new Set(globs.flat().flatMap(({ literal }) => literal ?? []))];
}

/** Makes a segment that differs from all of these. */
export function toOther(literals: readonly string[]): string {
  return ["x", "y", "z"].find((segment) => !literals.includes(segment)) ?? literals.join("");
}
