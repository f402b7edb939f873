import { isDeepStrictEqual } from "node:util";
import type { ProbedCase } from "../../build/rego-tests/probe-cases.ts";
import type { Decision } from "../../contract/decision.ts";
import { isObject } from "../../contract/json.ts";
import { parseTemplate } from "../../contract/path-template.ts";
import type { IndexedDenial, IndexedGrant, PolicyIndex } from "../../contract/policy-index.ts";
import { methodsOfAll } from "../../contract/route.ts";
import { matches, splitPath } from "./candidates.ts";
import { type Decider, requestOf } from "./decide.ts";
import type { Changed, Mutant } from "./mutants.ts";

/** A case with its decision by the policy under test. */
export interface DecidedCase extends ProbedCase {
  readonly method: string;
  readonly segments: readonly string[] | undefined;
  readonly decision: Decision | undefined;
  readonly passes: boolean;
  /** The cases of the same title in the same test; the title passes if one of them does. */
  readonly siblings: readonly DecidedCase[];
}

/** Decides each case by the policy under test. */
export function decideCases(cases: readonly ProbedCase[], decider: Decider): readonly DecidedCase[] {
  const byTitle = new Map<string, DecidedCase[]>();
  return cases.map((one) => {
    const key = JSON.stringify([one.test, one.title]);
    const siblings = byTitle.get(key) ?? [];
    byTitle.set(key, siblings);
    const { method, path } = requestOf(one.input);
    const decision = decider.decide(one.input);
    const decided = { ...one, method, segments: splitPath(path), decision, passes: doesPass(one, decision), siblings };
    siblings.push(decided);
    return decided;
  });
}

/** Finds the cases whose decisions a mutant may change. */
export type FindAffected = (mutant: Mutant) => readonly DecidedCase[];

/** Creates the function that finds the cases whose decisions a mutant may change. */
export function createFindAffected(cases: readonly DecidedCase[], index: PolicyIndex): FindAffected {
  const byLength = new Map<number, DecidedCase[]>();
  for (const one of cases) {
    if (one.segments === undefined) continue;
    const same = byLength.get(one.segments.length) ?? [];
    byLength.set(one.segments.length, same);
    same.push(one);
  }
  const byTemplate = new Map<string, readonly DecidedCase[]>();
  const casesOn = (path: string) => {
    const known = byTemplate.get(path);
    if (known !== undefined) return known;
    const template = parseTemplate(path);
    const among = path.endsWith("+}") ? cases : (byLength.get(template.length) ?? []);
    const found = among.filter(({ segments }) => segments !== undefined && matches(template, segments));
    byTemplate.set(path, found);
    return found;
  };
  return ({ changed, methods, role }) => {
    const found = changed.flatMap((one) => {
      return widestOf(one, index).flatMap((rule) => {
        const among = methods ?? methodsOfAll(rule.verbs);
        return casesOn(rule.path).filter(({ method }) => among.includes(method));
      });
    });
    // A role that the principal does not hold changes no decision.
    const affected = role === undefined ? found : found.filter(({ decision }) => decision?.roles.includes(role));
    return changed.length === 1 && changed[0]?.kind !== "roles" ? affected : [...new Set(affected)];
  };
}

/** Finds the form of a changed rule that matches more: a grant's new form, a denial's old one; for a role, all its grants. */
function widestOf(one: Changed, index: PolicyIndex): readonly (IndexedGrant | IndexedDenial)[] {
  if (one.kind === "grant") return [one.rule];
  if (one.kind === "roles") return Object.values(index.grants).filter(({ roles }) => roles.includes(one.name));
  return [index.denials[one.name] ?? []].flat();
}

/** Tells whether a case fails if the policy has changed rules. */
export function doesNotice(one: DecidedCase, { changed }: Mutant, { decide }: Decider): boolean {
  // Every mutant allows more, so what is allowed stays allowed.
  if (one.keys.join() === "effect" && one.decision?.effect === "allow") return false;
  if (doesPass(one, decide(one.input, changed)) === one.passes) return false;
  return !one.siblings.some((sibling) => doesPass(sibling, decide(sibling.input, changed)));
}

function doesPass({ keys, expected, isNegated }: ProbedCase, decision: Decision | undefined): boolean {
  const part = keys.reduce<unknown>((value, key) => (isObject(value) ? value[key] : undefined), decision);
  return (part !== undefined && isDeepStrictEqual(part, expected)) !== isNegated;
}
