import { findAuthorizer, unknownRoute } from "../analysis/cache/route-authorizer.ts";
import type { AuthorizerSettings } from "../analysis/cache/settings.ts";
import { MAX_TTL_S } from "../contract/cache-key.ts";
import type { CacheContract } from "../contract/manifest.ts";
import { findOpenOperations } from "./open-operations.ts";
import { isPreflightOperation, operationsOf } from "./operations.ts";
import { readSecurity } from "./security.ts";

/** What a REST or HTTP API does if a document does not say (API Gateway developer guide, "x-amazon-apigateway-authorizer"). */
const DEFAULT_TTL_S = 300;

/** What was found in a document. */
export interface Checked {
  /** A line for every operation that is open, or whose answers would be kept as the policy does not allow. */
  readonly errors: readonly string[];
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
  const errors = [...findOpenOperations(document)];
  const uris = new Set<string>();
  let isCaching = false;
  for (const one of operationsOf(document)) {
    const { verb, path, operation } = one;
    const { schemes } = readSecurity(document, operation);
    if (schemes === undefined || isPreflightOperation(one)) continue;
    const authorizers = schemes.flatMap(({ authorizer }) => (authorizer === undefined ? [] : [authorizer]));
    if (authorizers.length === 0) continue;
    const name = findAuthorizer(contract, verb, path);
    if (name === undefined) {
      errors.push(unknownRoute(verb, path));
      continue;
    }
    const { identitySources: needed = [], ttlS } = settings.find((own) => own.name === name) ?? {};
    const isNever = ttlS === 0;
    for (const authorizer of authorizers) {
      const { authorizerUri: uri } = authorizer;
      if (uri !== undefined) uris.add(typeof uri === "string" ? uri : JSON.stringify(uri));
      if (ttlOf(authorizer) === 0) continue;
      isCaching = true;
      const error = findFault(authorizer, isNever, needed);
      if (error !== undefined) errors.push(`${verb} ${path} ${error}`);
    }
  }
  // Whether it is the policy's own can't be told of one, since a URI has many spellings.
  if (uris.size > 1) errors.push(`several Lambdas are asked, of which one has the policy: ${[...uris].join(", ")}`);
  return { errors, isCaching };
}

/** What is wrong with how long an authorizer keeps answers, and by which key. */
function findFault(
  authorizer: Readonly<Record<string, unknown>>,
  isNever: boolean,
  needed: readonly string[],
): string | undefined {
  const ttl = ttlOf(authorizer);
  if (typeof ttl !== "number" || !Number.isInteger(ttl) || ttl < 0)
    return `keeps answers for ${JSON.stringify(ttl)}, which is no whole number of seconds`;
  if (isNever) return `keeps answers for ${ttl} seconds that must not be kept; npm run openapi says how`;
  if (ttl > MAX_TTL_S) return `keeps answers for longer than the ${MAX_TTL_S} seconds that API Gateway takes`;
  const sources = String(authorizer["identitySource"] ?? "").split(/\s*,\s*/);
  const missing = needed.filter((source) => !sources.includes(source));
  if (missing.length === 0) return undefined;
  return `keeps answers without ${missing.join(", ")} in their key; npm run openapi says how`;
}

function ttlOf({ authorizerResultTtlInSeconds: ttl }: Readonly<Record<string, unknown>>): unknown {
  return ttl === undefined ? DEFAULT_TTL_S : ttl;
}
