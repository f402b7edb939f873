import { HTTP_METHODS, methodsOfAll } from "../../contract/route.ts";
import { isDenialFor, isGrantFor } from "../../contract/rule-apis.ts";
import type { AccessPolicy, RoleFormula, Terms } from "./model.ts";
import { type Pattern, toPattern } from "./points.ts";
import type { Variables } from "./variables.ts";

/** The methods that rules are about. The place of each is its bit in a set of methods. */
const METHODS: readonly string[] = [...HTTP_METHODS, "CONNECT"];

const ALL_HTTP = 2 ** HTTP_METHODS.length - 1;

/** Every method. */
export const ALL_METHODS = 2 ** METHODS.length - 1;

/** Writes verbs as a set of methods. */
export function toMethods(verbs: readonly string[]): number {
  return methodsOfAll(verbs).reduce((set, method) => set | (1 << METHODS.indexOf(method)), 0);
}

/** Lists the verbs of a set of methods, sorted; `ANY` for all HTTP methods. */
export function toVerbs(methods: number): readonly string[] {
  const isAny = (methods & ALL_HTTP) === ALL_HTTP;
  const rest = METHODS.filter((_, at) => (methods & ~(isAny ? ALL_HTTP : 0) & (1 << at)) !== 0);
  return [...(isAny ? ["ANY"] : []), ...rest].sort();
}

/** Splits all methods into the sets that no rule tells apart. */
export function splitMethods(rules: readonly { readonly methods: number }[]): readonly number[] {
  let sets: number[] = [ALL_METHODS];
  for (const methods of new Set(rules.map((rule) => rule.methods))) {
    sets = sets.flatMap((set) => [set & methods, set & ~methods].filter((part) => part !== 0));
  }
  return sets;
}

/** Lists the methods that are in some of the sets, each as a set of its own. */
export function listMethods(sets: readonly { readonly methods: number }[]): readonly number[] {
  const all = sets.reduce((joined, { methods }) => joined | methods, 0);
  return METHODS.map((_, at) => 1 << at).filter((method) => (all & method) !== 0);
}

/** A grant or denial of one side, ready to be compared. */
export interface ComparedRule extends Pattern {
  readonly name: string;
  readonly kind: "grant" | "denial" | "public";
  readonly methods: number;
  /** Empty for a denial: everybody. */
  readonly roles: readonly string[];
  /** The positions that must equal a claim, and the variable of each. */
  readonly own: readonly { readonly position: number; readonly claim: string; readonly variable: number }[];
  /** The condition instances: of a grant those that must be true, of a denial those that lift it together. */
  readonly variables: readonly number[];
  /** The conditions that ask for roles only. */
  readonly formulas: readonly RoleFormula[];
}

/** A denial as far as it matters whom it denies. */
export type Denial = Pick<ComparedRule, "roles" | "variables" | "formulas">;

/** The rules of one side for one API. */
export interface ComparedRules {
  readonly grants: readonly ComparedRule[];
  readonly denials: readonly ComparedRule[];
  readonly publicRules: readonly ComparedRule[];
}

/**
 * Makes the rules of a policy for one API.
 *
 * @param side - The place of the policy among those that are compared.
 * @param api - The API's name; undefined for an API that no rule names.
 */
export function toComparedRules(
  policy: AccessPolicy,
  side: number,
  variables: Variables,
  api: string | undefined,
): ComparedRules {
  const name = api ?? OTHER_API;
  const toConditions = (names: readonly string[], at: Parameters<Variables["condition"]>[2]) => {
    const found = names.map((one) => ({ name: one, roles: policy.conditions[one]?.roles }));
    return {
      variables: found.flatMap((one) => (one.roles === undefined ? [variables.condition(side, one.name, at)] : [])),
      formulas: found.flatMap((one) => (one.roles === undefined ? [] : [one.roles])),
    };
  };
  return {
    grants: Object.entries(policy.grants)
      .filter(([, grant]) => isGrantFor(grant, name))
      .map(([rule, grant]) => ({
        ...toPattern(grant.path),
        name: rule,
        kind: "grant",
        methods: toMethods(grant.verbs),
        roles: grant.roles,
        own: Object.entries(grant.where).flatMap(([param, claim]) => {
          const position = grant.params[param];
          return position === undefined ? [] : [{ position, claim, variable: variables.own(position, claim) }];
        }),
        ...toConditions(grant.when, grant),
      })),
    denials: Object.entries(policy.denials)
      .filter(([, denial]) => isDenialFor(denial, name))
      .map(([rule, denial]) => ({
        ...toPattern(denial.path),
        name: rule,
        kind: "denial",
        methods: toMethods(denial.verbs),
        roles: denial.roles,
        own: [],
        ...toConditions(denial.unless, denial),
      })),
    publicRules: policy.publicRules
      .filter(({ apis }) => apis === undefined || apis.includes(name))
      .map((rule) => ({
        ...toPattern(rule.path),
        name: rule.name,
        kind: "public",
        methods: toMethods(rule.verbs),
        roles: ["authenticated"],
        own: [],
        variables: [],
        formulas: [],
      })),
  };
}

/** The name of an API that no rule can name. */
const OTHER_API = "";

/** Tells whether terms ask for nothing. */
export function isUnconditional({ conditions, own }: Terms): boolean {
  return conditions.length === 0 && own.length === 0;
}
