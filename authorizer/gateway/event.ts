import { err, ok, type Result } from "../../contract/result.ts";
import type { PathForm } from "./canonical-path.ts";
import { type Fields, MalformedField, readFields, readText, readTexts, readValues, type Values } from "./fields.ts";

/** Which kind of API and authorizer an event comes from; decides the form of the answer. */
export type ApiKind = "rest-token" | "rest-request" | "http-1" | "http-2" | "websocket";

/** An authorizer event with its fields in one place, whatever its kind. Nothing is checked yet. */
export interface GatewayEvent {
  readonly kind: ApiKind;
  /** `methodArn` or `routeArn`. */
  readonly arn: string;
  /** How the ARN and `paths` are written. */
  readonly pathForm: PathForm;
  /** All that holds the request's path, perhaps behind a stage or base path. */
  readonly paths: readonly (string | undefined)[];
  readonly methods: readonly (string | undefined)[];
  readonly apiIds: readonly (string | undefined)[];
  readonly stages: readonly (string | undefined)[];
  /** `GET /pets/{id}`, `$default`, `$connect`; a REST API's `resource` without a verb. */
  readonly route: string | undefined;
  readonly pathParameters: Fields;
  readonly eventType: string | undefined;
  readonly domainName: string | undefined;
  readonly requestId: string | undefined;
  readonly sourceIp: string | undefined;
  /** By lower-case name. */
  readonly headers: Values;
  readonly query: Values;
  /** What an HTTP API says are the values of the identity sources: payload 1.0 in one text, 2.0 one by one. */
  readonly identitySource: readonly string[];
  /** The one header value that a TOKEN authorizer is given. */
  readonly authorizationToken: string | undefined;
}

/** What can be said of an event that is none: its kind, if that much could be told. */
export interface EventError {
  readonly kind: ApiKind | undefined;
  readonly code: "event.unknown" | "event.malformed";
}

/**
 * Tells the kinds of authorizer events apart and reads their fields. Never throws.
 *
 * @see API Gateway developer guide: "Input to an API Gateway Lambda authorizer", "Control access to HTTP APIs
 *   with AWS Lambda authorizers", "Control access to WebSocket APIs with AWS Lambda REQUEST authorizers"
 */
export function parseEvent(event: unknown): Result<GatewayEvent, EventError> {
  let kind: ApiKind | undefined;
  try {
    const fields = readFields(event) ?? {};
    const context = readFields(fields["requestContext"]) ?? {};
    kind = kindOf(fields, context);
    if (kind === undefined) return err({ kind, code: "event.unknown" });
    return ok(kind === "http-2" ? readHttp2(fields, context) : readEvent(kind, fields, context));
  } catch (error) {
    if (error instanceof MalformedField) return err({ kind, code: "event.malformed" });
    throw error;
  }
}

function kindOf(fields: Fields, context: Fields): ApiKind | undefined {
  switch (`${readText(fields["type"])} ${readText(fields["version"])}`) {
    case "TOKEN undefined":
      return "rest-token";
    case "REQUEST 2.0":
      return "http-2";
    case "REQUEST 1.0":
      return "http-1";
    case "REQUEST undefined":
      return context["eventType"] === undefined ? "rest-request" : "websocket";
    default:
      return undefined;
  }
}

function readEvent(kind: Exclude<ApiKind, "http-2">, fields: Fields, context: Fields): GatewayEvent {
  const identity = readFields(context["identity"]) ?? {};
  return {
    kind,
    arn: readText(fields["methodArn"]) ?? "",
    pathForm: kind === "http-1" ? "decoded" : "encoded",
    paths: [readText(fields["path"]), readText(context["path"])],
    methods: [readText(fields["httpMethod"]), readText(context["httpMethod"])],
    apiIds: [readText(context["apiId"])],
    stages: [readText(context["stage"])],
    route: readText(fields["resource"]) ?? readText(context["routeKey"]),
    pathParameters: readFields(fields["pathParameters"]) ?? {},
    eventType: readText(context["eventType"]),
    domainName: readText(context["domainName"]),
    requestId: readText(context["requestId"]),
    sourceIp: readAddress(identity["sourceIp"]),
    headers: readValues(fields["headers"], fields["multiValueHeaders"], (name) => name.toLowerCase()),
    query: readValues(fields["queryStringParameters"], fields["multiValueQueryStringParameters"]),
    identitySource: [readText(fields["identitySource"]) ?? []].flat(),
    authorizationToken: readText(fields["authorizationToken"]),
  };
}

function readHttp2(fields: Fields, context: Fields): GatewayEvent {
  const http = readFields(context["http"]) ?? {};
  const rawQuery = readText(fields["rawQueryString"]);
  return {
    kind: "http-2",
    arn: readText(fields["routeArn"]) ?? "",
    pathForm: "decoded",
    paths: [readText(fields["rawPath"]), readText(http["path"])],
    methods: [readText(http["method"])],
    apiIds: [readText(context["apiId"])],
    stages: [readText(context["stage"])],
    route: readText(fields["routeKey"]) ?? readText(context["routeKey"]),
    pathParameters: readFields(fields["pathParameters"]) ?? {},
    eventType: undefined,
    domainName: readText(context["domainName"]),
    requestId: readText(context["requestId"]),
    sourceIp: readAddress(http["sourceIp"]),
    headers: readValues(fields["headers"], undefined, (name) => name.toLowerCase()),
    query: rawQuery === undefined ? readValues(fields["queryStringParameters"], undefined) : readQuery(rawQuery),
    identitySource: readTexts(fields["identitySource"]),
    authorizationToken: undefined,
  };
}

/** An address in the one form in which policies have it: IPv4 as such, not as IPv6. None if it is no address. */
function readAddress(value: unknown): string | undefined {
  const address = readText(value)?.replace(/^::ffff:(?=[\d.]+$)/i, "");
  return address !== undefined && /^[\da-f.:]+$/i.test(address) ? address : undefined;
}

function readQuery(text: string): Values {
  const query = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(text)) query.set(name, [...(query.get(name) ?? []), value]);
  return query;
}
