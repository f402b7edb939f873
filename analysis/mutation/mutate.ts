import { isDeepStrictEqual } from "node:util";
import { createDataEvaluator } from "../../authorizer/policy/evaluator.ts";
import type { TestedPolicy } from "../../build/rego-tests/run.ts";
import { packIndex } from "../../contract/pack-index.ts";
import { formatPolicyIndexError, parsePolicyData } from "../../contract/policy-data.ts";
import type { PolicyData } from "../../contract/policy-index.ts";
import { createDecider } from "./decide.ts";
import { listMutants, type Mutant } from "./mutants.ts";
import { toMutatedIndex } from "./mutated-index.ts";
import { createFindAffected, decideCases, doesNotice } from "./notice.ts";
import { listPublicMutants } from "./public-mutants.ts";
import { formatReadyCase } from "./ready-case.ts";
import { createFindSurroundings } from "./surroundings.ts";
import { findWitness } from "./witness.ts";

/** A mutant that no test notices, with a case that would. */
export interface Survivor {
  /** `orders.read_own`, `conditions.signed_in_recently` */
  readonly rule: string;
  readonly change: string;
  /** A line of a table test: it passes on the policy and fails on the mutant. */
  readonly case: string;
}

/** The results of all mutants of a policy. */
export interface MutationRun {
  /** The number of mutants that some test notices, and of those that none does. */
  readonly mutants: number;
  readonly noticed: number;
  readonly survivors: readonly Survivor[];
  /** The mutants that no test notices and for which no input was found that tells them from the policy. */
  readonly undecided: readonly Mutant[];
}

/**
 * Tries all mutants of a policy on its tests, all of which pass.
 *
 * A mutant changes data alone, so that nothing is compiled. Of tests with the usual form only the cases that the change may
 * affect are decided again. Other tests run as a whole, if no case notices.
 *
 * @param engine - The module that ships.
 * @param isWanted - Whether the mutants of a rule are tried; default: those of all rules.
 * @throws If the data document is not one of this version.
 */
export function tryMutants(
  tested: TestedPolicy,
  engine: WebAssembly.Module,
  isWanted: (rule: string) => boolean = () => true,
): MutationRun {
  const parsed = parsePolicyData(JSON.parse(tested.data));
  if (!parsed.ok) throw new Error(formatPolicyIndexError(parsed.error));
  const { index } = parsed.value;
  const decider = createDecider(engine, parsed.value);
  const cases = decideCases(tested.cases, decider);
  const findAffected = createFindAffected(cases, index);
  const findSurroundings = createFindSurroundings(cases, decider);
  const isNoticedElsewhere = createWholeTests(tested, parsed.value);
  const survivors: Survivor[] = [];
  const undecided: Mutant[] = [];
  let noticed = 0;
  const publicMutants = listPublicMutants(tested.publicRules, index).filter(({ rule }) => isWanted(rule));
  for (const { rule, change, case: line, publicRules } of publicMutants) {
    if (isNoticedElsewhere(undefined, publicRules)) noticed += 1;
    else survivors.push({ rule, change, case: line });
  }
  for (const mutant of listMutants(index).filter(({ rule }) => isWanted(rule))) {
    if (findAffected(mutant).some((one) => doesNotice(one, mutant, decider)) || isNoticedElsewhere(mutant)) {
      noticed += 1;
      continue;
    }
    const witness = findWitness(mutant, index, decider, findSurroundings);
    if (witness === undefined) undecided.push(mutant);
    else {
      const { rule, change, title } = mutant;
      survivors.push({ rule, change, case: formatReadyCase(title, witness, "deny") });
    }
  }
  return { mutants: noticed + survivors.length, noticed, survivors, undecided };
}

/** Creates the function that runs the tests without the usual form on the whole index of a mutant, or on other public rules. */
function createWholeTests(
  { module, others, publicRules: own }: TestedPolicy,
  { index, base }: PolicyData,
): (mutant: Mutant | undefined, publicRules?: TestedPolicy["publicRules"]) => boolean {
  if (others.size === 0) return () => false;
  const evaluate = createDataEvaluator(module);
  return (mutant, publicRules = own) => {
    const compiled = packIndex(mutant === undefined ? index : toMutatedIndex(index, mutant));
    const data = { engine: { index: { compiled, public: publicRules } }, ...(base !== undefined && { data: base }) };
    return [...others].some(([entrypoint, passing]) => {
      const found = evaluate(entrypoint, {}, data);
      const [{ result } = { result: undefined }] = found.ok ? (found.value as { result?: unknown }[]) : [];
      return !isDeepStrictEqual(result, passing);
    });
  };
}
