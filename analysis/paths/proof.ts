import { createGlobIndex } from "./glob-index.ts";
import { globOfPattern, globOfTemplate, toPattern } from "./iam-patterns.ts";
import { createAutomaton, createIntersection, findCounterexample, type Glob, haveCommon, RUN } from "./language.ts";

/** The paths that could arrive with a verb: those of some templates, or all. */
export interface Universe {
  /** Lists those of its patterns that have a path in common with this one. */
  readonly near: (pattern: Glob) => readonly Glob[];
  /** Is called for each step of a proof about these paths, and may end it by an error. */
  readonly visit?: () => void;
}

/** The path template of a grant or denial, and the claims that its parameters have to equal. */
export interface BoundTemplate {
  readonly path: string;
  readonly where?: Readonly<Record<string, string>>;
}

/** The reason why a pattern matches other paths than its template: such a path, and the resource that the pattern gives. */
export type Mismatch =
  | { readonly code: "too_many_claims" }
  | { readonly code: "too_wide" | "too_narrow"; readonly path: string; readonly resource: string };

/** The most combinations of claim values that a proof tries. It bounds the time of a build. */
const MAX_COMBINATIONS = 20_000;

/** Values that no path names. Each claim has its own, so that they differ. */
const SOME_VALUES = ["<one>", "<another>", "<a third>", "<a fourth>"];

/** Makes the universe of an API's routes. */
export function declaredPaths(paths: readonly string[]): Universe {
  return createGlobIndex(
    paths.map((path) => globOfTemplate(path)),
    (glob) => glob,
  );
}

/** Makes the universe of all canonical paths. */
export function allPaths(): Universe {
  return { near: () => [[RUN]] };
}

/**
 * Compares the pattern of a template with the template, for every value of its claims that could make a difference: a
 * value that no path names, and each literal of a path.
 *
 * @param may - Templates whose paths the pattern may match as well.
 * @param spared - Paths that the pattern may match, since they are denied.
 * @param isForAllVerbs - The pattern follows a `*` for the verb, which matches the beginning of a path, too.
 * @returns The shortest counterexample; undefined if for every value the pattern matches the template's paths and no others.
 */
export function findMismatch(
  template: BoundTemplate,
  universe: Universe,
  may: readonly BoundTemplate[],
  spared: readonly Glob[] = [],
  isForAllVerbs = false,
): Mismatch | undefined {
  const where = template.where ?? {};
  const claims = [...new Set(Object.values(where))];
  const toMatched = (resource: string) => [...(isForAllVerbs ? [RUN] : []), ...globOfPattern(resource)];
  // Paths that the pattern can't match, whatever the claims are, only make the search longer.
  const widest = toMatched(toPattern(template.path, {}).join(""));
  const arriving = universe.near(widest);
  const others = may.filter(({ path }) => haveCommon(globOfTemplate(path), widest));
  const values = literalsOf([...arriving, ...[template, ...others].map(({ path }) => globOfTemplate(path)), ...spared]);
  const combinations = combine(claims, values);
  if (combinations === undefined) return { code: "too_many_claims" };
  const other = toOther(values);
  const paths = createAutomaton(arriving);
  for (const held of combinations) {
    const fill = (one: BoundTemplate) =>
      globOfTemplate(
        one.path,
        Object.fromEntries(Object.entries(one.where ?? {}).map(([name, claim]) => [name, held[claim] ?? ""])),
      );
    const resource = toPattern(template.path, where)
      .map((part, at) => (at % 2 === 0 ? part : (held[where[part] ?? ""] ?? "")))
      .join("");
    const found = findCounterexample(
      {
        universe: paths,
        matched: createAutomaton([toMatched(resource)]),
        must: createAutomaton([fill(template)]),
        may: createAutomaton([...others.map(fill), ...spared]),
      },
      other,
      universe.visit,
    );
    if (found !== undefined) {
      const path = `/${found.text.join("/")}`;
      return { code: found.isMatched ? "too_wide" : "too_narrow", path, resource };
    }
  }
  return undefined;
}

/** Finds a path that could arrive and matches one of the templates and the pattern, but no template of `except`. */
export function findCommon(
  universe: Universe,
  templates: readonly string[],
  pattern: Glob,
  except: readonly string[] = [],
): string | undefined {
  const near = (globs: readonly Glob[]) =>
    globs.filter((glob) => {
      universe.visit?.();
      return haveCommon(pattern, glob);
    });
  const included = near(templates.map((path) => globOfTemplate(path)));
  if (included.length === 0) return undefined;
  const arriving = universe.near(pattern);
  const excluded = near(except.map((path) => globOfTemplate(path)));
  const found = findCounterexample(
    {
      universe: createIntersection(createAutomaton(arriving), createAutomaton(included)),
      matched: createAutomaton([pattern]),
      must: createAutomaton([]),
      may: createAutomaton(excluded),
    },
    toOther(literalsOf([...arriving, ...included, ...excluded, pattern])),
    universe.visit,
  );
  return found && `/${found.text.join("/")}`;
}

/** Finds a path that could arrive and matches a template, but none of the patterns. */
export function findBeyond(universe: Universe, template: string, patterns: readonly Glob[]): string | undefined {
  const included = globOfTemplate(template);
  const arriving = universe.near(included);
  const excluded = patterns.filter((glob) => haveCommon(glob, included));
  if (excluded.length === 0 && arriving.length > 0) return template;
  const found = findCounterexample(
    {
      universe: createIntersection(createAutomaton(arriving), createAutomaton([included])),
      matched: createAutomaton([[RUN]]),
      must: createAutomaton([]),
      may: createAutomaton(excluded),
    },
    toOther(literalsOf([...arriving, included, ...excluded])),
    universe.visit,
  );
  return found && `/${found.text.join("/")}`;
}

/** Lists the segments that patterns name. */
function literalsOf(globs: readonly Glob[]): readonly string[] {
  return [...new Set(globs.flat().flatMap(({ literal }) => literal ?? []))];
}

/** Makes a segment that differs from all of these. */
function toOther(literals: readonly string[]): string {
  return ["x", "y", "z"].find((segment) => !literals.includes(segment)) ?? literals.join("");
}

function combine(
  claims: readonly string[],
  values: readonly string[],
): readonly Readonly<Record<string, string>>[] | undefined {
  const some = SOME_VALUES.slice(0, claims.length);
  if (claims.length > SOME_VALUES.length || (values.length + some.length) ** claims.length > MAX_COMBINATIONS)
    return undefined;
  return claims.reduce<readonly Readonly<Record<string, string>>[]>(
    (combinations, claim) =>
      combinations.flatMap((combination) => [...some, ...values].map((value) => ({ ...combination, [claim]: value }))),
    [{}],
  );
}
