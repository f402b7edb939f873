import { groupBy } from "../../contract/group-by.ts";
import type { Budget } from "./budget.ts";
import type { Who } from "./model.ts";
import { formatAtom, includesWho } from "./who.ts";

/** Lists the principals that a principal includes, of those that are known. */
export type ListIncluded = (who: Who) => readonly Who[];

/** How many principals are compared with one another in the time of a test. */
const COMPARED_PER_TEST = 4;

/** A principal that is included is looked at for its roles, and at each point. */
const TESTS_TO_INCLUDE = 5;

/** Arranges principals by one thing that each carries, since whoever includes it carries that, too. */
export function createIncluded(known: readonly Who[], count: Budget["count"]): ListIncluded {
  const byAtom = groupBy(known, ({ atoms: [atom] }) =>
    atom === undefined || atom.by === "kind" ? "" : formatAtom(atom),
  );
  return (who) => {
    // A kind follows from other things, too.
    const keys = new Set(["", ...who.atoms.map(formatAtom)]);
    const candidates = [...keys].flatMap((key) => byAtom.get(key) ?? []);
    count("", candidates.length / COMPARED_PER_TEST);
    const included = candidates.filter((other) => other !== who && includesWho(who, other) && !includesWho(other, who));
    count("", included.length * TESTS_TO_INCLUDE);
    return included;
  };
}
