import { isObject } from "../../contract/json.ts";
import { parseTemplate } from "../../contract/path-template.ts";
import { matches } from "./candidates.ts";
import { type Decider, requestOf } from "./decide.ts";
import type { DecidedCase } from "./notice.ts";

/** The parts of an input besides method, path, groups and scopes. */
export interface Surroundings {
  readonly principal: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly request: Readonly<Record<string, unknown>>;
  readonly nowS: unknown;
  /** A path for which conditions that read its parameters are true; undefined if any path will do. */
  readonly path: string | undefined;
}

/** Lists surroundings in which some conditions are true and others are not, as far as the tests show such. */
export type FindSurroundings = (
  wanted: readonly string[],
  unwanted: readonly string[],
  template: string,
) => readonly Surroundings[];

/** The defaults of `testing.input_for`. */
const PLAIN: Surroundings = {
  principal: { kind: "user" },
  claims: {},
  request: { source_ip: "192.0.2.1" },
  nowS: 1_000_000,
  path: undefined,
};

const MAX_FOUND = 6;

/**
 * Creates the function that finds surroundings in the cases of the tests. Nothing else knows an input that makes a condition
 * true: a condition is any Rego.
 */
export function createFindSurroundings(cases: readonly DecidedCase[], { conditionsOf }: Decider): FindSurroundings {
  const known = new Map<DecidedCase, ReadonlyMap<string, boolean>>();
  const truthsIn = (one: DecidedCase) => {
    const found = known.get(one) ?? conditionsOf(one.input);
    known.set(one, found);
    return found;
  };
  const byCondition = new Map<string, { readonly yes: DecidedCase[]; readonly no: DecidedCase[] }>();
  for (const one of cases) {
    for (const [name, isTrue] of truthsIn(one)) {
      const entry = byCondition.get(name) ?? { yes: [], no: [] };
      byCondition.set(name, entry);
      (isTrue ? entry.yes : entry.no).push(one);
    }
  }
  return (wanted, unwanted, template) => {
    if (wanted.length === 0) return [PLAIN, ...unwanted.flatMap((name) => toList(byCondition.get(name)?.no))];
    const parsed = parseTemplate(template);
    const fits = ({ segments }: DecidedCase) => segments !== undefined && matches(parsed, segments);
    const [first = "", ...others] = wanted;
    const isGood = (one: DecidedCase) =>
      others.every((name) => truthsIn(one).get(name) === true) &&
      unwanted.every((name) => truthsIn(one).get(name) !== true);
    const together = (byCondition.get(first)?.yes ?? []).filter(isGood);
    const onPath = together.filter(fits);
    const whole = [...onPath, ...together].slice(0, MAX_FOUND);
    // No case has all of them, so cases with one each are merged.
    const merged = wanted.map(
      (name) => (byCondition.get(name)?.yes ?? []).filter(fits)[0] ?? byCondition.get(name)?.yes[0],
    );
    const parts = merged.filter((one) => one !== undefined).map((one) => toSurroundings(one, fits(one)));
    return [...whole.map((one) => toSurroundings(one, fits(one))), parts.reduce(merge, PLAIN)];
  };
}

function toList(cases: readonly DecidedCase[] = []): readonly Surroundings[] {
  return cases.slice(0, MAX_FOUND).map((one) => toSurroundings(one, false));
}

function toSurroundings({ input }: DecidedCase, keepsPath: boolean): Surroundings {
  const { principal, request, now_s: nowS } = isObject(input) ? input : {};
  const { claims, ...fields } = isObject(principal) ? principal : {};
  const { "cognito:groups": _, scope: __, ...others } = isObject(claims) ? claims : {};
  const { method: ___, path: ____, ...ofRequest } = isObject(request) ? request : {};
  const path = keepsPath ? requestOf(input).path : undefined;
  return { principal: fields, claims: others, request: ofRequest, nowS, path };
}

function merge(one: Surroundings, other: Surroundings): Surroundings {
  return {
    principal: { ...one.principal, ...other.principal },
    claims: { ...one.claims, ...other.claims },
    request: { ...one.request, ...other.request },
    nowS: other.nowS ?? one.nowS,
    path: other.path ?? one.path,
  };
}
