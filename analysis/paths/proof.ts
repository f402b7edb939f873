import { ofPattern, ofTemplate, toPattern } from "./iam-patterns.ts";
import { createAutomaton, createIntersection, findCounterexample, type Glob, haveCommon, RUN } from "./language.ts";

/** Paths that could arrive with a verb: those of some templates, or all. */
export interface Universe {
  readonly globs: readonly Glob[];
}

/** What of a rule says which paths it is for. */
export interface PathRule {
  readonly path: string;
  readonly where?: Readonly<Record<string, string>>;
}

/** Why a pattern does not say what its rule says: a path, and the resource that matches it or does not. */
export type Mismatch =
  | { readonly code: "too_many_claims" }
  | { readonly code: "too_wide" | "too_narrow"; readonly path: string; readonly resource: string };

/** More combinations of values of `where` than anybody needs, and as many as can be gone through. */
const MAX_COMBINATIONS = 20_000;

/** Values that no path names; one for each claim, so that they differ. */
const SOME_VALUES = ["<one>", "<another>", "<a third>", "<a fourth>"];

/** The paths of an API's routes. */
export function declaredPaths(paths: readonly string[]): Universe {
  return { globs: paths.map((path) => ofTemplate(path)) };
}

/** All canonical paths there are. */
export function allPaths(): Universe {
  return { globs: [[RUN]] };
}

/**
 * Tries a rule with every value of its claims that could make a difference: any, and each literal that is in a path.
 *
 * @param may - Whose paths the pattern may match as well.
 * @param spared - Paths of which it does not matter, since they are denied.
 * @param isForAllVerbs - The pattern follows a `*` for the verb, which takes in the head of a path, too.
 * @returns The shortest counterexample; none if for every value the pattern matches what the rule does, and no more.
 */
export function findMismatch(
  rule: PathRule,
  universe: Universe,
  may: readonly PathRule[],
  spared: readonly Glob[] = [],
  isForAllVerbs = false,
): Mismatch | undefined {
  const where = rule.where ?? {};
  const claims = [...new Set(Object.values(where))];
  const toMatched = (resource: string) => [...(isForAllVerbs ? [RUN] : []), ...ofPattern(resource)];
  // What has nothing in common with the rule, whatever the claims are, would only have to be walked past.
  const widest = toMatched(toPattern(rule.path, {}).join(""));
  const arriving = universe.globs.filter((glob) => haveCommon(glob, widest));
  const others = may.filter(({ path }) => haveCommon(ofTemplate(path), widest));
  const values = literalsOf([...arriving, ...[rule, ...others].map(({ path }) => ofTemplate(path)), ...spared]);
  const combinations = combine(claims, values);
  if (combinations === undefined) return { code: "too_many_claims" };
  const other = toOther(values);
  const paths = createAutomaton(arriving);
  for (const held of combinations) {
    const fill = (one: PathRule) =>
      ofTemplate(
        one.path,
        Object.fromEntries(Object.entries(one.where ?? {}).map(([name, claim]) => [name, held[claim] ?? ""])),
      );
    const resource = toPattern(rule.path, where)
      .map((part, at) => (at % 2 === 0 ? part : (held[where[part] ?? ""] ?? "")))
      .join("");
    const found = findCounterexample(
      {
        universe: paths,
        matched: createAutomaton([toMatched(resource)]),
        must: createAutomaton([fill(rule)]),
        may: createAutomaton([...others.map(fill), ...spared]),
      },
      other,
    );
    if (found !== undefined) {
      const path = `/${found.text.join("/")}`;
      return { code: found.isMatched ? "too_wide" : "too_narrow", path, resource };
    }
  }
  return undefined;
}

/** A path that could arrive, is of one of some templates and of a pattern, and of none of other templates. */
export function findCommon(
  universe: Universe,
  templates: readonly string[],
  patterns: readonly Glob[],
  except: readonly string[] = [],
): string | undefined {
  const near = (globs: readonly Glob[]) => globs.filter((glob) => patterns.some((one) => haveCommon(one, glob)));
  const open = near(templates.map((path) => ofTemplate(path)));
  if (open.length === 0) return undefined;
  const arriving = near(universe.globs);
  const closed = near(except.map((path) => ofTemplate(path)));
  const found = findCounterexample(
    {
      universe: createIntersection(createAutomaton(arriving), createAutomaton(open)),
      matched: createAutomaton(patterns),
      must: createAutomaton([]),
      may: createAutomaton(closed),
    },
    toOther(literalsOf([...arriving, ...open, ...closed, ...patterns])),
  );
  return found && `/${found.text.join("/")}`;
}

/** The segments that patterns name. */
function literalsOf(globs: readonly Glob[]): readonly string[] {
  return [...new Set(globs.flat().flatMap(({ literal }) => literal ?? []))];
}

/** A segment that is none of these. */
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
