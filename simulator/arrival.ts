import { err, ok, type Result } from "../contract/result.ts";
import { API_TRAITS } from "./api-traits.ts";
import { findRoute, type RouteMatch } from "./find-route.ts";
import type { GatewayResponseType } from "./gateway-responses.ts";
import { DEFAULT_DOMAIN, DEFAULT_STAGE, type SimulatedApi } from "./simulated-api.ts";

/** A request as a client sends it. */
export interface WireRequest {
  readonly method: string;
  /** Percent-encoded, without the query; with the base path on a custom domain, without the stage on the API's own. */
  readonly path: string;
  /** Without its question mark. */
  readonly query: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly sourceIp: string;
  /** Default: the API's own domain. */
  readonly domainName?: string;
  /** Comes back in the event. */
  readonly id?: string;
}

/** A request that has found its route. */
export interface Arrival extends RouteMatch {
  readonly request: WireRequest;
  readonly domainName: string;
  /** What the ARN has: without stage and base path, encoded on a REST API, decoded on an HTTP API. */
  readonly path: string;
  /** What the event has: behind a base path. On a REST API, slashes at the start are one. */
  readonly eventPath: string;
  /** `$context.path`: behind the stage or a base path. */
  readonly contextPath: string;
  /** Decoded. */
  readonly query: readonly (readonly [string, string])[];
}

interface Located {
  readonly path: string;
  readonly contextPath: string;
}

/**
 * Takes a request in: finds the mapping, then the route.
 *
 * An HTTP API decodes the path, and cuts it off at a question mark that was encoded. That it does so before it looks for
 * a route is an assumption, as is that its paths are behind a base path as a REST API's are.
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

/** The longest base path wins. Before one that is not empty, slashes at the start are one. */
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
