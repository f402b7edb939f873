import { globOfPattern, globOfTemplate, toPattern } from "./iam-patterns.ts";
import { createAutomaton, type Glob, haveCommon, RUN } from "./language.ts";
import { toOther, type Universe } from "./proof.ts";
import { type BoundTemplate, createNames, globOf, type NearQuestion, type NumberedPath, toForm } from "./question.ts";
import { MAX_STEPS_IN_ALL, type Steps, search } from "./search.ts";

/** The reason why a pattern can't stand for its template. */
export type Mismatch = Mismatched<string>;

/** It matches other paths: `path` is one, and `resource` what the pattern is for its claims. Or there is no proof. */
type Mismatched<Path> =
  | { readonly code: "too_many_claims" | "too_long" }
  | { readonly code: "too_wide" | "too_narrow"; readonly path: Path; readonly resource: Path };

/** The most combinations of claim values that a proof tries. It bounds the time of a build. */
const MAX_COMBINATIONS = 20_000;

/** Values that no path names. Each claim has its own, so that they differ. */
const SOME_VALUES = ["<one>", "<another>", "<a third>", "<a fourth>"];

/** The proofs of one policy. */
export interface Proofs {
  readonly steps: Steps;
  /** The answers by the forms of their questions. */
  readonly known: Map<string, Mismatched<NumberedPath> | undefined>;
}

/** Creates the proofs of a policy, of which none is made yet. */
export function createProofs(maxSteps = MAX_STEPS_IN_ALL): Proofs {
  return { steps: { left: maxSteps }, known: new Map() };
}

/** A template whose pattern is compared, and the paths around it. */
export interface Question {
  readonly template: BoundTemplate;
  readonly universe: Universe;
  /** Templates whose paths the pattern may match as well. */
  readonly may: readonly BoundTemplate[];
  /** Paths that the pattern may match, since they are denied; default: none. */
  readonly spared?: readonly Glob[];
  /** The pattern follows a `*` for the verb, which matches the beginning of a path, too; default: false. */
  readonly isForAllVerbs?: boolean;
}

/**
 * Compares the pattern of a template with the template, for every value of its claims that could make a difference: a
 * value that no path names, and each literal of a path.
 *
 * A policy asks thousands of questions that differ in nothing but the texts of literals, such as the names of services. The first of them
 * is proved, and the others have its answer.
 *
 * @returns The shortest counterexample; undefined if for every value the pattern matches the template's paths and no others.
 */
export function findMismatch(question: Question, { steps, known }: Proofs): Mismatch | undefined {
  const near = toNear(question);
  const { key, literals } = toForm(near);
  const names = createNames(literals, toOther(literals));
  const answer = known.get(key);
  if (answer !== undefined || known.has(key)) return answer && renamed(answer, names.toText);
  const found = findNear(near, literals, steps);
  // What the steps that are left don't suffice for might be proved with more.
  if (steps.left >= 0) known.set(key, found && renamed(found, names.toNumbered));
  return found;
}

function renamed<From, To>(mismatch: Mismatched<From>, rename: (path: From) => To): Mismatched<To> {
  if (!("path" in mismatch)) return mismatch;
  return { ...mismatch, path: rename(mismatch.path), resource: rename(mismatch.resource) };
}

function toNear({ template, universe, may, spared = [], isForAllVerbs = false }: Question): NearQuestion {
  const ofPattern = template.widest ?? globOfPattern(toPattern(template.path, {}).join(""));
  const widest = isForAllVerbs ? [RUN, ...ofPattern] : ofPattern;
  const others = may.filter((one) => haveCommon(globOf(one), widest));
  return { template, arriving: universe.near(widest), others, spared, isForAllVerbs };
}

function findNear(
  { template, arriving, others, spared, isForAllVerbs }: NearQuestion,
  literals: readonly string[],
  steps: Steps,
): Mismatch | undefined {
  const where = template.where ?? {};
  const combinations = combine([...new Set(Object.values(where))], literals);
  if (combinations === undefined) return { code: "too_many_claims" };
  const paths = createAutomaton(arriving);
  for (const held of combinations) {
    const fill = (one: BoundTemplate) => {
      const bound = Object.entries(one.where ?? {});
      if (bound.length === 0) return globOf(one);
      return globOfTemplate(one.path, Object.fromEntries(bound.map(([name, claim]) => [name, held[claim] ?? ""])));
    };
    const resource = toPattern(template.path, where)
      .map((part, at) => (at % 2 === 0 ? part : (held[where[part] ?? ""] ?? "")))
      .join("");
    const found = search(
      {
        universe: paths,
        matched: createAutomaton([toMatched(resource, isForAllVerbs)]),
        must: createAutomaton([fill(template)]),
        may: createAutomaton([...others.map(fill), ...spared]),
      },
      toOther(literals),
      steps,
    );
    if (!found.ok) return { code: found.error };
    if (found.value !== undefined) {
      const path = `/${found.value.text.join("/")}`;
      return { code: found.value.isMatched ? "too_wide" : "too_narrow", path, resource };
    }
  }
  return undefined;
}

function toMatched(resource: string, isForAllVerbs: boolean): Glob {
  return [...(isForAllVerbs ? [RUN] : []), ...globOfPattern(resource)];
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
