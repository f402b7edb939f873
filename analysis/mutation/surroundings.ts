import { isObject } from "../../contract/json.ts";
import type { Decider } from "./decide.ts";
import type { DecidedCase } from "./notice.ts";

/** The parts of an input besides method, path, groups and scopes. */
export interface Surroundings {
  readonly principal: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly request: Readonly<Record<string, unknown>>;
  /** The other fields of the input, by their names: `now_s`, `calendar`. */
  readonly others: Readonly<Record<string, unknown>>;
  /** The values of path parameters, by their names, for conditions that read them. */
  readonly params: Readonly<Record<string, string>>;
}

/** Lists surroundings in which some conditions are true and others are not, as far as the tests show such. */
export type FindSurroundings = (wanted: readonly string[], unwanted: readonly string[]) => readonly Surroundings[];

/** The defaults of `testing.input_for`. */
const PLAIN: Surroundings = {
  principal: { kind: "user" },
  claims: {},
  request: { source_ip: "192.0.2.1" },
  others: { now_s: 1_000_000 },
  params: {},
};

const MAX_FOUND = 40;

/**
 * Creates the function that finds surroundings in the cases of the tests. Nothing else knows an input that makes a condition
 * true: a condition is any Rego.
 */
export function createFindSurroundings(cases: readonly DecidedCase[], { explain }: Decider): FindSurroundings {
  const facts = new Map(cases.map((one) => [one, explain(one.input)]));
  const isTrue = (one: DecidedCase, name: string) => facts.get(one)?.conditions.get(name) === true;
  const surroundingsOf = (one: DecidedCase) => toSurroundings(one, facts.get(one)?.params ?? {});
  const casesWith = (name: string, truth: boolean) =>
    cases.filter((one) => facts.get(one)?.conditions.get(name) === truth);
  const found = new Map<string, readonly Surroundings[]>();
  const find: FindSurroundings = (wanted, unwanted) => {
    const isUnwanted = (one: DecidedCase) => unwanted.some((name) => isTrue(one, name));
    const [first, ...others] = wanted;
    if (first === undefined) {
      return [PLAIN, ...unwanted.flatMap((name) => casesWith(name, false).slice(0, MAX_FOUND).map(surroundingsOf))];
    }
    const together = casesWith(first, true).filter((one) => others.every((name) => isTrue(one, name)));
    const whole = [...together.filter((one) => !isUnwanted(one)), ...together.filter(isUnwanted)].slice(0, MAX_FOUND);
    // Perhaps no case has all of them, so cases with one each are merged.
    const parts = wanted.flatMap((name) => {
      const having = casesWith(name, true);
      return having.find((one) => !isUnwanted(one)) ?? having[0] ?? [];
    });
    const all = [...whole.map(surroundingsOf), parts.map(surroundingsOf).reduce(merge, PLAIN)];
    return unwanted.length === 0 ? all : [...all, ...all.flatMap(listWithoutOne)];
  };
  return (wanted, unwanted) => {
    const key = JSON.stringify([wanted, unwanted]);
    const known = found.get(key) ?? find(wanted, unwanted);
    found.set(key, known);
    return known;
  };
}

/** Lists surroundings without one claim, header or other field each, so that a condition that reads it is not true. */
function listWithoutOne(one: Surroundings): readonly Surroundings[] {
  const without = (fields: Readonly<Record<string, unknown>>) =>
    Object.keys(fields).map((name) => Object.fromEntries(Object.entries(fields).filter(([other]) => other !== name)));
  return [
    ...without(one.claims).map((claims) => ({ ...one, claims })),
    ...without(one.request).map((request) => ({ ...one, request })),
    { ...one, request: { ...one.request, source_ip: "192.0.2.1" } },
    ...without(one.others).map((others) => ({ ...one, others })),
    ...[0, 2 ** 40].map((now_s) => ({ ...one, others: { ...one.others, now_s } })),
  ];
}

function toSurroundings({ input }: DecidedCase, params: Surroundings["params"]): Surroundings {
  const { principal, request, ...others } = isObject(input) ? input : {};
  const { claims, ...fields } = isObject(principal) ? principal : {};
  const { "cognito:groups": _, scope: __, ...ofClaims } = isObject(claims) ? claims : {};
  const { method: ___, path: ____, ...ofRequest } = isObject(request) ? request : {};
  return { principal: fields, claims: ofClaims, request: ofRequest, others, params };
}

function merge(one: Surroundings, other: Surroundings): Surroundings {
  return {
    principal: { ...one.principal, ...other.principal },
    claims: { ...one.claims, ...other.claims },
    request: { ...one.request, ...other.request },
    others: { ...one.others, ...other.others },
    params: { ...one.params, ...other.params },
  };
}
