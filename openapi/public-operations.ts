import { judgeRoute, type PublicRule, type RouteAccess } from "../contract/public-rules.ts";
import { existsWith, type Operation, operationsOf } from "./operations.ts";
import { readRequirements } from "./security.ts";

/** The policy's public rules, and the API that a document is for. */
export interface PublicRoutes {
  readonly publicRules: readonly PublicRule[];
  /** The name of the API, for rules that are for named APIs. */
  readonly apiName: string | undefined;
}

/** Creates the function that judges whether the policy opens an operation of a document. */
export function createOperationJudge(
  document: unknown,
  { publicRules, apiName }: PublicRoutes,
): (operation: Operation) => RouteAccess {
  const all = operationsOf(document);
  return (operation) => {
    const routes = all.filter((other) => existsWith(other, operation));
    return judgeRoute(publicRules, operation, routes, apiName);
  };
}

/** Makes the `security` of a public operation: none, or the API keys that it has. `[]` holds even if the document has a `security` for all. */
export function toPublicSecurity(document: unknown, { operation }: Operation): readonly object[] {
  const schemes = readRequirements(document, operation)?.alternatives.flat() ?? [];
  const keys = schemes.filter(({ use }) => use === "key").map(({ name }) => name);
  return keys.length === 0 ? [] : [Object.fromEntries(keys.map((name) => [name, []]))];
}

/** Describes a public operation that something authorizes all the same, and what to do. */
export function describeClosed(where: string, { rules }: Extract<RouteAccess, { kind: "public" }>, by: string): string {
  return `${where} is public in the policy (${rules.join(", ")}) and has ${by}, so that not everybody can call it; take that away, or remove the public rule`;
}
