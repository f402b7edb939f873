import type { OpenParts } from "../openapi/read-open-parts.ts";
import type { CorsConfiguration, SimulatedApi, SimulatedRoute } from "../simulator/simulated-api.ts";
import type { LocalKind } from "./api.ts";

const METHODS = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];
const HEADERS = ["authorization", "content-type"];

/** Creates what a flag `--cors ORIGIN` stands for: all methods, and the headers of a request with a token and a JSON body. */
function toCorsConfiguration(origin: string): CorsConfiguration {
  return {
    allowOrigins: [origin],
    allowMethods: METHODS,
    allowHeaders: HEADERS,
    exposeHeaders: [],
    maxAgeS: undefined,
    allowCredentials: false,
  };
}

/**
 * Adds to an API what answers without the authorizer: the open operations and preflights of its document, or those of `--cors`.
 *
 * @param origin - The origin whose preflights are answered on every path, whatever the document says.
 */
export function withOpenParts(
  api: SimulatedApi,
  parts: OpenParts | undefined,
  origin: string | undefined,
): SimulatedApi {
  const open = (parts?.open ?? []).map((route) => ({ ...route, authorizer: null }));
  const documented = api.kind === "rest" ? (parts?.preflights ?? []).map(toPreflight) : [];
  const everywhere = api.kind === "rest" && origin !== undefined ? toPreflights(api.routes, origin) : [];
  const cors = api.kind === "http" ? (origin === undefined ? parts?.cors : toCorsConfiguration(origin)) : undefined;
  // If two routes match equally, the simulator takes the first.
  return { ...api, routes: [...everywhere, ...documented, ...open, ...api.routes], cors };
}

/** Makes the preflights that CDK's `defaultCorsPreflightOptions` makes: one on every path, with a mock integration. */
function toPreflights(routes: readonly SimulatedRoute[], origin: string): readonly SimulatedRoute[] {
  const headers = {
    "access-control-allow-origin": origin,
    "access-control-allow-methods": METHODS.join(","),
    "access-control-allow-headers": HEADERS.join(","),
    ...(origin !== "*" && { vary: "Origin" }),
  };
  const paths = new Set(routes.map(({ path }) => path));
  return [...paths].map((path) => toPreflight({ path, status: 204, headers }));
}

function toPreflight({ path, ...mock }: OpenParts["preflights"][number]): SimulatedRoute {
  return { verb: "OPTIONS", path, authorizer: null, mock };
}

/** Describes who answers preflights, for people to read. */
export function describePreflights(kind: LocalKind, parts: OpenParts | undefined, origin: string | undefined): string {
  if (origin !== undefined) return `answered for ${origin === "*" ? "every origin" : origin}, as --cors says`;
  if (kind === "http" && parts?.cors !== undefined)
    return `answered by the CORS configuration of the document, for ${parts.cors.allowOrigins.join(", ") || "no origin"}`;
  const paths = new Set([
    ...(kind === "rest" ? (parts?.preflights ?? []).map(({ path }) => path) : []),
    ...(parts?.open ?? []).filter(({ verb }) => verb === "OPTIONS" || verb === "ANY").map(({ path }) => path),
  ]);
  if (paths.size > 0) return `answered on ${paths.size} ${paths.size === 1 ? "path" : "paths"}, as the document says`;
  return "invoke the authorizer as any request does; --cors ORIGIN answers them";
}
