import { toMinimal } from "./alternatives.ts";
import { decide, type Matching, type State } from "./decide.ts";
import { type Field, listOwn } from "./field.ts";
import type { Point } from "./points.ts";
import type { Holder } from "./who.ts";

/**
 * Decides the paths of a template for a principal under the only policy of a field, but for those that a rule names more exactly.
 *
 * Where a segment must equal a claim, the principal may be known to have a value of the claim, which gives a role. A segment
 * that nothing names is not this value, but one of the template's paths has it.
 */
export function decideTemplate(field: Field, holder: Holder, matching: Matching, point: Point, method: number): State {
  const state = decide(holder, matching, point, method);
  const known = holder.who.atoms.flatMap((atom) => (atom.by === "claim" ? [atom.claim] : []));
  const isCompared = matching.grants.some(({ own }) => own.some(({ claim }) => known.includes(claim)));
  if (!isCompared || state.isPublic) return state;
  const own = listOwn(field, [holder], [point]).filter((other) => isSame(matching, field.matching(other)[0]));
  const more = own.flatMap((other) => decide(holder, matching, other, method).alternatives);
  return { ...state, alternatives: toMinimal([...state.alternatives, ...more]) };
}

function isSame(one: Matching, other: Matching | undefined): boolean {
  return (["grants", "denials", "publicRules"] as const).every((kind) => one[kind].length === other?.[kind].length);
}
