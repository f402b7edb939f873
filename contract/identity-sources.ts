import type { Api, CachingApi } from "./api-kinds.ts";
import { type CacheKeyPart, CONTEXT_OF_PART } from "./cache-key.ts";
import { err, ok, type Result } from "./result.ts";
import { DEFAULT_TOKEN_SOURCE, TOKEN_CARRIERS, type TokenSource } from "./token-source.ts";

/** A part of the request that API Gateway requires before it invokes an authorizer, and by which it caches responses. */
export interface IdentitySource {
  readonly from: "header" | "query" | "context";
  /** As it is written. The case of a header's name does not matter. */
  readonly name: string;
}

/** How each API writes its identity sources: the text before the name. */
const PREFIXES: Readonly<Record<Api, Readonly<Record<IdentitySource["from"], string>>>> = {
  rest: { header: "method.request.header.", query: "method.request.querystring.", context: "context." },
  http: { header: "$request.header.", query: "$request.querystring.", context: "$context." },
  websocket: { header: "route.request.header.", query: "route.request.querystring.", context: "context." },
};

/**
 * Reads an identity source in API Gateway's syntax. Stage variables are not modelled.
 *
 * @see API reference of Amazon API Gateway, "CreateAuthorizer", `identitySource`
 */
export function parseIdentitySource(
  api: Api,
  text: string,
): Result<IdentitySource, "identity_source.unknown" | "identity_source.unknown_variable"> {
  for (const from of ["header", "query", "context"] as const) {
    if (!text.startsWith(PREFIXES[api][from])) continue;
    const name = text.slice(PREFIXES[api][from].length);
    if (/^[^\s,]+$/.test(name)) return ok({ from, name });
    if (from === "context") return err("identity_source.unknown_variable");
  }
  return err("identity_source.unknown");
}

/** Writes an identity source in API Gateway's syntax; the inverse of {@link parseIdentitySource}. */
export function formatIdentitySource(api: Api, { from, name }: IdentitySource): string {
  return `${PREFIXES[api][from]}${name}`;
}

/** Finds the identity source that holds the token. */
export function ofToken({ from, name }: TokenSource): IdentitySource {
  return TOKEN_CARRIERS[from].identitySource(name);
}

/**
 * Lists the identity sources that put parts of a request into an authorizer's cache key, in order.
 *
 * @throws For a part that does not exist: the cache contract is ours.
 */
export function toIdentitySources(
  api: CachingApi,
  parts: readonly CacheKeyPart[],
  tokenSource: TokenSource = DEFAULT_TOKEN_SOURCE,
): readonly string[] {
  return parts.map((part) => formatIdentitySource(api, ofPart(part, tokenSource)));
}

function ofPart(part: CacheKeyPart, tokenSource: TokenSource): IdentitySource {
  if (part === "token") return ofToken(tokenSource);
  const [, from, name] = /^(header|query)\.(.+)$/s.exec(part) ?? [];
  if (name !== undefined) return { from: from === "header" ? "header" : "query", name };
  const variable = Object.entries(CONTEXT_OF_PART).find(([known]) => known === part)?.[1];
  if (variable === undefined) throw new Error(`no part of a request is called ${part}`);
  return { from: "context", name: variable };
}
