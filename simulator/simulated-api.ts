import type { Api, ApiKind, HttpResponse } from "../contract/api-kinds.ts";
import type { IdentitySource } from "../contract/identity-sources.ts";
import type { ApiShape, AuthorizerShape } from "../gateway-rules/api-shape.ts";
import { isIdentitySource } from "../gateway-rules/authorizer-rules.ts";
import { findBrokenRules } from "../gateway-rules/find-broken-rules.ts";
import { formatBrokenRule } from "../gateway-rules/rule.ts";
import { API_TRAITS } from "./api-traits.ts";
import { readIdentitySource } from "./evaluate-sources.ts";
import { type CallerAccount, findResourcePolicyErrors } from "./resource-policy.ts";

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
  /** 0 to 3600; with 0, responses are not cached. */
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
  /** The resource policy of a REST API, as `AWS::ApiGateway::RestApi` has it in `Policy`. */
  readonly resourcePolicy?: object | undefined;
  /** The account of the callers, which decides how the resource policy counts; default: the API's own. */
  readonly callers?: CallerAccount;
  /** Whether the API is private. A private API without a resource policy refuses every request. */
  readonly isPrivate?: boolean;
  /**
   * The routes stand in for an API whose routes are not known, such as the paths that a policy names. API Gateway's rules about
   * routes are not applied: of two routes that match equally, the first serves. Default: false.
   */
  readonly isStandIn?: boolean;
}

/**
 * Finds the errors for which API Gateway would not create such an API: the rules of `gateway-rules/`, and what the types of the
 * simulator leave open.
 *
 * @see API reference of Amazon API Gateway, for both versions of the API
 */
export function findApiErrors(api: SimulatedApi): readonly string[] {
  const authorizers = Object.entries(api.authorizers).flatMap(([name, { kind, identitySources }]) => {
    if (!isOfApi(api, kind)) return [`${name}: ${kind} is not a kind of authorizer for this API`];
    return identitySources
      .filter((text) => isIdentitySource(api.kind, text) && !readIdentitySource(kind, text).ok)
      .map((text) => `${name}: the simulator does not know ${text}; use another identity source`);
  });
  const mocks = api.routes
    .filter(({ mock }) => mock !== undefined && api.kind !== "rest")
    .map(({ path }) => `${path}: mock integrations are for REST APIs`);
  const cors = api.cors !== undefined && api.kind !== "http" ? ["a CORS configuration is for HTTP APIs"] : [];
  const broken = findBrokenRules(toShape(api)).filter(({ effect }) => effect === "refused");
  return [...authorizers, ...mocks, ...cors, ...findAccessErrors(api), ...broken.map(formatBrokenRule)];
}

function findAccessErrors({ kind, resourcePolicy, isPrivate }: SimulatedApi): readonly string[] {
  if (kind !== "rest" && (resourcePolicy !== undefined || isPrivate === true))
    return ["resource policies and private endpoints are for REST APIs"];
  return resourcePolicy === undefined ? [] : findResourcePolicyErrors(resourcePolicy);
}

/** Converts a simulated API to the shape that API Gateway's rules are about. */
export function toShape({ kind, stage, routes, authorizers, isStandIn = false }: SimulatedApi): ApiShape {
  const { routeWithoutPath } = API_TRAITS[kind];
  return {
    kind,
    where: "the API",
    stages: [{ where: `stage ${stage}`, name: stage }],
    // The rules about routes need the routes; a stand-in has only their references to authorizers checked.
    routes: routes
      .filter(({ authorizer }) => !isStandIn || (authorizer !== null && !Object.hasOwn(authorizers, authorizer)))
      .map((route) => ({
        where: toRouteKey(route),
        verb: route.path === routeWithoutPath ? undefined : route.verb,
        path: route.path,
        authorizer: route.authorizer,
      })),
    authorizers: Object.entries(authorizers).map(([name, authorizer]) => ({
      where: name,
      name,
      ...(isOfApi({ kind }, authorizer.kind) && toSettings(authorizer)),
    })),
  };
}

function toSettings({ kind, identitySources, ttlS, response }: SimulatedAuthorizer): Partial<AuthorizerShape> {
  return {
    type: kind === "rest-token" ? "token" : "request",
    identitySources,
    ttlS,
    hasSimpleResponses: response === "simple",
    ...PAYLOADS[kind],
  };
}

/** The payload versions of an HTTP API's authorizers. */
const PAYLOADS: Readonly<Partial<Record<ApiKind, { readonly payloadVersion: string }>>> = {
  "http-1": { payloadVersion: "1.0" },
  "http-2": { payloadVersion: "2.0" },
};

function isOfApi(api: Pick<SimulatedApi, "kind">, kind: ApiKind): boolean {
  return API_TRAITS[api.kind].authorizerKinds.includes(kind);
}

/** Formats the route key, such as `GET /pets/{id}` or `$default`. */
export function toRouteKey({ verb, path }: SimulatedRoute): string {
  return path.startsWith("/") ? `${verb} ${path}` : path;
}

/** Parses the identity sources of an authorizer. It leaves out those with errors, which {@link findApiErrors} reports. */
export function parseSources({ kind, identitySources }: SimulatedAuthorizer): readonly IdentitySource[] {
  return identitySources.flatMap((text) => {
    const source = readIdentitySource(kind, text);
    return source.ok ? [source.value] : [];
  });
}
