import type { APIGatewayAuthorizerResult, APIGatewaySimpleAuthorizerWithContextResult } from "aws-lambda";
import type { HttpResponse } from "../../contract/api-kinds.ts";
import { type ApiKind, traitsOf } from "../../contract/api-kinds.ts";
import { formatMethodArn, type MethodArn } from "./method-arn.ts";

/** Flat texts, as mapping templates and proxies need them. */
export type Context = Readonly<Record<string, string>>;

/** What API Gateway is told. */
export type Answer = APIGatewayAuthorizerResult | APIGatewaySimpleAuthorizerWithContextResult<Context>;

/** Longest `Resource` of a returned policy (developer guide, "Output from an API Gateway Lambda authorizer"). */
export const MAX_RESOURCE_CHARS = 512;

/**
 * Room for the context, in characters: an answer of more than 8 kB is refused by WebSocket APIs (their quotas), and may be
 * by others. The rest is taken by the principal's id and the resource.
 */
export const MAX_CONTEXT_CHARS = 5_000;

/** `principalId` must not be empty; this stands for a caller who could not be told. */
const NOBODY = "unauthenticated";

/** An Allow of exactly this method and path, or none if no answer can say it. */
export function toAllow(
  kind: ApiKind | undefined,
  arn: MethodArn,
  principalId: string,
  context: Context,
  form: HttpResponse,
): Answer | undefined {
  if (!fits(context)) return undefined;
  if (isSimple(kind, form)) return { isAuthorized: true, context: { principalId, ...context } };
  const resource = formatMethodArn(arn);
  return resource.length > MAX_RESOURCE_CHARS ? undefined : toDocument("Allow", resource, principalId, context);
}

/**
 * An explicit Deny, since one by omission is overruled by a resource policy that allows.
 *
 * @param arn - Only if its path is canonical. Without one everything is denied, so that nothing of an odd path is
 *   read as a wildcard or a variable.
 */
export function toDeny(
  kind: ApiKind | undefined,
  arn: MethodArn | undefined,
  principalId: string | undefined,
  wanted: Context,
  form: HttpResponse,
): Answer {
  const context = fits(wanted) ? wanted : { ...wanted, roles: "" };
  if (isSimple(kind, form)) return { isAuthorized: false, context: { principalId: principalId ?? NOBODY, ...context } };
  const resource = arn === undefined ? "*" : formatMethodArn(arn);
  return toDocument("Deny", resource.length > MAX_RESOURCE_CHARS ? "*" : resource, principalId ?? NOBODY, context);
}

/**
 * What is thrown for a caller who is not authenticated. API Gateway answers 401 to exactly this message.
 *
 * @see API Gateway developer guide, "Use API Gateway Lambda authorizers"
 */
export function unauthorized(): Error {
  return new Error("Unauthorized");
}

/** Whether there is room for a context. */
export function fits(context: Context): boolean {
  return Object.values(context).reduce((chars, value) => chars + value.length, 0) <= MAX_CONTEXT_CHARS;
}

function isSimple(kind: ApiKind | undefined, form: HttpResponse): boolean {
  return form === "simple" && kind !== undefined && traitsOf(kind).hasSimpleResponse;
}

export function toDocument(effect: "Allow" | "Deny", resource: string, principalId: string, context: Context): Answer {
  return {
    principalId,
    policyDocument: {
      Version: "2012-10-17",
      Statement: [{ Action: "execute-api:Invoke", Effect: effect, Resource: resource }],
    },
    context,
  };
}
