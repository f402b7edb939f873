import type { Who } from "./model.ts";
import { formatAtom, includesWho } from "./who.ts";

/** Lists the principals that a principal includes, of those that are known. */
export type ListIncluded = (who: Who) => readonly Who[];

/** Arranges principals by one thing that each carries, since whoever includes it carries that, too. */
export function createIncluded(known: readonly Who[]): ListIncluded {
  const byAtom = new Map<string, Who[]>();
  for (const who of known) {
    const [atom] = who.atoms;
    const key = atom === undefined || atom.by === "kind" ? "" : formatAtom(atom);
    const same = byAtom.get(key);
    if (same === undefined) byAtom.set(key, [who]);
    else same.push(who);
  }
  return (who) => {
    // A kind follows from other things, too.
    const keys = new Set(["", ...who.atoms.map(formatAtom)]);
    const candidates = [...keys].flatMap((key) => byAtom.get(key) ?? []);
    return candidates.filter((other) => other !== who && includesWho(who, other) && !includesWho(other, who));
  };
}
