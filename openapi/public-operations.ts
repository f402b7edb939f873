import { describeOpen, describePartly } from "../contract/declared-access.ts";
import { judgeRoute, type PublicRule, type RouteAccess } from "../contract/public-rules.ts";
import { type Operation, operationsOf } from "./operations.ts";
import { apiKeysOf, findAuthConflict, isDeclaredOpen } from "./security.ts";

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
  const routes = operationsOf(document);
  return (operation) => judgeRoute(publicRules, operation, routes, apiName);
}

/**
 * Finds what is wrong about an operation whose authorizers are to be written: it is public in part, open without a public rule,
 * or `x-amazon-apigateway-auth` contradicts what is written. An open `OPTIONS` is a preflight.
 */
export function findOperationErrors({ verb, path, operation }: Operation, access: RouteAccess): readonly string[] {
  const partly = describePartly({ verb, path }, access);
  if (partly !== undefined) return [partly];
  const isNone = String(Object(operation["x-amazon-apigateway-auth"]).type).toUpperCase() === "NONE";
  const conflict = access.kind === "public" && isNone ? undefined : findAuthConflict(operation, false);
  if (conflict !== undefined) return [`${verb} ${path} ${conflict}`];
  const isOpen = access.kind !== "public" && verb !== "OPTIONS" && isDeclaredOpen(operation);
  return isOpen ? [describeOpen({ verb, path })] : [];
}

/** Makes the `security` of a public operation: none, or the API keys that it has. `[]` holds even if the document has a `security` for all. */
export function toPublicSecurity(document: unknown, { operation }: Operation): readonly object[] {
  const keys = apiKeysOf(document, operation);
  return keys.length === 0 ? [] : [Object.fromEntries(keys.map((name) => [name, []]))];
}

/** Describes a public operation that something authorizes all the same, and what to do. */
export function describeClosed(where: string, { rules }: Extract<RouteAccess, { kind: "public" }>, by: string): string {
  return `${where} is public in the policy (${rules.join(", ")}) and has ${by}, so that not everybody can call it; take that away, or remove the public rule`;
}
