import { err, ok, type Result } from "../../contract/result.ts";

/** The parts of the ARN that an answer is judged against. */
export interface MethodArn {
  readonly partition: string;
  readonly region: string;
  readonly accountId: string;
  readonly apiId: string;
  readonly stage: string;
  /** The HTTP method, or `$connect` for a WebSocket. */
  readonly verb: string;
  /** The request's path as it stands in the ARN, with its leading slash. A WebSocket's has none: `""`. */
  readonly path: string;
}

/** API Gateway answers 414 above this (developer guide, "Quotas for configuring and running a REST API"). */
const MAX_ARN_BYTES = 1600;

const PREFIX = /^arn:(aws(?:-[a-z]+)*):execute-api:([a-z0-9-]+):(\d{12}):(.*)$/s;
const RESOURCE = /^([A-Za-z0-9]+)\/(\$default|[A-Za-z0-9_-]{1,128})\/([A-Z]{1,16})(\/.*)$/s;
const CONNECT = /^([A-Za-z0-9]+)\/([A-Za-z0-9_-]{1,128})\/(\$connect)()$/;

/**
 * Reads the `methodArn` or `routeArn` of an authorizer event.
 *
 * Split from the left only, because a path may hold colons and anything else.
 *
 * @see API Gateway developer guide, "Output from an API Gateway Lambda authorizer"
 */
export function parseMethodArn(text: string): Result<MethodArn, "event.malformed"> {
  const prefix = Buffer.byteLength(text) <= MAX_ARN_BYTES ? PREFIX.exec(text) : null;
  const rest = prefix?.[4] ?? "";
  const resource = RESOURCE.exec(rest) ?? CONNECT.exec(rest);
  if (prefix === null || resource === null) return err("event.malformed");
  const [, partition = "", region = "", accountId = ""] = prefix;
  const [, apiId = "", stage = "", verb = "", path = ""] = resource;
  return ok({ partition, region, accountId, apiId, stage, verb, path });
}

/** The inverse of {@link parseMethodArn}. */
export function formatMethodArn(arn: MethodArn): string {
  const { partition, region, accountId, apiId, stage, verb, path } = arn;
  return `arn:${partition}:execute-api:${region}:${accountId}:${apiId}/${stage}/${verb}${path}`;
}
