import { parseApiContracts } from "../contract/api-contracts.ts";
import { type DeploymentAlias, parseDeploymentAlias } from "../contract/deployment-alias.ts";
import type { GateAuthorizer, GateFunction, Key, Model } from "./model.ts";
import type { PolicyAuthorizers } from "./policy-authorizers.ts";
import { isShown, toResource } from "./references.ts";

/**
 * Lists the names of the alias that an authorizer invokes, one for each branch of a condition: an empty one if it invokes a function
 * without an alias, and undefined if the files don't show it.
 */
export type AliasesOf = (authorizer: Pick<GateAuthorizer, "invokes">) => readonly (string | undefined)[];

/** Creates the look-up of aliases: by the resource that a URI refers to, or by the last part of its ARN. */
export function createAliasesOf({ functionNames, functions }: Pick<Model, "functionNames" | "functions">): AliasesOf {
  const names = new Map<Key, Set<string | undefined>>();
  const add = (key: Key, name: string | undefined) => names.set(key, (names.get(key) ?? new Set()).add(name));
  for (const { key } of functions) add(key, "");
  for (const { key, name, isVersion } of functionNames) add(key, isVersion === true ? "" : name);

  const findNamed = (text: string) => [...(names.get(toResource(text)) ?? [undefined])];
  return function aliasesOf({ invokes = "" }) {
    // A colon within a reference is not one of the ARN.
    const [, before, last = ""] = /^(.*):((?:\uE000[^\uE001]*\uE001|[^:\uE000\uE001])+)$/s.exec(invokes) ?? [];
    if (before === undefined || before.endsWith("\uE000")) return isShown(invokes) ? [""] : findNamed(invokes);
    if (before.endsWith(":function")) return [""];
    // API Gateway puts the value of a stage's variable in the place of `${stageVariables.name}`.
    if (isShown(last)) return [last.includes("${") ? undefined : last];
    return findNamed(last).map((name) => (name === "" ? name : undefined));
  };
}

/** Reads whether an alias is report-only, by its name. */
export function modeOf(aliasName: string): DeploymentAlias["mode"] {
  const alias = parseDeploymentAlias(aliasName);
  return alias.ok ? alias.value.mode : undefined;
}

/** Whether an authorizer is report-only in some branch of a condition, or may be because the files don't show its alias. */
export type AuthorizerMode = "enforce" | "report" | "hidden";

/** Creates the judgement of an authorizer's mode. */
export function createFindMode(
  model: Model,
  { functionsOf }: Pick<PolicyAuthorizers, "functionsOf">,
): (authorizer: GateAuthorizer) => AuthorizerMode {
  const aliasesOf = createAliasesOf(model);
  return function findMode(authorizer) {
    const aliases = aliasesOf(authorizer);
    if (aliases.some((name) => name !== undefined && modeOf(name) === "report")) return "report";
    if (!aliases.includes(undefined)) return "enforce";
    const invoked = functionsOf(authorizer);
    if (invoked.some(canReport)) return "hidden";
    // Without a function in the files, the authorizer's mark says what it invokes, or the user does.
    const isMarked = invoked.length === 0 && authorizer.markedFor === authorizer.invokes;
    return isMarked && authorizer.markedMode === "report" ? "report" : "enforce";
  };
}

/** Tells whether an alias of a function can be report-only: one of its contracts is, or may be. */
function canReport({ environment, hidesVariables = false }: GateFunction): boolean {
  if (hidesVariables) return true;
  if (!Object.hasOwn(environment, "API_CONTRACTS")) return false;
  const { API_CONTRACTS: text } = environment;
  const contracts = text === undefined ? undefined : parseApiContracts(text);
  return contracts?.ok !== true || [...contracts.value.values()].some(({ mode }) => mode === "report");
}
