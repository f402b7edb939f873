import { toGained } from "./differences.ts";
import { createStates, type Field, rulesAt, toHolders } from "./field.ts";
import type { Change, Who } from "./model.ts";
import { toPattern, toPoints } from "./points.ts";
import { splitMethods, toVerbs } from "./rules.ts";
import { formatWho, includesWho, mergeWhos, whoOf } from "./who.ts";

/** The most atoms that are tried for what cancels one change. */
const MAX_CANCELLING = 200;

/** Finds what cancels a gain or a loss, if the token carries it, too. */
export function toCancelling(field: Field, who: Who, change: Change): Change["not"] {
  if (change.kind !== "gain" && change.kind !== "loss") return [];
  const pattern = toPattern(change.region.path);
  const point = toPoints(pattern, Math.max(field.longest, pattern.segments.length + 1)).at(-1);
  if (point === undefined) return [];
  const methods = splitMethods(rulesAt(field, point)).find((set) => toVerbs(set).some((verb) => hasVerb(change, verb)));
  if (methods === undefined) return [];
  const isChanged = (one: Who) => {
    const [before, after] = createStates(field, toHolders(field, one))(point, methods);
    return (change.kind === "gain" ? toGained(before, after) : toGained(after, before)).length > 0;
  };
  const candidates = new Map<string, Who>();
  for (const [side, { grants, denials }] of field.matching(point).entries()) {
    const { table } = field.sides[side] ?? {};
    if (table === undefined) continue;
    const rules = [...grants, ...denials].filter((rule) => (rule.methods & methods) !== 0);
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
    if (merged === undefined || atom === undefined || includesWho(who, other) || isChanged(merged)) return [];
    // What the claim is follows from the path.
    if (atom.by === "claim" && compared.has(atom.claim)) return [];
    return [{ ...atom, ...(other.issuer !== undefined && { issuer: other.issuer }) }];
  });
}

function hasVerb({ verbs }: Change, verb: string): boolean {
  return verbs.includes(verb) || (verbs.includes("ANY") && verb !== "CONNECT") || verb === "ANY";
}
