import { own } from "../../contract/json.ts";
import type { AccessPolicy, ConditionFacts, Terms } from "./model.ts";

/** Numbers for what may hold or not: instances of conditions, and positions that equal a claim. */
export interface Variables {
  /** Finds the number of a condition instance. `side` is the place of the policy among those that are compared. */
  readonly condition: (side: number, name: string, at: Positions) => number;
  readonly own: (position: number, claim: string) => number;
  /** The text for a group of roles that lifts a denial or that a grant must not see. */
  readonly roles: (text: string) => number;
  /** Writes variables as terms, with the names that a side's conditions have. */
  readonly toTerms: (side: number, variables: readonly number[]) => Terms;
  /** Tells whether a variable is an instance of a condition that both sides have and that is not the same. */
  readonly isChanged: (variable: number) => boolean;
}

/** The positions of the parameters of a rule, by name: of one segment, and of the greedy one. */
export interface Positions {
  readonly params: Readonly<Record<string, number>>;
  readonly tail: Readonly<Record<string, number>>;
}

type Variable =
  | { readonly kind: "condition"; readonly pair: number; readonly positions: string }
  | { readonly kind: "own"; readonly position: number; readonly claim: string }
  | { readonly kind: "roles"; readonly text: string };

/** A condition of each side, which are one variable. Several conditions of a side may have one digest. */
interface Pair {
  /** By side. */
  readonly names: string[][];
  isChanged: boolean;
}

/** How the conditions of two policies are the same: by name and digest, then by digest, then by name. */
export interface Pairing {
  /** By side and name. */
  readonly pairs: readonly ReadonlyMap<string, number>[];
  readonly list: readonly Pair[];
}

/**
 * Pairs the conditions of the policies that are compared.
 *
 * A condition with the same digest has the same truth, whatever its name is. One that has only the name in common is taken for
 * the same condition, changed: whether that widens is not known.
 */
export function pairConditions(policies: readonly Pick<AccessPolicy, "conditions">[]): Pairing {
  const list: Pair[] = [];
  const pairs = policies.map(() => new Map<string, number>());
  const byDigest = new Map<string, number>();
  const create = () => list.push({ names: policies.map(() => []), isChanged: false }) - 1;
  const assign = (side: number, name: string, pair: number) => {
    pairs[side]?.set(name, pair);
    list[pair]?.names[side]?.push(name);
  };
  const firstDigests = new Set(Object.values(policies[0]?.conditions ?? {}).map(({ digest }) => digest));
  for (const [side, { conditions }] of policies.entries()) {
    for (const [name, { digest }] of sorted(conditions)) {
      // A condition of the second side that has another digest waits for its name.
      if (side > 0 && !firstDigests.has(digest)) continue;
      const pair = byDigest.get(digest) ?? create();
      byDigest.set(digest, pair);
      assign(side, name, pair);
    }
  }
  const [first, second] = [pairs[0], policies[1]?.conditions ?? {}];
  for (const [name, { digest }] of sorted(second)) {
    if (pairs[1]?.has(name)) continue;
    const named = first?.get(name);
    const isFree = named !== undefined && list[named]?.names[1]?.length === 0;
    const pair = byDigest.get(digest) ?? (isFree ? named : create());
    if (isFree && pair === named) {
      const one = list[pair];
      if (one !== undefined) one.isChanged = true;
    }
    byDigest.set(digest, pair);
    assign(1, name, pair);
  }
  return { pairs, list };
}

function sorted(conditions: Readonly<Record<string, ConditionFacts>>): readonly (readonly [string, ConditionFacts])[] {
  return Object.entries(conditions).sort(([one], [other]) => (one < other ? -1 : 1));
}

/** Creates the numbers of variables for the policies that are compared. */
export function createVariables(policies: readonly Pick<AccessPolicy, "conditions">[], pairing: Pairing): Variables {
  const variables: Variable[] = [];
  const numbers = new Map<string, number>();
  const number = (variable: Variable): number => {
    const key = JSON.stringify(Object.values(variable));
    const known = numbers.get(key) ?? variables.push(variable) - 1;
    numbers.set(key, known);
    return known;
  };
  return {
    condition(side, name, { params, tail }) {
      const read = policies[side]?.conditions[name]?.params ?? [];
      const positions = read.map(
        (param) => own(params, param) ?? (own(tail, param) === undefined ? "-" : `${tail[param]}+`),
      );
      const pair = pairing.pairs[side]?.get(name);
      // A condition that the policy does not define can't be built; it is a variable of its own.
      if (pair === undefined) return number({ kind: "roles", text: name });
      return number({ kind: "condition", pair, positions: positions.join(",") });
    },
    own: (position, claim) => number({ kind: "own", position, claim }),
    roles: (text) => number({ kind: "roles", text }),
    toTerms(side, list) {
      const found = list.map((one) => variables[one]);
      return {
        conditions: found
          .flatMap((one) => (one === undefined || one.kind === "own" ? [] : nameOf(one, side, pairing)))
          .sort(),
        own: found
          .flatMap((one): readonly (readonly [number, string])[] =>
            one?.kind === "own" ? [[one.position, one.claim]] : [],
          )
          .sort(([one, claim], [other, otherClaim]) => one - other || (claim < otherClaim ? -1 : 1)),
      };
    },
    isChanged(variable) {
      const one = variables[variable];
      return one?.kind === "condition" && pairing.list[one.pair]?.isChanged === true;
    },
  };
}

function nameOf(variable: Exclude<Variable, { kind: "own" }>, side: number, { list }: Pairing): string {
  if (variable.kind === "roles") return variable.text;
  const names = list[variable.pair]?.names ?? [];
  const name = [...(names[side] ?? []), ...names.flat()][0] ?? "";
  return variable.positions === "" ? name : `${name}(${variable.positions})`;
}
