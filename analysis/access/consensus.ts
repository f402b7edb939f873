import type { State } from "./decide.ts";
import type { Explored } from "./explore.ts";
import type { Field } from "./field.ts";
import { asksForLack, isFor, isLostWith } from "./lasting.ts";
import type { Who } from "./model.ts";
import type { Point } from "./points.ts";
import type { RoleVariables } from "./role-variables.ts";
import type { ComparedRule } from "./rules.ts";
import { formatWho, toConsensus } from "./who.ts";

/** Decides points for a principal. */
export type StateAt = (point: Point, methods: number) => State;

/**
 * Adds the principals who are allowed something in turn: as one principal, who must not hold certain things besides, and as another
 * one, who holds some of them.
 */
export function withConsensus(
  field: Field,
  explored: readonly Explored[],
  stateAtOf: (who: Who) => StateAt,
  { toBesides }: RoleVariables,
): readonly Explored[] {
  const [side] = field.sides;
  if (side?.grants.some(asksForLack) !== true) return explored;
  const found = new Map(explored.map((one) => [formatWho(one.who), one]));
  // What is added while the map is read is read, too.
  for (const { who, points } of found.values()) {
    for (const point of points.values()) {
      for (const methods of field.methodsAt(point)) {
        const besides = stateAtOf(who)(point, methods).alternatives.flatMap(({ variables }) => toBesides(variables));
        if (besides.length === 0) continue;
        const [here] = field.matching(point);
        const grants = here?.grants.filter((grant) => (grant.methods & methods) !== 0) ?? [];
        for (const other of canKeepOne(grants) ? found.values() : []) {
          field.count(grants[0]?.name ?? "", 1);
          const roles = side.table.rolesOf(other.who);
          if (!grants.some((grant) => isFor(grant, roles))) continue;
          for (const one of besides) {
            const both = toConsensus(who, one, other.who);
            if (both === undefined || found.has(formatWho(both))) continue;
            found.set(formatWho(both), { who: both, points: new Map([...points, ...other.points]) });
          }
        }
      }
    }
  }
  return [...found.values()];
}

/** Tells whether whoever loses one of the grants may keep it by another one, or by another clause of its condition. */
function canKeepOne(grants: readonly ComparedRule[]): boolean {
  const [first] = grants;
  const isLostTogether = (grant: ComparedRule) =>
    first !== undefined && isLostWith(grant, first) && isLostWith(first, grant);
  const hasClauses = ({ formulas }: ComparedRule) => formulas.some(({ length }) => length > 1);
  return !grants.every(isLostTogether) || grants.some(hasClauses);
}
