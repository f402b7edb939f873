import { traitsOf } from "../../contract/api-kinds.ts";
import { parseTemplate } from "../../contract/path-template.ts";
import type { CodeOf } from "../../contract/reason-codes.ts";
import { err, ok, type Result } from "../../contract/result.ts";
import { parseCanonicalPath } from "./canonical-path.ts";
import type { GatewayEvent } from "./event.ts";
import type { Values } from "./fields.ts";

/** The canonical form of a request: everything that a policy may read besides the principal. */
export interface Request {
  /** Upper case; `CONNECT` for a WebSocket's `$connect`. */
  readonly method: string;
  /** Decoded, without stage or base path; `/` for a WebSocket's `$connect`. */
  readonly path: string;
  readonly api_id: string;
  readonly stage: string;
  readonly source_ip: string | undefined;
  readonly headers: Values;
  readonly query: Values;
}

/** Why no request can be made of an event, and what may be logged of it. */
export interface RequestError {
  readonly code: CodeOf<"event"> | CodeOf<"path">;
  /** The field that disagrees with the ARN or has no canonical form: its name, not its value. */
  readonly field?: "apiId" | "stage" | "arn" | "path" | "method" | "route";
  /** As the ARN has it. */
  readonly method: string;
}

/**
 * Makes the canonical request of an event.
 *
 * The ARN is what the answer is judged against, so its verb and path are the request's. Every other field that
 * says the same thing must agree with it: an event that disagrees with itself is denied.
 */
export function toRequest(event: GatewayEvent): Result<Request, RequestError> {
  const { arn } = event;
  const { api, pathForm, honoursMethodOverride } = traitsOf(event.kind);
  const refuse = (code: RequestError["code"], field?: RequestError["field"]) =>
    err({ code, ...(field && { field }), method: arn.verb });

  if (!agrees(event.apiIds, arn.apiId)) return refuse("event.inconsistent", "apiId");
  if (!agrees(event.stages, arn.stage)) return refuse("event.inconsistent", "stage");
  if ((api === "websocket") !== (arn.verb === "$connect")) return refuse("event.not_connect");
  if (api === "websocket") {
    const isConnect = event.eventType === "CONNECT" && event.route === "$connect";
    return isConnect ? ok({ ...common(event), method: "CONNECT", path: "/" }) : refuse("event.not_connect");
  }

  const path = parseCanonicalPath(arn.path, pathForm);
  if (!path.ok) return refuse(path.error, "arn");
  for (const text of event.paths) {
    if (text === undefined) continue;
    // The root behind a stage or base path is `/prod/`, the only path that ends in a slash.
    const other = parseCanonicalPath(path.value === "/" ? text.replace(/(?<=[^/])\/$/, "") : text, pathForm);
    if (!other.ok) return refuse(other.error, "path");
    if (!isBehindPrefix(other.value, path.value, arn.stage, event.domainName)) {
      return refuse("event.inconsistent", "path");
    }
  }
  if (!agrees(event.methods, arn.verb)) return refuse("event.inconsistent", "method");
  if (!fillsRoute(event, arn.verb, path.value)) return refuse("event.inconsistent", "route");
  // Which verb the ARN shows under this header is not documented, and the integration may see another.
  if (honoursMethodOverride && event.headers.has("x-http-method-override")) return refuse("event.method_override");
  return ok({ ...common(event), method: arn.verb, path: path.value });
}

function common(event: GatewayEvent): Omit<Request, "method" | "path"> {
  return {
    api_id: event.arn.apiId,
    stage: event.arn.stage,
    source_ip: event.sourceIp,
    headers: event.headers,
    query: event.query,
  };
}

/** Missing fields agree with anything. */
function agrees(texts: readonly (string | undefined)[], expected: string): boolean {
  return texts.every((text) => text === undefined || text === expected);
}

/**
 * Before the path there may be the stage, or on a custom domain its base path.
 * The default domain is `<api id>.execute-api.<region>.amazonaws.com`, with a VPC endpoint's id in a private API's.
 */
function isBehindPrefix(text: string, path: string, stage: string, domainName: string | undefined): boolean {
  if (text === path) return true;
  const suffix = path === "/" ? "" : path;
  if (!text.endsWith(suffix)) return false;
  const prefix = text.slice(0, text.length - suffix.length);
  return prefix === `/${stage}` || (domainName !== undefined && !domainName.includes(".execute-api."));
}

/**
 * The template that API Gateway matched, filled with its parameters, must be the path again. Each parameter has a value,
 * and one of a single segment has no slash, which an HTTP API decodes from `%2F` after it has matched the route.
 */
function fillsRoute(event: GatewayEvent, verb: string, path: string): boolean {
  if (event.route === undefined || event.route === "$default") return true;
  const [, routeVerb, template] = /^(?:([A-Z]+) )?(\/.*)$/s.exec(event.route) ?? [];
  if (template === undefined) return false;
  if (routeVerb !== undefined && routeVerb !== "ANY" && routeVerb !== verb) return false;
  const filled = parseTemplate(template).map((segment) => {
    if (segment.kind === "literal") return segment.text;
    const value = event.pathParameters[segment.name];
    return typeof value === "string" && (segment.isGreedy || !value.includes("/")) ? value : "";
  });
  const canonical = parseCanonicalPath(`/${filled.join("/")}`, traitsOf(event.kind).pathForm);
  return canonical.ok && canonical.value === path;
}
