import { concerns } from "./passing.ts";
import type { ComparedRule } from "./rules.ts";

/** Finds which denials ask for something that the denials at a point don't ask for already. */
export interface Lifting {
  /**
   * @param denials - Those that match all paths of the point.
   * @returns A function that gives the methods for which another denial asks for more, of some.
   */
  readonly openAt: (
    denials: readonly ComparedRule[] | undefined,
    roles: ReadonlySet<string>,
  ) => (denial: ComparedRule, methods: number) => number;
}

/** A thing that must hold so that a denial does not. */
type Demand = number | string;

/** Nothing can hold: the denial always does. */
const NEVER_LIFTED: Demand = "never";

/**
 * Creates the test by which lines find the paths where denials meet.
 *
 * The conditions under which a point is allowed are those of a grant, and all that its denials ask for. So a further denial that
 * asks for nothing more changes nothing inside the point, however many of them meet there; nor does any where nothing is allowed.
 */
export function createLifting(): Lifting {
  const known = new Map<ComparedRule, readonly Demand[]>();
  const demandsOf = (denial: ComparedRule): readonly Demand[] => {
    const demands = known.get(denial) ?? toDemands(denial);
    known.set(denial, demands);
    return demands;
  };
  return {
    openAt(denials = [], roles) {
      const asked = new Map<Demand, number>();
      for (const denial of denials) {
        if (!concerns(denial, roles)) continue;
        for (const demand of demandsOf(denial)) asked.set(demand, (asked.get(demand) ?? 0) | denial.methods);
      }
      const closed = asked.get(NEVER_LIFTED) ?? 0;
      return (denial, methods) => {
        const open = methods & ~closed;
        return demandsOf(denial).some((demand) => (open & ~(asked.get(demand) ?? 0)) !== 0) ? open : 0;
      };
    },
  };
}

function toDemands({ variables, formulas, roles }: ComparedRule): readonly Demand[] {
  if (variables.length + formulas.length === 0) return [NEVER_LIFTED];
  // What lifts a denial that asks for roles differs from one principal to the next, and so does whom the denial concerns.
  return formulas.length === 0 ? variables : [...variables, JSON.stringify([formulas, roles])];
}
