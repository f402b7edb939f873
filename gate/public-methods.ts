import { describePartly } from "../contract/declared-access.ts";
import { parseDeploymentAlias } from "../contract/deployment-alias.ts";
import { judgeRoute, type PublicRule, type RouteAccess } from "../contract/public-rules.ts";
import { createAliasesOf } from "./aliases.ts";
import { createCertainRoutes, toRoute } from "./certain-routes.ts";
import type { GateAuthorizer, GateFunction, GateMethod, Key, Model } from "./model.ts";
import type { PolicyAuthorizers } from "./policy-authorizers.ts";

/** Whether the policy opens a method, and what a finding says if it does not and the method is open. */
export interface JudgedAccess {
  readonly access: RouteAccess;
  /** The end of a sentence, such as why no rule covers it; empty if there is nothing to say. */
  readonly cause: string;
  /** The remedy in the policy. */
  readonly advice: string;
}

/** Judges whether the policy opens a method. */
export interface PublicMethods {
  readonly judge: (method: GateMethod) => JudgedAccess;
}

/**
 * Creates the judgement of public methods. The rules are the user's, of a build or of policies; without them those in the marks of
 * the functions that the API's authorizers invoke, or of an authorizer whose function is not in the files. If these are several functions, all of their policies must agree.
 *
 * @param given - The public rules that the user named; undefined if the user named none.
 */
export function createPublicMethods(
  model: Model,
  policies: PolicyAuthorizers,
  given: readonly PublicRule[] | undefined,
): PublicMethods {
  const aliasesOf = createAliasesOf(model);
  const routesBeside = createCertainRoutes(model);
  const known = new Map<Key, ReturnType<typeof readApi>>();
  const readApi = (api: Key) => {
    const own = model.authorizers.filter((one) => one.api === api && policies.findDoubt(one) === undefined);
    const marked = own.flatMap((one) => toMarkedRules(one, policies.functionsOf(one)));
    const shown = marked.flatMap((rules) => (rules === undefined ? [] : [rules]));
    const names = own.flatMap(aliasesOf).flatMap((name) => {
      const alias = parseDeploymentAlias(name ?? "");
      return alias.ok ? [alias.value.api] : [];
    });
    const [name, ...others] = new Set(names);
    return {
      name: others.length === 0 ? name : undefined,
      policies: given !== undefined ? [given] : marked.length === shown.length ? shown : [],
    };
  };
  const ofApi = (api: Key) => {
    const found = known.get(api) ?? readApi(api);
    known.set(api, found);
    return found;
  };
  return {
    judge(method) {
      const { name, policies: sets } = ofApi(method.api);
      const route = toRoute(method);
      if (sets.length === 0) return { access: CLOSED, cause: "", advice: NO_POLICY };
      if (route === undefined) {
        const cause =
          sets.flat().length === 0 ? "" : ", and its path is not visible, so that no public rule can cover it";
        return { access: CLOSED, cause, advice: NO_RULE };
      }
      const judged = sets.map((rules) => judgeRoute(rules, route, routesBeside(method), name));
      const access = judged.find(({ kind }) => kind !== "public") ?? judged[0] ?? CLOSED;
      const partly = describePartly(route, access);
      return partly === undefined
        ? { access, cause: "", advice: NO_RULE }
        : { access, cause: `, and ${partly}`, advice: NO_RULE };
    },
  };
}

/** Lists the public rules that marks show for an authorizer: of each function, and undefined where nothing shows them. */
function toMarkedRules(
  { invokes, markedFor, markedRules }: GateAuthorizer,
  invoked: readonly GateFunction[],
): readonly (readonly PublicRule[] | undefined)[] {
  if (invoked.length > 0) return invoked.map(({ publicRules }) => publicRules);
  return [markedFor === invokes ? markedRules : undefined];
}

const CLOSED: RouteAccess = { kind: "closed" };
const NO_RULE = "or let a public rule of the policy open it";
const NO_POLICY = `${NO_RULE}, which check-template reads with --policies or --dist`;
