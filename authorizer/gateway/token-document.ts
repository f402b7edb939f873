import type { APIGatewayAuthorizerResult } from "aws-lambda";
import { MAX_RESOURCE_CHARS, MAX_RESPONSE_BYTES } from "../../contract/limits.ts";
import type { TrailingSlash } from "../../contract/manifest.ts";
import type { MethodArn } from "./method-arn.ts";
import { ACTION, type AuthorizerResponse, type Context, fits, toDenyDocument } from "./response.ts";

/**
 * IAM patterns that deny every path that is not canonical. They are needed because `*` in an Allow also matches slashes.
 *
 * Fewer paths are canonical here than in a decision on one request: a path with a percent-encoded character is not, since
 * no pattern can tell encoded characters apart.
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

/** The pattern of the deny list for a slash at the end of a path, but for the root. */
const SLASH_AT_END = "*/?*/";

/** The resources that a per-token policy document allows and denies: the part of a `Resource` after the stage. */
export interface TokenResources {
  readonly allowed: readonly string[];
  /** The resources of denials that apply to the principal; {@link DENY_LIST} is added to them. */
  readonly denied: readonly string[];
}

/**
 * Makes a per-token policy document: it allows and denies resources, and denies everything else.
 *
 * @param trailingSlash - With `same`, each resource also matches its paths with a slash at their end.
 * @returns Undefined if the document would be longer than API Gateway accepts.
 */
export function toTokenDocument(
  arn: MethodArn,
  principalId: string,
  { allowed, denied }: TokenResources,
  context: Context,
  trailingSlash: TrailingSlash = "denied",
): AuthorizerResponse | undefined {
  const { partition, region, accountId, apiId, stage } = arn;
  const toResource = (text: string) => `arn:${partition}:execute-api:${region}:${accountId}:${apiId}/${stage}/${text}`;
  const isSame = trailingSlash === "same";
  const withSlashes = (texts: readonly string[]) => (isSame ? texts.flatMap(withSlash) : texts);
  const notCanonical = isSame ? DENY_LIST.filter((pattern) => pattern !== SLASH_AT_END) : DENY_LIST;
  const allows = withSlashes(allowed).map(toResource);
  const denies = [...notCanonical, ...withSlashes(denied)].map(toResource);
  if (!fits(context) || [...allows, ...denies].some((resource) => resource.length > MAX_RESOURCE_CHARS))
    return undefined;
  if (allows.length === 0) return toDenyDocument(principalId, context);
  const response: APIGatewayAuthorizerResult = {
    principalId,
    policyDocument: {
      Version: "2012-10-17",
      Statement: [
        { Action: ACTION, Effect: "Allow", Resource: allows },
        { Action: ACTION, Effect: "Deny", Resource: denies },
        { Action: ACTION, Effect: "Deny", NotResource: allows },
      ],
    },
    context,
  };
  return Buffer.byteLength(JSON.stringify(response)) > MAX_RESPONSE_BYTES ? undefined : response;
}

/**
 * Lists patterns that match a resource's paths, with and without a slash at their end. `?*` at an end takes the slash in, and only after
 * a character; the other patterns end in a literal or a claim, so they need another one. The root has no other slash.
 */
function withSlash(resource: string): readonly string[] {
  return /(?:\/|\?\*)$/.test(resource) || resource === "*" ? [resource] : [resource, `${resource}/`];
}
