import { toGained } from "./differences.ts";
import { createStates, type Field, rulesAt, toHolders } from "./field.ts";
import type { Change, Who } from "./model.ts";
import { toPattern, toPoints } from "./points.ts";
import { splitMethods, toMethods } from "./rules.ts";
import { formatWho, includesWho, mergeWhos, whoOf } from "./who.ts";

/** The most atoms that are tried for what cancels one change. */
const MAX_CANCELLING = 200;

/** Finds what cancels a gain or a loss, if the token carries it, too. */
export function toCancelling(field: Field, who: Who, change: Change): Change["not"] {
  if (change.kind !== "gain" && change.kind !== "loss") return [];
  const pattern = toPattern(change.region.path);
  const point = toPoints(pattern, Math.max(field.longest, pattern.segments.length + 1)).at(-1);
  if (point === undefined) return [];
  const wanted = toMethods(change.verbs);
  const sets = splitMethods(rulesAt(field, point)).filter((set) => (set & wanted) !== 0);
  const isCancelled = (one: Who) => {
    const statesAt = createStates(field, toHolders(field, one));
    return sets.every((methods) => {
      const [before, after] = statesAt(point, methods);
      return (change.kind === "gain" ? toGained(before, after) : toGained(after, before)).length === 0;
    });
  };
  const candidates = new Map<string, Who>();
  for (const [side, { grants, denials }] of field.matching(point).entries()) {
    const { table } = field.sides[side] ?? {};
    if (table === undefined) continue;
    const rules = [...grants, ...denials].filter((rule) => (rule.methods & wanted) !== 0);
    const asked = rules.flatMap(({ formulas }) => formulas.flat().flatMap(({ has, lacks }) => [...has, ...lacks]));
    for (const way of [...rules.flatMap(({ roles }) => roles), ...asked].flatMap((role) => table.waysTo(role))) {
      candidates.set(formatWho(whoOf(way)), whoOf(way));
    }
  }
  const compared = new Set(
    [...change.terms.before, ...change.terms.after].flatMap(({ own }) => own.map(([, claim]) => claim)),
  );
  return [...candidates.values()].slice(0, MAX_CANCELLING).flatMap((other) => {
    const merged = mergeWhos(who, other);
    const [atom] = other.atoms;
    if (merged === undefined || atom === undefined || includesWho(who, other) || !isCancelled(merged)) return [];
    // What the claim is follows from the path.
    if (atom.by === "claim" && compared.has(atom.claim)) return [];
    return [{ ...atom, ...(other.issuer !== undefined && { issuer: other.issuer }) }];
  });
}
