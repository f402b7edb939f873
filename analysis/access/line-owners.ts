import { isSubset } from "./alternatives.ts";
import type { StateAt } from "./consensus.ts";
import type { Field } from "./field.ts";
import type { Who } from "./model.ts";
import type { Point } from "./points.ts";
import { formatWho, includesWho, mergeWhos } from "./who.ts";

/** Tells whether an alternative of a principal at a point is that of another principal. */
export type IsOfOwner = (who: Who, variables: readonly number[], point: Point, methods: number) => boolean;

/**
 * Creates the function that finds whose an alternative is where claims equal literals of the path. Whoever has the alternative
 * has these claims, and so is every principal that they include: at `/Audit`, whatever equals the claim is that of the claim's
 * value `Audit`. Of principals that are the same with these claims, the first by its text has the line.
 */
export function createIsOfOwner(
  { variables: { toTerms }, count, sides, compared }: Field,
  listIncluded: (who: Who) => readonly Who[],
  stateAtOf: (who: Who) => StateAt,
): IsOfOwner {
  const listValues = (claim: string) => sides.flatMap(({ table }) => table.valuesOf(claim));
  const isKnown = (claim: string, value: string) => listValues(claim).includes(value);
  const values: ReadonlySet<string | null> = new Set([...compared].flatMap(listValues));
  function toOwnerOf(who: Who, variables: readonly number[], { segments }: Point): Who {
    return toTerms(0, variables).own.reduce((one, [position, claim]) => {
      const value = segments[position] ?? null;
      if (value === null || !isKnown(claim, value)) return one;
      return mergeWhos(one, { atoms: [{ by: "claim", claim, value }], issuer: undefined }) ?? one;
    }, who);
  }
  return (who, variables, point, methods) => {
    // Few paths have such a literal.
    if (!point.segments.some((segment) => values.has(segment))) return false;
    const owner = toOwnerOf(who, variables, point);
    if (includesWho(who, owner)) return false;
    return [...listIncluded(owner), owner].some((other) => {
      if (includesWho(who, other)) return false;
      count("", 1);
      return stateAtOf(other)(point, methods).alternatives.some((one) => {
        if (!isSubset(one.variables, variables)) return false;
        // Of a principal that holds more, it is another one only if it asks for less.
        if (includesWho(other, who)) return one.variables.length < variables.length;
        const isSame = includesWho(toOwnerOf(other, one.variables, point), owner);
        return !isSame || formatWho(other) < formatWho(who);
      });
    });
  };
}
