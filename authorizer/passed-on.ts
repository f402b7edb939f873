import { type ApiKind, traitsOf } from "../contract/api-kinds.ts";
import type { ContextClaim } from "../contract/context-claims.ts";
import { MAX_CONTEXT_CHARS, MAX_RESPONSE_BYTES } from "../contract/limits.ts";
import { formatContextValue } from "./gateway/context-value.ts";
import type { AuthorizerResponse, Context } from "./gateway/response.ts";
import type { Principal } from "./identity/principal.ts";

/** The claims that responses pass on. */
export interface PassedOn {
  /** For the back end, in the context. */
  readonly contextClaims: readonly ContextClaim[];
  /** For API Gateway: the claim with the API key of a REST API's usage plan. A secret; it is neither logged nor in the context. */
  readonly usageKeyClaim: string | undefined;
}

/**
 * Adds the caller's claims to an Allow. All of them follow from the token, so that they are right for all requests to
 * which API Gateway applies a cached response. What does not fit is left out, so that it never changes the decision.
 */
export function passOn(
  response: AuthorizerResponse,
  kind: ApiKind | undefined,
  principal: Principal,
  { contextClaims, usageKeyClaim }: PassedOn,
): AuthorizerResponse {
  if (!isAllow(response)) return response;
  if (usageKeyClaim === undefined && contextClaims.length === 0) return response;
  const key = usageKeyClaim === undefined ? undefined : claimOf(principal, usageKeyClaim);
  const isRest = kind !== undefined && traitsOf(kind).api === "rest";
  const withKey = { ...response, ...(isRest && isApiKey(key) && { usageIdentifierKey: key }) };
  if (contextClaims.length === 0) return withKey;
  const claims = toContext(principal, contextClaims, response.context ?? {});
  const whole = { ...withKey, context: { ...response.context, ...claims } };
  return Buffer.byteLength(JSON.stringify(whole)) > MAX_RESPONSE_BYTES ? withKey : whole;
}

function isAllow(response: AuthorizerResponse): boolean {
  if ("isAuthorized" in response) return response.isAuthorized;
  return response.policyDocument.Statement.some(({ Effect }) => Effect === "Allow");
}

/** Takes claims in their order, as long as the context stays within its limit; none without the name of their issuer. */
function toContext(principal: Principal, claims: readonly ContextClaim[], own: object): Context {
  const context: Record<string, string> = {};
  let left = MAX_CONTEXT_CHARS - bytesOf(Object.values({ ...own, issuer: "" }));
  for (const [key, value] of [
    ["issuer", formatContextValue(issuerOf(principal))] as const,
    ...claims.map(({ claim, key }) => [key, formatContextValue(claimOf(principal, claim))] as const),
  ]) {
    const fits = value !== undefined && bytesOf([key, value]) <= left;
    if (!fits && key === "issuer") return {};
    if (!fits) continue;
    context[key] = value;
    left -= bytesOf([key, value]);
  }
  return context;
}

/** Names the issuer of a principal beside its claims: two issuers may have the same `sub` or tenant. */
function issuerOf({ issuer, issuer_name: name }: Principal): string {
  return name ?? issuer;
}

function claimOf({ claims }: Principal, name: string): unknown {
  return Object.getOwnPropertyDescriptor(claims, name)?.value;
}

/** Tells whether a value can be an API key (API Gateway developer guide, "Usage plans and API keys": 20 to 128 characters). */
function isApiKey(value: unknown): value is string {
  return typeof value === "string" && /^[\x21-\x7e]{20,128}$/.test(value);
}

function bytesOf(texts: readonly unknown[]): number {
  return texts.reduce<number>((bytes, text) => bytes + Buffer.byteLength(String(text)), 0);
}
