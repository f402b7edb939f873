import type { CachingApi } from "../../contract/api-kinds.ts";

/** A request of which an access log has a line. */
export interface LoggedCall {
  readonly method: string;
  /** Percent-encoded, without the stage. */
  readonly path: string;
  readonly sourceIp: string;
  readonly stage: string;
  readonly timeMs: number;
  readonly status: number;
  /** The claims of the token, as they are in it. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** The claims that the log's format names. */
  readonly names: readonly string[];
}

/**
 * Formats the line that API Gateway writes for a request, with the variables that a replay asks for and some claims.
 *
 * REST APIs join lists with commas and write times as dates; HTTP APIs write lists as Go does, and decode paths. Both write `-`
 * for what has no value.
 */
export function formatLine(
  kind: CachingApi,
  call: LoggedCall,
  changes: Readonly<Record<string, unknown>> = {},
): string {
  const { method, path, sourceIp, stage, timeMs, status, claims, names } = call;
  const prefix = stage === "$default" ? "" : `/${stage}`;
  const format = kind === "rest" ? formatOfRest : formatOfHttp;
  return JSON.stringify({
    requestId: "id",
    requestTimeEpoch: `${timeMs}`,
    httpMethod: method,
    path: `${prefix}${kind === "rest" ? path : decodeURIComponent(path)}`,
    ...(kind === "rest" ? { resourcePath: "/{proxy+}" } : { routeKey: "ANY /{proxy+}" }),
    stage,
    domainName: "local00api.execute-api.eu-west-1.amazonaws.com",
    "customDomain.basePathMatched": "-",
    status: `${status}`,
    integrationStatus: `${status}`,
    "error.responseType": "-",
    "identity.sourceIp": sourceIp,
    ...Object.fromEntries(names.map((name) => [`authorizer.claims.${name}`, format(name, claims[name])])),
    ...changes,
  });
}

function formatOfRest(name: string, value: unknown): string {
  if (value === undefined) return "-";
  if (["exp", "iat", "auth_time"].includes(name))
    // Tue Jun 18 15:00:04 UTC 2024
    return new Date(Number(value) * 1000)
      .toUTCString()
      .replace(/^(\w+), (\d+) (\w+) (\d+) ([\d:]+) GMT$/, "$1 $3 $2 $5 UTC $4");
  return Array.isArray(value) ? value.join(",") || "-" : String(value);
}

function formatOfHttp(_name: string, value: unknown): string {
  if (value === undefined) return "-";
  return Array.isArray(value) ? `[${value.join(" ")}]` : String(value);
}
