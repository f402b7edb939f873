import type { Api, CachingApi } from "./api-kinds.ts";
import { type CacheKeyPart, CONTEXT_OF_PART } from "./cache-key.ts";
import { own } from "./json.ts";
import { err, ok, type Result } from "./result.ts";
import { DEFAULT_TOKEN_SOURCES, holderOf, sourcesOn, type TokenSource } from "./token-source.ts";

/** A part of a request that API Gateway requires before it invokes an authorizer, and that it caches responses by. */
export interface IdentitySource {
  readonly from: "header" | "query" | "context";
  /** The name as it was written. Upper and lower case of a header's name do not differ. */
  readonly name: string;
}

/** The text before the name of an identity source, by kind of API. */
const PREFIXES: Readonly<Record<Api, Readonly<Record<IdentitySource["from"], string>>>> = {
  rest: { header: "method.request.header.", query: "method.request.querystring.", context: "context." },
  http: { header: "$request.header.", query: "$request.querystring.", context: "$context." },
  websocket: { header: "route.request.header.", query: "route.request.querystring.", context: "context." },
};

/**
 * Parses an identity source in API Gateway's syntax. Stage variables are not modelled.
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

/** Formats an identity source in API Gateway's syntax; the inverse of {@link parseIdentitySource}. */
export function formatIdentitySource(api: Api, { from, name }: IdentitySource): string {
  return `${PREFIXES[api][from]}${name}`;
}

/**
 * Finds the identity source that holds the token. There is none if a request may have the token in one of several places,
 * since API Gateway refuses a request that lacks an identity source.
 */
export function ofToken(api: Api, sources: readonly TokenSource[]): IdentitySource | undefined {
  const [one, ...others] = sourcesOn(api, sources);
  return one === undefined || others.length > 0 ? undefined : holderOf(one);
}

/**
 * Lists the identity sources that put parts of a request into an authorizer's cache key, in order.
 *
 * @throws If a part does not exist. The build makes the parts, so this is a defect of the build.
 */
export function toIdentitySources(
  api: CachingApi,
  parts: readonly CacheKeyPart[],
  tokenSources: readonly TokenSource[] = DEFAULT_TOKEN_SOURCES,
): readonly string[] {
  return parts
    .map((part) => (part === "token" ? ofToken(api, tokenSources) : ofPart(part)))
    .flatMap((source) => (source === undefined ? [] : [formatIdentitySource(api, source)]));
}

function ofPart(part: CacheKeyPart): IdentitySource {
  const [, from, name] = /^(header|query)\.(.+)$/s.exec(part) ?? [];
  if (name !== undefined) return { from: from === "header" ? "header" : "query", name };
  const variable = own<string>(CONTEXT_OF_PART, part);
  if (variable === undefined) throw new Error(`the cache contract names ${part}, which is not a part of a request`);
  return { from: "context", name: variable };
}
