import { type DeploymentAlias, parseDeploymentAlias } from "../contract/deployment-alias.ts";
import type { GateAuthorizer, Model } from "./model.ts";

/** Finds the name of the alias that an authorizer invokes; empty if it names none, or the files don't show it. */
export type AliasOf = (authorizer: Pick<GateAuthorizer, "invokes">) => string;

/** Creates the look-up of aliases: by the resource that a URI refers to, or by the last part of its ARN. */
export function createAliasOf({ functionNames }: Pick<Model, "functionNames">): AliasOf {
  const names = new Map(functionNames.map(({ key, name }) => [key, name]));
  return ({ invokes = "" }) => names.get(invokes) ?? /:([^:]+)$/.exec(invokes)?.[1] ?? "";
}

/** Reads whether an authorizer is report-only, by the name of its alias. */
export function modeOf(aliasName: string): DeploymentAlias["mode"] {
  const alias = parseDeploymentAlias(aliasName);
  return alias.ok ? alias.value.mode : undefined;
}
