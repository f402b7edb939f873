import type { Apis, Change, Region, Terms } from "../../../analysis/access/model.ts";
import { segmentsOf } from "../../../contract/path-template.ts";
import type { Difference, Oracle } from "./compare.ts";
import type { AccessCase } from "./policy.ts";
import { isOne, type Person, type Point, toPerson, unique, withOwn } from "./universe.ts";

/** Tells whether a point is one of the paths of a template; parameters have no names. */
export function matches(template: string, segments: readonly string[]): boolean {
  const texts = segmentsOf(template);
  const isGreedy = texts.at(-1) === "{+}";
  if (isGreedy ? segments.length < texts.length : segments.length !== texts.length) return false;
  return texts.every((text, at) => text === "{}" || text === "{+}" || text === segments[at]);
}

function isInside({ path, except }: Region, { segments }: Point): boolean {
  return matches(path, segments) && !except.some((template) => matches(template, segments));
}

/** Tells whether a point is one of the verbs and APIs. */
export function isAbout(verbs: readonly string[], apis: Apis, { method, api }: Point): boolean {
  const isOfApi =
    apis === undefined ||
    ("only" in apis ? api !== undefined && apis.only.includes(api) : !apis.not.includes(api ?? ""));
  return isOfApi && (verbs.includes(method) || (verbs.includes("ANY") && method !== "CONNECT"));
}

function isCancelled({ not }: Pick<Change, "not">, person: Person): boolean {
  return not.some((one) => isOne(person, { atoms: [one], issuer: one.issuer }));
}

function isNear(change: Change, point: Point, person: Person): boolean {
  return isOne(person, change.who) && isAbout(change.verbs, change.apis, point) && isInside(change.region, point);
}

/** Tells whether terms hold for a principal at a point, if these instances of conditions hold. */
function holds(
  { conditions, own }: Terms,
  policy: AccessCase,
  holding: readonly string[],
  point: Point,
  { claims }: Person,
) {
  return (
    conditions.every((name) => holding.includes(toDigests(name, policy))) &&
    own.every(([at, claim]) => claims[claim] === point.segments[at])
  );
}

function toDigests(instance: string, { conditions }: AccessCase): string {
  const [, name = instance, positions = ""] = /^([^(]*)(\(.*\))?$/.exec(instance) ?? [];
  return `${conditions[name]?.digest ?? `unknown ${name}`}${positions}`;
}

/** What is wrong with reported changes: an example each. */
export interface Wrong {
  readonly what: string;
  readonly example: unknown;
}

/** Compares reported changes with what OPA decides. */
export function findWrong(oracle: Oracle, changes: readonly Change[], perClass = 3): readonly Wrong[] {
  return [...findMissing(oracle, changes, perClass), ...changes.flatMap((change) => findUnconfirmed(oracle, change))];
}

/** A difference of the oracle is inside a reported change, which says whether access is gained or lost. */
function findMissing(oracle: Oracle, changes: readonly Change[], perClass: number): readonly Wrong[] {
  return oracle.differences(perClass).flatMap((difference): readonly Wrong[] => {
    const { point, person } = difference;
    const near = changes.filter((change) => isNear(change, point, person));
    const own = near.filter((change) => !isCancelled(change, person));
    const kinds = new Set(own.map(({ kind }) => kind));
    // A change of the effect says what the denials are on both sides.
    const isTold = (kind: string) =>
      kinds.has(kind as Change["kind"]) || kinds.has("condition") || (kind === "guard" && near.length > 0);
    const missing = kindsOf(difference).filter((kind) => !isTold(kind));
    return missing.map((kind) => {
      const cancelled = near.filter((change) => change.kind === kind);
      return {
        what: `${cancelled.length > 0 ? "not cancelled" : "missing"}: ${kind}`,
        example: { ...difference, cancelled },
      };
    });
  });
}

function kindsOf({ before, after }: Difference): readonly ("gain" | "loss" | "guard" | "public")[] {
  if (before.includes("p") !== after.includes("p")) return ["public"];
  const letters = [...before].map((letter, at) => `${letter}${after[at]}`);
  const isGain = letters.some((pair) => /^[^a]a$/.test(pair));
  const isLoss = letters.some((pair) => /^a[^a]$/.test(pair));
  if (!isGain && !isLoss) return ["guard"];
  return [...(isGain ? (["gain"] as const) : []), ...(isLoss ? (["loss"] as const) : [])];
}

/** Each change is what OPA decides for exactly its principal, at every point of its region and for every truth. */
function findUnconfirmed(oracle: Oracle, change: Change): readonly Wrong[] {
  const alone = toPerson(change.who);
  const points = oracle.universe.points.filter(
    (point) => isAbout(change.verbs, change.apis, point) && isInside(change.region, point),
  );
  if (points.length === 0) return [{ what: `no ${change.kind} in the universe`, example: { change } }];
  const found: Wrong[] = [];
  const written = segmentsOf(change.region.path);
  const isOpen = (...positions: readonly number[]) => positions.some((at) => /^\{\+?\}$/.test(written[at] ?? "{}"));
  for (const point of points) {
    const people = peopleAt(oracle, change, point, alone);
    // Nobody is here if a claim must equal two segments which differ, or would cancel the change. Where two segments are the same
    // by chance, a claim that equals one of them equals both.
    const compared = [...change.terms.before, ...change.terms.after].flatMap(({ own }) => own);
    const isTwice = compared.some(([at, claim]) =>
      compared.some(
        ([to, other]) => other === claim && to !== at && point.segments[to] === point.segments[at] && isOpen(at, to),
      ),
    );
    const alternatives = toTold(change);
    let isDifferent =
      isTwice ||
      (alternatives.length > 0 &&
        !people.some((person) =>
          alternatives.some(({ own }) => own.every(([at, claim]) => person.claims[claim] === point.segments[at])),
        ));
    for (const person of people) {
      const { before, after, truths } = oracle.decide(point, person);
      isDifferent ||= before !== after;
      const example = { change, point, person, before, after, truths };
      for (const [at, holding] of truths.entries()) {
        const sides = [before[at] ?? "", after[at] ?? ""];
        for (const [side, letter] of sides.entries()) {
          const expected = toExpected(oracle, change, side, holding, point, person);
          if (!expected.includes(letter)) {
            found.push({
              what: `${change.kind}: not as said ${side === 0 ? "before" : "after"}`,
              example: { ...example, holding },
            });
          }
        }
      }
    }
    if (!isDifferent) found.push({ what: `${change.kind}: no difference`, example: { change, point } });
  }
  return found;
}

/** The alternatives that a change is about: those that one side has and the other hasn't, or all for another kind. */
function toTold({ kind, terms: { before, after } }: Change): readonly Terms[] {
  if (kind !== "gain" && kind !== "loss") return [...before, ...after];
  const [more, less] = kind === "gain" ? [after, before] : [before, after];
  const known = new Set(less.map((terms) => JSON.stringify(terms)));
  return more.filter((terms) => !known.has(JSON.stringify(terms)));
}

/** The letters that a change allows on one side. */
function toExpected(
  { sides }: Oracle,
  change: Change,
  side: number,
  holding: readonly string[],
  point: Point,
  person: Person,
): string {
  const policy = sides[side === 0 ? 0 : 1].policy;
  const [access, alternatives] = side === 0 ? [change.before, change.terms.before] : [change.after, change.terms.after];
  const isTrue = alternatives.some((terms) => holds(terms, policy, holding, point, person));
  if (change.kind === "guard") {
    if (access !== "denied") return "na";
    return isTrue ? "na" : "d";
  }
  // A denial that yields to a changed condition.
  if (change.kind === "condition" && access === "denied" && alternatives.length === 0) return "dn";
  if (access === "public") return "p";
  if (access === "none") return "nd";
  // What lifts a denial is said of guards only.
  if (access === "denied") return "dn";
  return isTrue ? "a" : "nd";
}

/** The principal with and without the claims that equal segments of the path. */
function peopleAt(
  { sides }: Oracle,
  { terms, not, region }: Pick<Change, "terms" | "not" | "region">,
  point: Point,
  person: Person,
): readonly Person[] {
  const roles = sides.flatMap(({ policy }) => Object.values(policy.roles));
  const isCompared = (claim: string) =>
    sides.some(({ policy }) =>
      Object.values(policy.grants).some(({ where = {} }) => Object.values(where).includes(claim)),
    );
  const isOfRole = (claim: string, value: string) => roles.some((role) => role.claims?.[claim]?.includes(value));
  const owns = [...terms.before, ...terms.after].flatMap(({ own }) => own);
  const claims = unique(owns.map(([, claim]) => claim));
  let maps: Person["claims"][] = [{}];
  for (const claim of claims) {
    const known = person.claims[claim];
    const values = unique(
      owns
        .filter(([, other]) => other === claim)
        .map(([at]) => ({ at, value: point.segments[at] ?? "" }))
        // At a parameter of the region, a value that gives a role makes another principal.
        .filter(({ at, value }) => segmentsOf(region.path)[at] === value || known === value || !isOfRole(claim, value))
        .map(({ value }) => value),
    );
    // A claim that gives a role may be a list, which equals no segment.
    const other = known === undefined ? {} : { [claim]: [known].flat() };
    const possible = known === undefined ? values : values.filter((value) => value === known);
    maps = maps.flatMap((map) => [{ ...map, ...other }, ...possible.map((value) => ({ ...map, [claim]: value }))]);
  }
  const lists = Object.fromEntries(
    Object.entries(person.claims).map(([claim, value]) => [claim, isCompared(claim) ? [value].flat() : value]),
  );
  const people = [...maps.map((map) => withOwn(person, map)), withOwn(person, lists)];
  return people.filter((one) => !isCancelled({ not }, one));
}

/** Lists the atoms that a change says cancel it, and with which OPA finds it nevertheless. */
export function findUncancelled(oracle: Oracle, change: Change): readonly Wrong[] {
  const points = oracle.universe.points.filter(
    (point) => isAbout(change.verbs, change.apis, point) && isInside(change.region, point),
  );
  return change.not.flatMap((atom): readonly Wrong[] => {
    const issuer = change.who.issuer ?? atom.issuer;
    const person = toPerson({ atoms: [...change.who.atoms, atom], issuer });
    return points.flatMap((point) =>
      peopleAt(oracle, { ...change, not: [] }, point, person).flatMap((one) => {
        const { before, after, truths } = oracle.decide(point, one);
        const isFound = [...before].some((letter, at) =>
          change.kind === "gain" ? letter !== "a" && after[at] === "a" : letter === "a" && after[at] !== "a",
        );
        return isFound
          ? [{ what: "not cancelled", example: { change, atom, point, person: one, before, after, truths } }]
          : [];
      }),
    );
  });
}
