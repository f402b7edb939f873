import { TIMES_THAT_HAVE_PASSED } from "../../contract/standard-claims.ts";
import { callsIn, type Rule, type Term, textOf } from "../rego/syntax-tree.ts";
import { createScope, exactName, fullName, type Scope } from "./scope.ts";
import { isTimeAsNumber } from "./term-values.ts";
import { type Definition, findHelper } from "./vocabulary.ts";

/** A term with the meaning of the names in it: those of its rule, and the operands that the rule is called with. */
interface Place {
  readonly term: Term;
  readonly scope: Scope;
  readonly operands: ReadonlyMap<string, Place>;
}

/** A sum: how often the time is in it, how often each value that a caller sends is, and the rest. */
interface Sum {
  readonly time: number;
  readonly sent: ReadonlyMap<string, number>;
  /** Undefined if the rest is not known, such as base data. */
  readonly rest: number | undefined;
}

/** How far ahead a lower bound may lie and still be one: no clock is wrong by more seconds. */
const MAX_AHEAD_S = 300;

/** The comparisons that hold if their left side is the greater one. */
const GREATER = new Set(["gt", "gte"]);
const LESS = new Set(["lt", "lte"]);

/**
 * Finds the lines of a rule that ask for an age of at most so many seconds, and take one below zero: a time in the future, or
 * in milliseconds. An age is the difference between the time and a value that a caller sends; a second comparison of the rule
 * may say that the age is not below zero. The authorizer ensures that for {@link TIMES_THAT_HAVE_PASSED}.
 *
 * A comparison of the two without an offset, as in `input.now_s < values.number(…)`, is a deadline and not an age.
 */
export function findOneSidedAges(rule: Rule, scope: Scope): readonly number[] {
  const bounds = boundsIn(rule, { scope, operands: new Map() }, 0);
  const notBelowZero = new Set(bounds.flatMap(({ kind, sent }) => (kind === "least" ? sent : [])));
  return bounds.flatMap(({ kind, sent, line }) =>
    kind === "most" && !sent.some((name) => notBelowZero.has(name) || hasPassed(name)) ? [line] : [],
  );
}

/** Lists the bounds of ages in the comparisons of a rule, and of the functions that it calls with what they compare. */
function boundsIn({ body, location }: Rule, at: Omit<Place, "term">, depth: number): readonly Bound[] {
  if (depth > MAX_DEPTH) return [];
  return callsIn(body).flatMap(([operator, ...terms]): readonly Bound[] => {
    const name = fullName(operator, at.scope);
    const line = operator?.location?.row ?? location.row;
    const [left, right] = terms;
    if (left !== undefined && right !== undefined && (GREATER.has(name) || LESS.has(name))) {
      const [one, other] = GREATER.has(name) ? [right, left] : [left, right];
      return toSums({ term: one, ...at }, 0).flatMap((below) =>
        toSums({ term: other, ...at }, 0).flatMap((above) => toBound(add(below, above, -1), line) ?? []),
      );
    }
    const definitions = findHelper(name, at.scope.vocabulary) ?? [];
    const inside = definitions.flatMap((definition) =>
      boundsIn(definition.rule, enter(definition, terms, at), depth + 1),
    );
    // One of several definitions may hold without the others.
    return inside.filter(({ kind }) => kind === "most" || definitions.length === 1).map((one) => ({ ...one, line }));
  });
}

function hasPassed(name: string): boolean {
  return TIMES_THAT_HAVE_PASSED.some((claim) => name === `input.principal.claims.${claim}`);
}

interface Bound {
  readonly kind: "least" | "most";
  readonly sent: readonly string[];
  readonly line: number;
}

/** Reads a sum that is less than zero as a bound of an age; undefined for any other sum. */
function toBound({ time, sent, rest }: Sum, line: number): Bound | undefined {
  const names = [...sent].flatMap(([name, count]) => (count * time < 0 ? [name] : []));
  if (names.length === 0) return undefined;
  // The age times `time`, plus `rest`, is less than zero.
  const limitS = rest === undefined ? undefined : -rest / time;
  if (time > 0)
    return limitS !== undefined && limitS <= 0 && sent.size === 1 ? undefined : { kind: "most", sent: names, line };
  const isLeast = limitS !== undefined && limitS >= -MAX_AHEAD_S && sent.size === 1;
  return isLeast ? { kind: "least", sent: names, line } : undefined;
}

const NOTHING: Sum = { time: 0, sent: new Map(), rest: 0 };
const UNKNOWN: Sum = { ...NOTHING, rest: undefined };

function add(one: Sum, other: Sum, times: number): Sum {
  const sent = new Map(one.sent);
  for (const [name, count] of other.sent) sent.set(name, (sent.get(name) ?? 0) + times * count);
  const rest = one.rest === undefined || other.rest === undefined ? undefined : one.rest + times * other.rest;
  return { time: one.time + times * other.time, sent, rest };
}

/** The most rules within each other that are followed. Rego has no recursion, but a policy may have a mistake. */
const MAX_DEPTH = 12;

/** Reads a term as a sum; as several, if a helper in it has several definitions. */
function toSums(place: Place, depth: number): readonly Sum[] {
  const { term, scope, operands } = place;
  if (depth > MAX_DEPTH) return [];
  switch (term.type) {
    case "number":
      return [{ ...NOTHING, rest: Number(term.value) }];
    case "call":
      return toSumsOfCall(term.value, place, depth);
    case "array":
    case "set":
    case "object":
      return toMixtures(term.value.flat() as readonly Term[], place, depth);
    case "var":
    case "ref":
      break;
    default:
      return [UNKNOWN];
  }
  const operand = term.type === "var" ? operands.get(term.value) : undefined;
  if (operand !== undefined) return toSums(operand, depth + 1);
  const origin = term.type === "var" ? scope.variables.get(term.value) : undefined;
  if (typeof origin === "object" && "value" in origin) return toSums({ ...place, term: origin.value }, depth + 1);
  const name = exactName(term, scope);
  if (isTimeAsNumber(name) || name.startsWith("input.calendar.")) return [{ ...NOTHING, time: 1 }];
  if (/^data\.data\./.test(fullName(term, scope))) return [UNKNOWN];
  const definitions = name === "" ? [] : (findHelper(name, scope.vocabulary) ?? []);
  if (definitions.length > 0) return toSumsOfHelper(definitions, [], place, depth);
  if (name !== "") return [{ ...NOTHING, sent: new Map([[name, 1]]) }];
  // A part or an item of something that has no name, such as of a list that is split.
  const [head] = term.type === "ref" ? term.value : [];
  const inside = typeof origin === "object" ? origin.itemOf : head;
  const whole = inside === undefined || inside.type === "var" ? [] : toSums({ ...place, term: inside }, depth + 1);
  const isTime = whole.some(({ time, sent }) => time !== 0 && sent.size === 0);
  return isTime ? whole : [{ ...NOTHING, sent: new Map([[textOf(term), 1]]) }];
}

function toSumsOfCall([operator, ...terms]: readonly Term[], place: Place, depth: number): readonly Sum[] {
  const name = fullName(operator, place.scope);
  const definitions = findHelper(name, place.scope.vocabulary) ?? [];
  if (definitions.length > 0) return toSumsOfHelper(definitions, terms, place, depth);
  const parts = terms.map((term) => toSums({ ...place, term }, depth + 1));
  const [first = [], second = []] = parts;
  const pairs = first.flatMap((one) => second.map((other) => [one, other] as const));
  switch (name) {
    case "plus":
      return pairs.map(([one, other]) => add(one, other, 1));
    case "minus":
      return pairs.map(([one, other]) => add(one, other, -1));
    case "mul":
      return pairs.map(([one, other]) => {
        if (isRest(one)) return times(other, one.rest);
        return isRest(other) ? times(one, other.rest) : mix([one, other], textOf(place.term));
      });
    case "div":
      return pairs.map(([one, other]) => times(one, other.rest === undefined ? undefined : 1 / other.rest));
    case "abs":
      return first.map(toSize);
    // These keep which of two times is the later one.
    case "floor":
    case "rem":
    case "data.engine.values.number":
    case "data.engine.values.text":
      return first;
    default:
      return toMixtures(terms, place, depth);
  }
}

/** Reads the size of a sum. That of an age is bounded on both sides. */
function toSize(sum: Sum): Sum {
  const { time, sent } = sum;
  const counts = [time, ...sent.values()];
  if (time !== 0 && counts.some((count) => count * time < 0)) return UNKNOWN;
  return counts.every((count) => count <= 0) ? times(sum, -1) : sum;
}

/** Reads a value that is made of several, such as a text that is cut. Each value in it may make it greater. */
function toMixtures(terms: readonly Term[], place: Place, depth: number): readonly Sum[] {
  const sums = terms.flatMap((term) => toSums({ ...place, term }, depth + 1));
  return [mix(sums, textOf(place.term))];
}

function mix(sums: readonly Sum[], text: string): Sum {
  const names = sums.flatMap(({ sent }) => [...sent.keys()]);
  const time = sums.some((sum) => sum.time !== 0) ? 1 : 0;
  return { time, sent: new Map(names.length > 0 ? [[`${text} ${names.join(" ")}`, 1]] : []), rest: undefined };
}

function toSumsOfHelper(
  definitions: readonly Definition[],
  terms: readonly Term[],
  place: Place,
  depth: number,
): readonly Sum[] {
  return definitions.flatMap((definition) => {
    const { value } = definition.rule.head;
    return value === undefined ? [] : toSums({ term: value, ...enter(definition, terms, place) }, depth + 1);
  });
}

/** Gives the meaning of the names in a rule that is called with these operands. */
function enter(definition: Definition, terms: readonly Term[], { scope, operands }: Omit<Place, "term">) {
  const { args = [] } = definition.rule.head;
  const named = args.flatMap((argument, at): readonly (readonly [string, Place])[] => {
    const term = terms[at];
    return argument.type === "var" && term !== undefined ? [[argument.value, { term, scope, operands }]] : [];
  });
  return { scope: createScope(definition, scope.vocabulary), operands: new Map(named) };
}

function isRest({ time, sent }: Sum): boolean {
  return time === 0 && sent.size === 0;
}

/** Multiplies a sum. Without knowing the number, the signs are kept: a limit or unit is not negative. */
function times({ time, sent, rest }: Sum, count: number | undefined): Sum {
  const by = count ?? 1;
  return {
    time: time * by,
    sent: new Map([...sent].map(([name, many]) => [name, many * by])),
    rest: rest === undefined || (count === undefined && rest !== 0) ? undefined : rest * by,
  };
}
