import { type Api, type ApiKind, type HttpResponse, traitsOf } from "../contract/api-kinds.ts";
import type { IdentitySource } from "../contract/identity-sources.ts";
import { MAX_TTL_S } from "../contract/limits.ts";
import { API_TRAITS } from "./api-traits.ts";
import { readIdentitySource } from "./evaluate-sources.ts";

export const ACCOUNT_ID = "123456789012";
export const REGION = "eu-west-1";
export const API_ID = "local00api";
/** The domain of the API itself; it may have custom domains too. */
export const DEFAULT_DOMAIN = `${API_ID}.execute-api.${REGION}.amazonaws.com`;

/** The stage of an HTTP API that is not part of the path. */
export const DEFAULT_STAGE = "$default";

/** The configuration of a Lambda authorizer. */
export interface SimulatedAuthorizer {
  readonly kind: ApiKind;
  /** `simple` is for HTTP APIs with payload 2.0 only. */
  readonly response: HttpResponse;
  /** In AWS's syntax, in their order in the cache key. */
  readonly identitySources: readonly string[];
  /** 0 to {@link MAX_TTL_S}; with 0, responses are not cached. */
  readonly ttlS: number;
  /** The alias of the Lambda that its URI names; default: none. */
  readonly alias?: string;
}

/** A method of a REST API, or a route of another API. */
export interface SimulatedRoute {
  /** An HTTP method or `ANY`; ignored for `$default` and `$connect`. */
  readonly verb: string;
  /** A template with `{name}` and `{name+}`; or `$default` (HTTP API), `$connect` (WebSocket API). */
  readonly path: string;
  /** The name of its authorizer; null for a route that is open to everybody. */
  readonly authorizer: string | null;
  /** The response of a mock integration, which API Gateway gives by itself; REST APIs only. */
  readonly mock?: MockResponse;
}

/** The response of a mock integration; it has no body. */
export interface MockResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** The CORS configuration of an HTTP API. */
export interface CorsConfiguration {
  /** Origins; `*`, `http://*` and `https://*` stand for all of them. */
  readonly allowOrigins: readonly string[];
  readonly allowMethods: readonly string[];
  readonly allowHeaders: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly maxAgeS: number | undefined;
  readonly allowCredentials: boolean;
}

/** One stage of an API. */
export interface SimulatedApi {
  readonly kind: Api;
  readonly stage: string;
  readonly routes: readonly SimulatedRoute[];
  readonly authorizers: Readonly<Record<string, SimulatedAuthorizer>>;
  /** The CORS configuration of an HTTP API. It answers preflights; default: no configuration. */
  readonly cors?: CorsConfiguration | undefined;
  /** The mappings of custom domains to this stage. Base paths have no slashes around them; `""` is the root. */
  readonly mappings?: readonly { readonly domainName: string; readonly basePath: string }[];
}

/**
 * Finds the errors for which API Gateway would not create such an API. The messages about caching are API Gateway's.
 *
 * @see API reference of Amazon API Gateway, "CreateAuthorizer", for both versions of the API
 */
export function findApiErrors(api: SimulatedApi): readonly string[] {
  const authorizers = Object.entries(api.authorizers).flatMap(([name, authorizer]) =>
    findAuthorizerErrors(api.kind, authorizer).map((error) => `${name}: ${error}`),
  );
  const routes = api.routes.flatMap(({ path, authorizer, mock }) => {
    if (mock !== undefined && api.kind !== "rest") return [`${path}: mock integrations are for REST APIs`];
    if (authorizer === null || Object.hasOwn(api.authorizers, authorizer)) return [];
    return [`${path}: there is no authorizer ${authorizer}`];
  });
  const cors = api.cors !== undefined && api.kind !== "http" ? ["a CORS configuration is for HTTP APIs"] : [];
  return [...authorizers, ...routes, ...cors];
}

function findAuthorizerErrors(apiKind: SimulatedApi["kind"], authorizer: SimulatedAuthorizer): readonly string[] {
  const { kind, response, identitySources, ttlS } = authorizer;
  const errors: string[] = [];
  if (!API_TRAITS[apiKind].authorizerKinds.includes(kind))
    errors.push(`${kind} is not a kind of authorizer for this API`);
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

/** Parses the identity sources of an authorizer. It leaves out those with errors, which {@link findApiErrors} reports. */
export function parseSources({ kind, identitySources }: SimulatedAuthorizer): readonly IdentitySource[] {
  return identitySources.flatMap((text) => {
    const source = readIdentitySource(kind, text);
    return source.ok ? [source.value] : [];
  });
}
