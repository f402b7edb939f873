import type { APIGatewayAuthorizerResult } from "aws-lambda";
import { type Answer, type Context, fits, MAX_RESOURCE_CHARS, toDocument } from "./answer.ts";
import type { MethodArn } from "./method-arn.ts";

/**
 * Whatever is not canonical, as IAM patterns: `*` crosses slashes, so that a wildcard of an Allow takes all of it in.
 *
 * Canonical is narrower here than for answers of one request: what arrives percent-encoded is not, since no pattern
 * can tell one encoded character from another.
 */
export const DENY_LIST = [
  "*%*",
  "*//*",
  "*/./*",
  "*/../*",
  "*/.",
  "*/..",
  "*/?*/",
  "*;*",
  "*#*",
  "*\\*",
  "*${*}*",
  "*${?}*",
  "*${$}{*",
];

/** What a document allows and denies, as what follows the stage in a `Resource`. */
export interface TokenResources {
  readonly allowed: readonly string[];
  /** Not only what is not canonical: denials that concern the principal. */
  readonly denied: readonly string[];
}

/** Of an answer; documented for WebSocket APIs only ("Quotas for configuring and running a WebSocket API"). */
const MAX_RESPONSE_BYTES = 8_192;

/**
 * One document for all routes of a token: Allows and Denies, and a Deny of everything else.
 *
 * @returns Nothing if it would be longer than API Gateway takes.
 */
export function toTokenDocument(
  arn: MethodArn,
  principalId: string,
  { allowed, denied }: TokenResources,
  context: Context,
): Answer | undefined {
  const { partition, region, accountId, apiId, stage } = arn;
  const toResource = (text: string) => `arn:${partition}:execute-api:${region}:${accountId}:${apiId}/${stage}/${text}`;
  const allows = allowed.map(toResource);
  const denies = [...DENY_LIST, ...denied].map(toResource);
  if (!fits(context) || [...allows, ...denies].some((resource) => resource.length > MAX_RESOURCE_CHARS))
    return undefined;
  if (allows.length === 0) return toDocument("Deny", "*", principalId, context);
  const Action = "execute-api:Invoke";
  const answer: APIGatewayAuthorizerResult = {
    principalId,
    policyDocument: {
      Version: "2012-10-17",
      Statement: [
        { Action, Effect: "Allow", Resource: allows },
        { Action, Effect: "Deny", Resource: denies },
        { Action, Effect: "Deny", NotResource: allows },
      ],
    },
    context,
  };
  return Buffer.byteLength(JSON.stringify(answer)) > MAX_RESPONSE_BYTES ? undefined : answer;
}
