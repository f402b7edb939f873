import type { Invariant } from "../../contract/invariants.ts";
import { err, ok, type Result } from "../../contract/result.ts";
import { createBudget, TestLimit } from "./budget.ts";
import { type Breach, findBreaches } from "./invariant-breaches.ts";
import { type ApiField, createFields } from "./invariant-fields.ts";
import { listUnknown, listWhos, toHeld } from "./invariant-holders.ts";
import type { AccessPolicy, TooManyTests, Who } from "./model.ts";

/** Whether an invariant holds. */
export interface Judgement<Judged extends Invariant = Invariant> {
  readonly invariant: Judged;
  /** Undefined if it holds. */
  readonly breach: Breach | undefined;
  /** The names of all grants and public rules, or of the denials, that break it. Sorted. */
  readonly by: readonly string[];
  /** Who holds each role that the invariant names. */
  readonly holders: Readonly<Record<string, readonly Who[]>>;
  /** Why it holds of nothing, as parts of a sentence: `no role comes by group Custommers`. */
  readonly idle: readonly string[];
}

/**
 * Judges the invariants of a policy for every principal, request and truth of conditions.
 *
 * @param required - The conditions that invariants require, by name; no rule of the policy needs to name them.
 * @returns A judgement of each invariant, or which rules need too many tests.
 */
export function judgeInvariants<Judged extends Invariant>(
  policy: AccessPolicy,
  invariants: readonly Judged[],
  required: AccessPolicy["conditions"] = {},
): Result<readonly Judgement<Judged>[], TooManyTests> {
  const budget = createBudget();
  const fields = createFields(policy, budget);
  const conditions = { ...required, ...policy.conditions };
  try {
    return ok(
      invariants.map((invariant) => {
        budget.restart();
        return judgeOne(conditions, fields, invariant);
      }),
    );
  } catch (error) {
    if (error instanceof TestLimit) return err(error.tooMany);
    throw error;
  }
}

/** Judges an invariant, and names it if that takes too many tests. */
function judgeOne<Judged extends Invariant>(...given: Parameters<typeof judge<Judged>>): Judgement<Judged> {
  try {
    return judge(...given);
  } catch (error) {
    if (!(error instanceof TestLimit)) throw error;
    throw new TestLimit({ ...error.tooMany, rules: [`invariants.${given[2].name}`, ...error.tooMany.rules] });
  }
}

function judge<Judged extends Invariant>(
  conditions: AccessPolicy["conditions"],
  fieldsOf: (apis: readonly string[]) => readonly ApiField[],
  invariant: Judged,
): Judgement<Judged> {
  const { statement } = invariant;
  const fields = fieldsOf(statement.region?.apis ?? []);
  const found = fields.map((field) => findBreaches(conditions, field, invariant));
  const [first] = fields;
  const whos = listWhos(invariant);
  const breach = found.flatMap(({ breaches }) => breaches)[0];
  const isNowhere = statement.region !== undefined && found.every(({ isIdle }) => isIdle);
  return {
    invariant,
    breach,
    by: [...new Set(found.flatMap(({ by }) => by))].sort(),
    holders: first === undefined ? {} : toHeld(whos, first.table),
    idle:
      breach !== undefined || first === undefined
        ? []
        : [
            ...listUnknown(whos, first.table),
            ...(isNowhere ? ["no grant or public rule is about these requests"] : []),
          ],
  };
}
