import { HTTP_METHODS, type Route } from "../contract/route.ts";
import type { OpenParts } from "../openapi/read-open-parts.ts";
import type { CorsConfiguration, SimulatedApi, SimulatedRoute } from "../simulator/simulated-api.ts";
import type { LocalKind } from "./api.ts";

const ALLOW_ORIGIN = "access-control-allow-origin";

const HEADERS = ["authorization", "content-type"];

/** Creates what a flag `--cors ORIGIN` stands for: all methods, and the headers of a request with a token and a JSON body. */
function toCorsConfiguration(origin: string): CorsConfiguration {
  return {
    allowOrigins: [origin],
    allowMethods: HTTP_METHODS,
    allowHeaders: HEADERS,
    exposeHeaders: [],
    maxAgeS: undefined,
    allowCredentials: false,
  };
}

/** How a kind of API answers preflights without its authorizer. */
interface PreflightTraits {
  /** The routes and the CORS configuration of the document. */
  readonly documented: (parts: OpenParts) => Pick<SimulatedApi, "routes" | "cors">;
  /** The routes and the CORS configuration for one origin, on every path. */
  readonly everywhere: (routes: readonly SimulatedRoute[], origin: string) => Pick<SimulatedApi, "routes" | "cors">;
  /** Whether the back end has to let pages read its responses, since the API adds no header to them. */
  readonly leavesHeadersToBackEnd: boolean;
}

const PREFLIGHT_TRAITS: Readonly<Record<LocalKind, PreflightTraits>> = {
  rest: {
    documented: ({ preflights }) => ({ routes: preflights.map(toPreflight) }),
    // CDK's `defaultCorsPreflightOptions` makes such a method for every path.
    everywhere: (routes, origin) => ({
      routes: [...new Set(routes.map(({ path }) => path))].map((path) =>
        toPreflight({ path, status: 204, headers: toPreflightHeaders(origin) }),
      ),
    }),
    leavesHeadersToBackEnd: true,
  },
  http: {
    documented: ({ cors }) => ({ routes: [], cors }),
    everywhere: (_, origin) => ({ routes: [], cors: toCorsConfiguration(origin) }),
    leavesHeadersToBackEnd: false,
  },
};

/**
 * Adds to an API what answers without the authorizer: the open operations of its document, and its preflights or those of
 * `--cors`.
 *
 * @param origin - The origin whose preflights are answered on every path, whatever the document says.
 */
export function withOpenParts(
  kind: LocalKind,
  api: SimulatedApi,
  parts: OpenParts | undefined,
  origin: string | undefined,
): SimulatedApi {
  const { documented, everywhere } = PREFLIGHT_TRAITS[kind];
  const fromDocument = parts === undefined ? { routes: [] } : documented(parts);
  const open = (parts?.open ?? []).map((route) => ({ ...route, authorizer: null }));
  const routes = [...fromDocument.routes, ...open, ...api.routes];
  const fromFlag = origin === undefined ? { routes: [] } : everywhere(routes, origin);
  // If two routes match equally, the simulator takes the first.
  return { ...api, routes: [...fromFlag.routes, ...routes], cors: fromFlag.cors ?? fromDocument.cors };
}

/** Lists the origins whose pages a back end has to let read its responses: those whose preflights are answered. */
export function toPageOrigins(
  kind: LocalKind,
  parts: OpenParts | undefined,
  origin: string | undefined,
): readonly string[] {
  if (!PREFLIGHT_TRAITS[kind].leavesHeadersToBackEnd) return [];
  const documented = (parts?.preflights ?? []).map(({ headers }) => headers[ALLOW_ORIGIN]);
  return [...new Set([origin, ...documented])].filter((one) => one !== undefined);
}

function toPreflightHeaders(origin: string): Readonly<Record<string, string>> {
  return {
    [ALLOW_ORIGIN]: origin,
    "access-control-allow-methods": HTTP_METHODS.join(","),
    "access-control-allow-headers": HEADERS.join(","),
    ...(origin !== "*" && { vary: "Origin" }),
  };
}

function toPreflight({ path, ...mock }: OpenParts["preflights"][number]): SimulatedRoute {
  return { verb: "OPTIONS", path, authorizer: null, mock };
}

/** Adds the public routes to an API: they have no authorizer. */
export function withPublicRoutes(api: SimulatedApi, routes: readonly Route[]): SimulatedApi {
  return { ...api, routes: [...routes.map((route) => ({ ...route, authorizer: null })), ...api.routes] };
}

/** Describes who answers preflights, for people to read. */
export function describePreflights(kind: LocalKind, parts: OpenParts | undefined, origin: string | undefined): string {
  if (origin !== undefined) return `answered for ${origin === "*" ? "every origin" : origin}, as --cors says`;
  const { routes, cors } = parts === undefined ? { routes: [] } : PREFLIGHT_TRAITS[kind].documented(parts);
  if (cors !== undefined)
    return `answered by the CORS configuration of the document, for ${cors.allowOrigins.join(", ") || "no origin"}`;
  const open = (parts?.open ?? []).filter(({ verb }) => verb === "OPTIONS" || verb === "ANY");
  const count = new Set([...routes, ...open].map(({ path }) => path)).size;
  if (count > 0) return `answered on ${count} ${count === 1 ? "path" : "paths"}, as the document says`;
  return "invoke the authorizer as any request does; --cors ORIGIN answers them";
}
