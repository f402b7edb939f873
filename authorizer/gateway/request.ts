import { traitsOf } from "../../contract/api-kinds.ts";
import type { TrailingSlash } from "../../contract/manifest.ts";
import { parseTemplate } from "../../contract/path-template.ts";
import type { CodeOf } from "../../contract/reason-codes.ts";
import { err, ok, type Result } from "../../contract/result.ts";
import { parseCanonicalPath } from "./canonical-path.ts";
import type { CertificateFields } from "./client-certificate.ts";
import type { GatewayEvent } from "./event.ts";
import type { Values } from "./fields.ts";

/** A request in canonical form: everything that a policy may read besides the principal. */
export interface Request {
  /** Upper case; `CONNECT` for a WebSocket's `$connect`. */
  readonly method: string;
  /** Decoded, without stage or base path; `/` for a WebSocket's `$connect`. */
  readonly path: string;
  /** The name of the API in the alias that was invoked; undefined if the invocation names none. */
  readonly api: string | undefined;
  readonly api_id: string;
  readonly stage: string;
  readonly source_ip: string | undefined;
  readonly client_certificate: CertificateFields | undefined;
  readonly headers: Values;
  readonly query: Values;
}

/** Why an event has no canonical request, with the parts that may be logged. */
export interface RequestError {
  readonly code: CodeOf<"event"> | CodeOf<"path">;
  /** The name, not the value, of the field that disagrees with the ARN or is not canonical. */
  readonly field?: "apiId" | "stage" | "arn" | "path" | "method" | "route";
  /** The method in the ARN. */
  readonly method: string;
}

/**
 * Makes the canonical request of an event.
 *
 * API Gateway matches the ARN with the response's policy document, so the ARN's verb and path are the request's. Every
 * other field for the same thing must agree with the ARN; otherwise the request is denied.
 *
 * @param trailingSlash - The meaning of a slash at the end of a path. The request's path never has one, but for the root.
 * @param api - The name of the API, which no event has.
 */
export function toRequest(
  event: GatewayEvent,
  trailingSlash: TrailingSlash = "denied",
  api?: string,
): Result<Request, RequestError> {
  const { arn } = event;
  const { authorizes, pathForm, honoursMethodOverride } = traitsOf(event.kind);
  const deny = (code: RequestError["code"], field?: RequestError["field"]) =>
    err({ code, ...(field && { field }), method: arn.verb });

  if (!agrees(event.apiIds, arn.apiId)) return deny("event.inconsistent", "apiId");
  const isTest = isTestInvocation(event);
  if (!isTest && !agrees(event.stages, arn.stage)) return deny("event.inconsistent", "stage");
  if ((authorizes === "connections") !== (arn.verb === "$connect")) return deny("event.not_connect");
  if (authorizes === "connections") {
    const isConnect = event.eventType === "CONNECT" && event.route === "$connect";
    return isConnect ? ok({ ...common(event), api, method: "CONNECT", path: "/" }) : deny("event.not_connect");
  }

  const canonical = (text: string) => parseCanonicalPath(text, pathForm, trailingSlash);
  const path = canonical(arn.path);
  if (!path.ok) return deny(path.error, "arn");
  for (const text of event.paths) {
    if (text === undefined || text === arn.path) continue;
    // With a stage or base path the root is `/prod/`, the only path that may end in a slash.
    const other = canonical(path.value === "/" ? text.replace(/(?<=[^/])\/$/, "") : text);
    if (!other.ok) return deny(other.error, "path");
    if (!isBehindPrefix(other.value, path.value, arn.stage, event.domainName)) {
      return deny("event.inconsistent", "path");
    }
  }
  if (!agrees(event.methods, arn.verb)) return deny("event.inconsistent", "method");
  // No route is matched for a test, whose event has the root's.
  if (!isTest && !fillsRoute(event, arn.verb, path.value, trailingSlash)) return deny("event.inconsistent", "route");
  // AWS does not document which verb the ARN has with this header, and the integration may see another one.
  if (honoursMethodOverride && event.headers.has("x-http-method-override")) return deny("event.method_override");
  return ok({ ...common(event), api, method: arn.verb, path: path.value });
}

function common(event: GatewayEvent): Omit<Request, "api" | "method" | "path"> {
  return {
    api_id: event.arn.apiId,
    stage: event.arn.stage,
    source_ip: event.sourceIp,
    client_certificate: event.clientCertificate?.fields,
    headers: event.headers,
    query: event.query,
  };
}

/**
 * Tells whether the console's "Test authorizer", or `TestInvokeAuthorizer`, made the event. It has one stage in the ARN and
 * another in its context, and is judged like the request that it shows.
 *
 * No request has this pair of names: API Gateway writes both, and for a request they are one. The response is for the ARN of
 * the test, so that it lets no request through.
 */
function isTestInvocation({ kind, arn, stages }: GatewayEvent): boolean {
  return (
    traitsOf(kind).hasTestInvocation &&
    arn.stage === "ESTestInvoke-stage" &&
    stages.every((stage) => stage === "test-invoke-stage")
  );
}

/** Tells whether all texts equal the expected one; a missing text always agrees. */
function agrees(texts: readonly (string | undefined)[], expected: string): boolean {
  return texts.every((text) => text === undefined || text === expected);
}

/**
 * Tells whether a text is the path, perhaps after the stage or, on a custom domain, after a base path.
 *
 * The default domain is `<api id>.execute-api.<region>.amazonaws.com`; a private API's also has a VPC endpoint's id.
 */
function isBehindPrefix(text: string, path: string, stage: string, domainName: string | undefined): boolean {
  if (text === path) return true;
  const suffix = path === "/" ? "" : path;
  if (!text.endsWith(suffix)) return false;
  const prefix = text.slice(0, text.length - suffix.length);
  return prefix === `/${stage}` || (domainName !== undefined && !domainName.includes(".execute-api."));
}

/**
 * Tells whether the template that API Gateway matched, filled with its parameters, gives the path.
 *
 * Each parameter must have a value. The value of a parameter for one segment must not have a slash: an HTTP API matches
 * the route first, and then decodes `%2F`. A greedy one may have the trailing slash.
 */
function fillsRoute(event: GatewayEvent, verb: string, path: string, trailingSlash: TrailingSlash): boolean {
  if (event.route === undefined || event.route === "$default") return true;
  const [, routeVerb, template] = /^(?:([A-Z]+) )?(\/.*)$/s.exec(event.route) ?? [];
  if (template === undefined) return false;
  if (routeVerb !== undefined && routeVerb !== "ANY" && routeVerb !== verb) return false;
  const filled = parseTemplate(template).map((segment) => {
    if (segment.kind === "literal") return segment.text;
    const value = event.pathParameters[segment.name];
    return typeof value === "string" && (segment.isGreedy || !value.includes("/")) ? value : "";
  });
  const text = `/${filled.join("/")}`;
  if (text === event.arn.path) return true;
  const canonical = parseCanonicalPath(text, traitsOf(event.kind).pathForm, trailingSlash);
  return canonical.ok && canonical.value === path;
}
