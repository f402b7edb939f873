import { MAX_ARN_BYTES } from "../../contract/limits.ts";
import { err, ok, type Result } from "../../contract/result.ts";

/** The parts of a method ARN, which API Gateway matches with the policy document of the response. */
export interface MethodArn {
  readonly partition: string;
  readonly region: string;
  readonly accountId: string;
  readonly apiId: string;
  readonly stage: string;
  /** The HTTP method, or `$connect` for a WebSocket. */
  readonly verb: string;
  /** The request's path as in the ARN, with its leading slash; `""` for a WebSocket. */
  readonly path: string;
}

const PREFIX = /^arn:(aws(?:-[a-z]+)*):execute-api:([a-z0-9-]+):(\d{12}):(.*)$/s;
const RESOURCE = /^([A-Za-z0-9]+)\/(\$default|[A-Za-z0-9_-]{1,128})\/([A-Z]{1,16})(\/.*)$/s;
const CONNECT = /^([A-Za-z0-9]+)\/([A-Za-z0-9_-]{1,128})\/(\$connect)()$/;

/**
 * Parses the `methodArn` or `routeArn` of an authorizer event.
 *
 * It splits the text from the left, because the path may contain colons and slashes.
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

/** Formats an ARN; the inverse of {@link parseMethodArn}. */
export function formatMethodArn(arn: MethodArn): string {
  const { partition, region, accountId, apiId, stage, verb, path } = arn;
  return `arn:${partition}:execute-api:${region}:${accountId}:${apiId}/${stage}/${verb}${path}`;
}
