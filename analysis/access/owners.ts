import type { Terms, Who } from "./model.ts";
import { type PatternSegment, type Point, toPoint } from "./points.ts";
import type { ComparedRule } from "./rules.ts";
import { type Holder, mergeWhos } from "./who.ts";

/** Lists the principals that have a role by the very claim that a grant compares with a segment. */
export function listOwners(
  { own }: Pick<ComparedRule, "own">,
  { who, table }: Pick<Holder, "who" | "table">,
): readonly Who[] {
  const claims = [...new Set(own.map(({ claim }) => claim))];
  const others = claims.filter((claim) => !who.atoms.some((atom) => atom.by === "claim" && atom.claim === claim));
  return others.flatMap((claim) =>
    table.valuesOf(claim).flatMap((value) => {
      table.countMade(1 + who.atoms.length);
      return mergeWhos(who, { atoms: [{ by: "claim", claim, value }], issuer: undefined }) ?? [];
    }),
  );
}

/** Tells whether a claim's value gives a role that the principal is not known to hold the value for. */
function isRoleOfOther({ who, table }: Holder, claim: string, value: string): boolean {
  const isHeld = who.atoms.some((atom) => atom.by === "claim" && atom.claim === claim && atom.value === value);
  return !isHeld && table.valuesOf(claim).includes(value);
}

/**
 * Finds the principal whose claims equal the path's segments, where a grant asks for that and the segments are literals: the
 * claim has exactly this value, and may give a role. Undefined if there is none.
 */
export function toOwner(
  holder: Holder,
  { own }: Pick<ComparedRule, "own">,
  point: Point,
  isForLines: boolean,
): Holder | undefined {
  if (own.length === 0) return holder;
  // The point at which all positions have the literal is another one.
  const values = toEqualSegments(
    own.map(({ position, claim }) => [position, claim]),
    point,
  );
  if (values === undefined) return undefined;
  let { who } = holder;
  for (const [claim, value] of values) {
    // The claim has the segment as its only value.
    const isOther = who.atoms.some((atom) => atom.by === "claim" && atom.claim === claim && atom.value !== value);
    if (isOther) return undefined;
    if (value === null) continue;
    // Two policies are compared for the principal with the claim itself, if it may give a role in one of them.
    if (!isForLines && isRoleOfOther(holder, claim, value)) return undefined;
    const merged = mergeWhos(who, { atoms: [{ by: "claim", claim, value }], issuer: undefined });
    if (merged === undefined) return undefined;
    who = merged;
  }
  return who === holder.who ? holder : { ...holder, who, roles: holder.table.rolesOf(who) };
}

/**
 * Finds the segment that each compared claim equals at a point. Positions that equal one claim equal each other, so it is undefined
 * if they differ: no path of the point is anybody's own.
 */
export function toEqualSegments(
  own: Terms["own"],
  { segments }: Point,
): ReadonlyMap<string, PatternSegment> | undefined {
  const values = new Map<string, PatternSegment>();
  for (const [position, claim] of own) {
    const value = segments[position] ?? null;
    if (values.has(claim) && values.get(claim) !== value) return undefined;
    values.set(claim, value);
  }
  return values;
}

/**
 * Lists the points at which a grant's claims can equal segments, beyond the fresh ones: a segment is what the principal is known
 * to have in the claim, what another position has that must equal the same claim, or a value by which the claim gives a role.
 */
export function listOwnPoints(point: Point, { own }: ComparedRule, { who, table }: Holder): readonly Point[] {
  if (own.length === 0) return [];
  let found: readonly (readonly PatternSegment[])[] = [point.segments];
  for (const claim of new Set(own.map((one) => one.claim))) {
    const positions = own.filter((one) => one.claim === claim).map(({ position }) => position);
    const fresh = positions.filter((position) => point.segments[position] === null);
    const twin = positions.map((position) => point.segments[position] ?? null).find((text) => text !== null);
    const held = who.atoms.find((atom) => atom.by === "claim" && atom.claim === claim)?.value ?? twin;
    const values = held === undefined ? table.valuesOf(claim) : [held];
    // A value with a slash is not one segment.
    const possible = fresh.length === 0 ? [] : values.filter((value) => value !== "" && !value.includes("/"));
    table.countMade(possible.length * found.length);
    const equal = possible.flatMap((value) =>
      found.map((segments) => segments.map((segment, at) => (fresh.includes(at) ? value : segment))),
    );
    found = [...found, ...equal];
  }
  return found.slice(1).map((segments) => toPoint(segments, point.isOpen));
}
