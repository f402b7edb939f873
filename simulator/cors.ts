import type { WireRequest } from "./arrival.ts";
import { headerOf } from "./event-source.ts";
import type { CorsConfiguration } from "./simulated-api.ts";

/** Tells whether a request is a preflight: `OPTIONS` with an origin and the method to come (Fetch standard, "CORS-preflight fetch"). */
export function isPreflight(request: WireRequest): boolean {
  return (
    request.method === "OPTIONS" &&
    headerOf(request, "origin") !== undefined &&
    headerOf(request, "access-control-request-method") !== undefined
  );
}

/**
 * Makes the headers that an HTTP API adds to the response of an integration, or with which it answers a preflight. An origin that is not
 * allowed gets none; AWS does not document this.
 *
 * @see API Gateway developer guide, "Configure CORS for HTTP APIs in API Gateway"
 */
export function toCorsHeaders(cors: CorsConfiguration, request: WireRequest): Readonly<Record<string, string>> {
  const origin = headerOf(request, "origin");
  if (origin === undefined || !cors.allowOrigins.some((allowed) => matchOrigin(allowed, origin))) return {};
  const shared = {
    "access-control-allow-origin": cors.allowOrigins.includes("*") ? "*" : origin,
    ...(cors.allowCredentials && { "access-control-allow-credentials": "true" }),
  };
  if (!isPreflight(request)) return { ...shared, ...toList("access-control-expose-headers", cors.exposeHeaders) };
  return {
    ...shared,
    ...toList("access-control-allow-methods", cors.allowMethods),
    ...toList("access-control-allow-headers", cors.allowHeaders),
    ...(cors.maxAgeS !== undefined && { "access-control-max-age": String(cors.maxAgeS) }),
  };
}

function matchOrigin(allowed: string, origin: string): boolean {
  return allowed.endsWith("*") ? origin.startsWith(allowed.slice(0, -1)) : origin === allowed;
}

function toList(header: string, values: readonly string[]): Readonly<Record<string, string>> {
  return values.length === 0 ? {} : { [header]: values.join(",") };
}
