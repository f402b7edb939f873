import type { HttpResponse } from "../contract/api-kinds.ts";
import { type Api, type ApiKind, traitsOf } from "../contract/api-kinds.ts";
import { MAX_TTL_S } from "../contract/cache-key.ts";
import type { IdentitySource } from "../contract/identity-sources.ts";
import { API_TRAITS } from "./api-traits.ts";
import { readIdentitySource } from "./evaluate-sources.ts";

export const ACCOUNT_ID = "123456789012";
export const REGION = "eu-west-1";
export const API_ID = "local00api";
/** Of the API itself, beside which it may have custom domains. */
export const DEFAULT_DOMAIN = `${API_ID}.execute-api.${REGION}.amazonaws.com`;

/** The stage of an HTTP API that has no segment in the path. */
export const DEFAULT_STAGE = "$default";

/** A Lambda authorizer, as it is configured. */
export interface SimulatedAuthorizer {
  readonly kind: ApiKind;
  /** `simple` is known to HTTP APIs with payload 2.0 only. */
  readonly response: HttpResponse;
  /** In AWS's syntax, in the order in which they make the cache key. */
  readonly identitySources: readonly string[];
  /** 0 to {@link MAX_TTL_S}; 0 keeps no answers. */
  readonly ttlS: number;
}

/** A method of a REST API, or a route. */
export interface SimulatedRoute {
  /** An HTTP method or `ANY`; says nothing beside `$default` and `$connect`. */
  readonly verb: string;
  /** A template with `{name}` and `{name+}`; or `$default` (HTTP API), `$connect` (WebSocket API). */
  readonly path: string;
  /** Name of an authorizer. */
  readonly authorizer: string;
}

/** One stage of an API. */
export interface SimulatedApi {
  readonly kind: Api;
  readonly stage: string;
  readonly routes: readonly SimulatedRoute[];
  readonly authorizers: Readonly<Record<string, SimulatedAuthorizer>>;
  /** Custom domains: base paths without slashes around them, `""` being the root. All lead to this stage. */
  readonly mappings?: readonly { readonly domainName: string; readonly basePath: string }[];
}

/**
 * Why API Gateway would not create such an API; nothing if it would. The texts about caching are its own.
 *
 * @see API reference of Amazon API Gateway, "CreateAuthorizer", for both versions of the API
 */
export function findApiErrors(api: SimulatedApi): readonly string[] {
  const authorizers = Object.entries(api.authorizers).flatMap(([name, authorizer]) =>
    findAuthorizerErrors(api.kind, authorizer).map((error) => `${name}: ${error}`),
  );
  const routes = api.routes.filter(({ authorizer }) => !Object.hasOwn(api.authorizers, authorizer));
  return [...authorizers, ...routes.map(({ path, authorizer }) => `${path}: there is no authorizer ${authorizer}`)];
}

function findAuthorizerErrors(apiKind: SimulatedApi["kind"], authorizer: SimulatedAuthorizer): readonly string[] {
  const { kind, response, identitySources, ttlS } = authorizer;
  const errors: string[] = [];
  if (!API_TRAITS[apiKind].authorizerKinds.includes(kind)) errors.push(`${kind} is no authorizer of this kind of API`);
  if (response === "simple" && !traitsOf(kind).hasSimpleResponse) errors.push("simple responses need payload 2.0");
  if (!Number.isInteger(ttlS) || ttlS < 0 || ttlS > MAX_TTL_S) errors.push(`TTL must be 0 to ${MAX_TTL_S} seconds`);
  else if (ttlS > 0 && apiKind === "websocket")
    errors.push("AuthorizerResultTtlInSeconds cannot be set for WEBSOCKET protocol Apis");
  else if (ttlS > 0 && identitySources.length === 0)
    errors.push("Identity source must be set if authorizer caching is enabled (TTL is greater than 0)");
  if (
    traitsOf(kind).tokenIn === "authorization_token" &&
    (identitySources.length !== 1 || parseSources(authorizer)[0]?.from !== "header")
  )
    errors.push("a TOKEN authorizer has one identity source, a header");
  for (const text of identitySources) {
    const source = readIdentitySource(kind, text);
    if (!source.ok) errors.push(`${source.error}: ${text}`);
  }
  return errors;
}

/** The identity sources that can be read; all of them in an API without faults. */
export function parseSources({ kind, identitySources }: SimulatedAuthorizer): readonly IdentitySource[] {
  return identitySources.flatMap((text) => {
    const source = readIdentitySource(kind, text);
    return source.ok ? [source.value] : [];
  });
}
