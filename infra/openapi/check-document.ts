import type { AuthorizerSettings } from "../../build/cache/settings.ts";
import { type CacheContract, findAuthorizer, unknownRoute } from "../contract-routes.ts";
import { findOpenOperations, isPreflightOperation, operationsOf, schemesOf } from "./open-operations.ts";

/** What a REST or HTTP API does if a document does not say (API Gateway developer guide, "x-amazon-apigateway-authorizer"). */
const DEFAULT_TTL_S = 300;

/** What was found in a document. */
export interface Checked {
  /** A line for every operation that is open, or whose answers would be kept as the policy does not allow. */
  readonly faults: readonly string[];
  readonly isCaching: boolean;
}

/**
 * Checks a document that somebody else made, or changed: every operation has an authorizer, and what that keeps may be kept.
 *
 * @param settings - What the contract allows, by the authorizers' names.
 */
export function checkDocument(
  document: unknown,
  contract: CacheContract,
  settings: readonly AuthorizerSettings[],
): Checked {
  const schemes = schemesOf(document);
  const faults = [...findOpenOperations(document)];
  let isCaching = false;
  for (const one of operationsOf(document)) {
    const { verb, path, operation } = one;
    const authorizer = authorizerOf(operation["security"], schemes);
    if (authorizer === undefined || isPreflightOperation(one)) continue;
    const name = findAuthorizer(contract, verb, path);
    if (name === undefined) {
      faults.push(unknownRoute(verb, path));
      continue;
    }
    const ttlS = Number(authorizer["authorizerResultTtlInSeconds"] ?? DEFAULT_TTL_S);
    if (ttlS === 0) continue;
    isCaching = true;
    const needed = settings.find((own) => own.name === name)?.identitySources ?? [];
    const sources = String(authorizer["identitySource"] ?? "").split(/\s*,\s*/);
    const missing = needed.filter((source) => !sources.includes(source));
    if (contract.authorizers[name]?.class === "never")
      faults.push(`${verb} ${path} keeps answers for ${ttlS} seconds that must not be kept; npm run openapi says how`);
    else if (!(ttlS <= 3600))
      faults.push(`${verb} ${path} keeps answers for longer than the 3600 seconds that API Gateway takes`);
    else if (missing.length > 0)
      faults.push(`${verb} ${path} keeps answers without ${missing.join(", ")} in their key; npm run openapi says how`);
  }
  return { faults, isCaching };
}

function authorizerOf(
  security: unknown,
  schemes: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> | undefined {
  const names = Array.isArray(security) ? security.flatMap((one) => Object.keys(Object(one))) : [];
  return names
    .map((name) => Object(schemes[name])["x-amazon-apigateway-authorizer"])
    .find((found) => found !== undefined);
}
