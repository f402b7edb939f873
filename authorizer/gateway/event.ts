import type { ApiKind } from "../../contract/api-kinds.ts";
import { err, ok, type Result } from "../../contract/result.ts";
import { type ClientCertificate, readClientCertificate } from "./client-certificate.ts";
import { type Fields, MalformedField, readFields, readText, readTexts, readValues, type Values } from "./fields.ts";
import { type MethodArn, parseMethodArn } from "./method-arn.ts";

/** An authorizer event of any kind, with its fields in one shape. Nothing is checked yet. */
export interface GatewayEvent {
  readonly kind: ApiKind;
  /** `methodArn` or `routeArn`. */
  readonly arn: MethodArn;
  /** The values of all fields that hold the request's path, perhaps with a stage or base path before it. */
  readonly paths: readonly (string | undefined)[];
  readonly methods: readonly (string | undefined)[];
  readonly apiIds: readonly (string | undefined)[];
  readonly stages: readonly (string | undefined)[];
  /** Such as `GET /pets/{id}`, `$default` or `$connect`; a REST API's `resource`, which has no verb. */
  readonly route: string | undefined;
  readonly pathParameters: Fields;
  readonly eventType: string | undefined;
  readonly domainName: string | undefined;
  readonly requestId: string | undefined;
  readonly sourceIp: string | undefined;
  readonly clientCertificate: ClientCertificate | undefined;
  /** By lower-case name. */
  readonly headers: Values;
  readonly query: Values;
  /** The cookies of payload 2.0, each as `name=value`; its headers lack `Cookie`. Other events have them in that header. */
  readonly cookies: readonly string[];
  /** The values of the identity sources of an HTTP API: one joined text with payload 1.0, a list with payload 2.0. */
  readonly identitySource: readonly string[];
  /** The header value that a TOKEN authorizer receives. */
  readonly authorizationToken: string | undefined;
}

/** Why an event could not be parsed, with its kind and request id if they are known. */
export interface EventError {
  readonly kind: ApiKind | undefined;
  readonly requestId: string | undefined;
  readonly code: "event.unknown" | "event.malformed";
  /** The ARN, if it has one: another field is malformed then. */
  readonly arn: MethodArn | undefined;
}

/**
 * Parses an authorizer event of any kind. Never throws.
 *
 * @see API Gateway developer guide: "Input to an API Gateway Lambda authorizer", "Control access to HTTP APIs
 *   with AWS Lambda authorizers", "Control access to WebSocket APIs with AWS Lambda REQUEST authorizers"
 */
export function parseEvent(event: unknown): Result<GatewayEvent, EventError> {
  let kind: ApiKind | undefined;
  let requestId: string | undefined;
  let known: MethodArn | undefined;
  try {
    const fields = readFields(event) ?? {};
    const context = readFields(fields["requestContext"]) ?? {};
    kind = kindOf(fields, context);
    requestId = readText(context["requestId"]);
    if (kind === undefined) return err({ kind, requestId, code: "event.unknown", arn: known });
    const arn = parseMethodArn(readText(fields[ARN_FIELD[kind]]) ?? "");
    if (!arn.ok) return err({ kind, requestId, code: arn.error, arn: known });
    known = arn.value;
    return ok(READERS[kind](kind, known, fields, context));
  } catch (error) {
    if (error instanceof MalformedField) return err({ kind, requestId, code: "event.malformed", arn: known });
    throw error;
  }
}

/** The fields by which a kind of event is told from the others. */
interface Signature {
  readonly type: "TOKEN" | "REQUEST";
  readonly version: "1.0" | "2.0" | undefined;
  /** Whether the request context has an event type; undefined if that does not tell anything. */
  readonly hasEventType?: boolean;
}

const SIGNATURES: Readonly<Record<ApiKind, Signature>> = {
  "rest-token": { type: "TOKEN", version: undefined },
  "rest-request": { type: "REQUEST", version: undefined, hasEventType: false },
  "http-1": { type: "REQUEST", version: "1.0" },
  "http-2": { type: "REQUEST", version: "2.0" },
  websocket: { type: "REQUEST", version: undefined, hasEventType: true },
};

const KINDS = Object.entries(SIGNATURES) as readonly (readonly [ApiKind, Signature])[];

function kindOf(fields: Fields, context: Fields): ApiKind | undefined {
  const [type, version] = [readText(fields["type"]), readText(fields["version"])];
  const hasEventType = context["eventType"] !== undefined;
  return KINDS.find(
    ([, signature]) =>
      signature.type === type &&
      signature.version === version &&
      (signature.hasEventType === undefined || signature.hasEventType === hasEventType),
  )?.[0];
}

type Reader = (kind: ApiKind, arn: MethodArn, fields: Fields, context: Fields) => GatewayEvent;

/** The reader of each kind of event; payload 2.0 has other fields than payload 1.0. */
const READERS: Readonly<Record<ApiKind, Reader>> = {
  "rest-token": readPayload1,
  "rest-request": readPayload1,
  "http-1": readPayload1,
  "http-2": readPayload2,
  websocket: readPayload1,
};

/** The field that holds the ARN. */
const ARN_FIELD: Readonly<Record<ApiKind, string>> = {
  "rest-token": "methodArn",
  "rest-request": "methodArn",
  "http-1": "methodArn",
  "http-2": "routeArn",
  websocket: "methodArn",
};

function readPayload1(kind: ApiKind, arn: MethodArn, fields: Fields, context: Fields): GatewayEvent {
  const identity = readFields(context["identity"]) ?? {};
  return {
    kind,
    arn,
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
    clientCertificate: readClientCertificate(kind, context),
    headers: readValues(fields["headers"], fields["multiValueHeaders"], (name) => name.toLowerCase()),
    query: readParameters(fields["queryStringParameters"], fields["multiValueQueryStringParameters"]),
    cookies: [],
    identitySource: [readText(fields["identitySource"]) ?? []].flat(),
    authorizationToken: readText(fields["authorizationToken"]),
  };
}

function readPayload2(kind: ApiKind, arn: MethodArn, fields: Fields, context: Fields): GatewayEvent {
  const http = readFields(context["http"]) ?? {};
  return {
    kind,
    arn,
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
    clientCertificate: readClientCertificate(kind, context),
    headers: readValues(fields["headers"], undefined, (name) => name.toLowerCase()),
    query: readBothQueries(readText(fields["rawQueryString"]), fields["queryStringParameters"]),
    cookies: readTexts(fields["cookies"]),
    identitySource: readTexts(fields["identitySource"]),
    authorizationToken: undefined,
  };
}

/** Reads an IP address in the form that policies use: an IPv4 address mapped to IPv6 becomes IPv4. */
function readAddress(value: unknown): string | undefined {
  const address = readText(value)?.replace(/^::[Ff]{4}:(?=[\d.]+$)/, "");
  return address !== undefined && /^[\dA-Fa-f.:]+$/.test(address) ? address : undefined;
}

/** Reads query parameters. Where only single values are there, an HTTP API has joined repeated ones with a comma. */
function readParameters(single: unknown, multi: unknown): Values {
  const values = readValues(single, multi);
  if (readFields(multi) !== undefined) return values;
  return new Map([...values].map(([name, list]) => [name, list.flatMap((value) => value.split(","))]));
}

/**
 * Reads the query of payload 2.0, which has it raw and parsed. The back end may read either, so a parameter that only the parsed view has
 * counts too, and two views that disagree make two values.
 */
function readBothQueries(raw: string | undefined, parsed: unknown): Values {
  if (raw === undefined) return readParameters(parsed, undefined);
  const query = readQuery(raw);
  for (const [name, [text = ""]] of readValues(parsed, undefined)) {
    const values = query.get(name) ?? [];
    const joined = values.join(",");
    const isSame = values.length > 0 && [text, decodedForm(text)].includes(joined);
    if (!isSame) query.set(name, [...values, text]);
  }
  return query;
}

/** Decodes a value as in a query, since it is not documented whether the parsed view is decoded. */
function decodedForm(text: string): string | null {
  return new URLSearchParams(`value=${text.replaceAll("&", "%26")}`).get("value");
}

/** Reads a raw query string, in time that grows with its length. */
function readQuery(text: string): Map<string, string[]> {
  const query = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(text)) {
    const values = query.get(name);
    if (values === undefined) query.set(name, [value]);
    else values.push(value);
  }
  return query;
}
