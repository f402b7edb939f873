import { err, ok, type Result } from "../contract/result.ts";
import { API_TRAITS } from "./api-traits.ts";
import { findRoute, type RouteMatch } from "./find-route.ts";
import type { GatewayResponseType } from "./gateway-responses.ts";
import { DEFAULT_DOMAIN, DEFAULT_STAGE, type SimulatedApi } from "./simulated-api.ts";

/** A client's certificate, as API Gateway describes it in events. */
export interface WireCertificate {
  readonly clientCertPem: string;
  readonly subjectDN: string;
  readonly issuerDN: string;
  readonly serialNumber: string;
  /** Like `Aug  5 09:36:04 2021 GMT`. */
  readonly validity: { readonly notBefore: string; readonly notAfter: string };
}

/** A request as a client sends it. */
export interface WireRequest {
  readonly method: string;
  /** Percent-encoded, without the query; with the base path on a custom domain, without the stage on the API's own. */
  readonly path: string;
  /** Without its question mark. */
  readonly query: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly sourceIp: string;
  /** The client's certificate, which the events of a custom domain with mutual TLS have. */
  readonly clientCertificate?: WireCertificate;
  /** The VPC endpoint through which the request comes to a private API. */
  readonly vpcEndpoint?: string;
  /** Default: the API's own domain. */
  readonly domainName?: string;
  /** The request id, which the event then has. */
  readonly id?: string;
}

/** A request for which a route was found. */
export interface Arrival extends RouteMatch {
  readonly request: WireRequest;
  readonly domainName: string;
  /** The path in the ARN: without stage and base path, encoded on a REST API, decoded on an HTTP API. */
  readonly path: string;
  /** The path in the event: with the base path. On a REST API, several slashes at the start become one. */
  readonly eventPath: string;
  /** `$context.path`: with the stage or the base path. */
  readonly contextPath: string;
  /** The decoded query parameters. */
  readonly query: readonly (readonly [string, string])[];
}

interface Located {
  readonly path: string;
  readonly contextPath: string;
}

/**
 * Finds the mapping of a request, and then its route.
 *
 * An HTTP API decodes the path, and cuts it off at an encoded question mark. Two things are assumptions: that it does so
 * before it matches routes, and that its paths have a base path in the same places as a REST API's.
 */
export function receive(api: SimulatedApi, request: WireRequest): Result<Arrival, GatewayResponseType> {
  const { method, domainName = DEFAULT_DOMAIN } = request;
  const { decodesPaths } = API_TRAITS[api.kind];
  if (!request.path.startsWith("/") || (decodesPaths && !isDecodable(request.path))) return err("bad_request");
  const wirePath = decodesPaths ? request.path.replace(/%3F.*$/is, "") : request.path;
  const isMapped = domainName !== DEFAULT_DOMAIN;
  const located = isMapped ? locateMapped(api, wirePath, domainName) : locate(api, wirePath);
  if (located === undefined) return err("no_mapping");
  const match = findRoute(api, method, located.path);
  if (match === undefined) return err("no_route");
  const read = decodesPaths ? decodeURIComponent : withOneSlash;
  return ok({
    ...match,
    request,
    domainName,
    path: decodesPaths ? decodeURIComponent(located.path) : located.path,
    contextPath: decodesPaths ? decodeURIComponent(located.contextPath) : located.contextPath,
    eventPath: read(decodesPaths || isMapped ? located.contextPath : located.path),
    query: [...new URLSearchParams(request.query)],
  });
}

function locate({ stage }: SimulatedApi, path: string): Located {
  return { path, contextPath: stage === DEFAULT_STAGE ? path : `/${stage}${path}` };
}

/** Removes the longest base path that matches. If it is not empty, several slashes at the start of the path become one. */
function locateMapped({ mappings = [] }: SimulatedApi, path: string, domainName: string): Located | undefined {
  const slashed = withOneSlash(path);
  const [basePath] = mappings
    .filter((mapping) => mapping.domainName === domainName)
    .map((mapping) => mapping.basePath)
    .filter((base) => base === "" || slashed === `/${base}` || slashed.startsWith(`/${base}/`))
    .toSorted((one, other) => other.length - one.length);
  if (basePath === undefined) return undefined;
  if (basePath === "") return { path, contextPath: path };
  return { path: slashed.slice(basePath.length + 1) || "/", contextPath: slashed };
}

function withOneSlash(path: string): string {
  return path.replace(/^\/+/, "/");
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
