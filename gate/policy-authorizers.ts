import { REVISION_TAG } from "./marks.ts";
import type { GateAuthorizer, GateFunction, Key, Model } from "./model.ts";
import { referencesIn, toResource } from "./references.ts";

/** The variables that the function of a policy has, besides others. */
const VARIABLES = ["TRUSTED_ISSUERS", "CACHE_CONTRACT"];

/** A chain of versions and aliases is shorter. */
const MAX_NAMES = 10;

/** Tells the authorizers that evaluate a policy from others. */
export interface PolicyAuthorizers {
  /** Says why an authorizer evaluates no policy; undefined if it does. */
  readonly findDoubt: (authorizer: GateAuthorizer) => string | undefined;
  /** Lists the functions that an authorizer invokes, of those that the files show. */
  readonly functionsOf: (authorizer: GateAuthorizer) => readonly GateFunction[];
}

/**
 * Creates the judgement of authorizers. An authorizer evaluates a policy if
 *
 * - its function is in the files, and has the mark of the constructs or the variables of this product, or is named,
 * - or its function is not in the files, and the authorizer has the mark for exactly this function, or is named.
 *
 * @param named - Logical ids, construct paths, names or ARNs of authorizers or functions that the user says are the policy's.
 */
export function createPolicyAuthorizers(model: Model, named: readonly string[]): PolicyAuthorizers {
  const functions = new Map<Key, GateFunction[]>();
  const byName = new Map<string, GateFunction[]>();
  const add = (map: Map<string, GateFunction[]>, key: string, one: GateFunction) =>
    map.set(key, [...(map.get(key) ?? []), one]);
  for (const one of model.functions) {
    add(functions, one.key, one);
    if (one.name !== undefined) add(byName, one.name, one);
  }
  const names = new Map<Key, Key[]>();
  for (const { key, of } of model.functionNames) names.set(key, [...(names.get(key) ?? []), of]);

  const find = (text: string, depth = 0): readonly GateFunction[] => {
    if (depth > MAX_NAMES) return [];
    const found = referencesIn(text)
      .map(toResource)
      .flatMap((key) => [
        ...(functions.get(key) ?? []),
        ...(names.get(key) ?? []).flatMap((of) => find(of, depth + 1)),
      ]);
    const [, name = text] = /:function:((?:\uE000[^\uE001]*\uE001|[^:/])+)/.exec(text) ?? [];
    return found.length > 0 ? found : (byName.get(name) ?? []);
  };
  const isNamed = (own: readonly string[], text: string) =>
    named.some((name) => own.includes(name) || name === text || (name.startsWith("arn:") && text === name));
  const isOfPolicy = ({ isMarked, environment, names: own }: GateFunction, text: string) =>
    isMarked || VARIABLES.every((name) => Object.hasOwn(environment, name)) || isNamed(own, text);

  return {
    functionsOf: ({ invokes }) => (invokes === undefined ? [] : find(invokes)),
    findDoubt({ type, invokes, names: own, markedFor }) {
      if (type !== "request" && type !== "token")
        return `an authorizer of type ${type.toUpperCase()} evaluates no policy`;
      if (invokes === undefined) return "the files do not show which function it invokes";
      const invoked = find(invokes);
      if (isNamed(own, invokes)) return undefined;
      const [other] = invoked.filter((one) => !isOfPolicy(one, invokes));
      if (other !== undefined) return `its function ${other.names.at(-1)} ${lackOf(other)}`;
      if (invoked.length > 0 || markedFor === invokes) return undefined;
      return markedFor === undefined
        ? "its function is not in the files, so it is not known whether it evaluates a policy"
        : "its mark is for another function, and its own is not in the files";
    },
  };
}

/** Says why a function is not known to be a policy's. */
function lackOf({ hidesVariables = false }: GateFunction): string {
  return hidesVariables
    ? `has variables that are known after the apply only, and no tag ${REVISION_TAG}; use the module infra/terraform, or name the function with --authorizer`
    : `has neither the mark nor the variables (${VARIABLES.join(", ")}) of the policy's function`;
}
