import type { APIGatewayAuthorizerResult, APIGatewaySimpleAuthorizerWithContextResult } from "aws-lambda";
import { type ApiKind, type HttpResponse, traitsOf } from "../../contract/api-kinds.ts";
import { MAX_CONTEXT_CHARS, MAX_RESOURCE_CHARS } from "../../contract/limits.ts";
import { formatMethodArn, type MethodArn } from "./method-arn.ts";

/** The context of a response: flat texts, as mapping templates and proxies need them. */
export type Context = Readonly<Record<string, string>>;

/** The authorizer's response to API Gateway: a policy document, or a simple response. */
export type AuthorizerResponse = APIGatewayAuthorizerResult | APIGatewaySimpleAuthorizerWithContextResult<Context>;

/** The `principalId` of a caller who is not authenticated; API Gateway refuses an empty one. */
const NOBODY = "unauthenticated";

/**
 * Makes an Allow of exactly this method and path.
 *
 * @param resource - Of the request; undefined if there is none. Simple responses have no resource.
 * @returns Undefined if no response can express it.
 */
export function toAllow(
  kind: ApiKind | undefined,
  resource: string | undefined,
  principalId: string,
  context: Context,
  form: HttpResponse,
): AuthorizerResponse | undefined {
  if (!fits(context)) return undefined;
  if (isSimple(kind, form)) return { isAuthorized: true, context: { principalId, ...context } };
  return resource === undefined ? undefined : toDocument("Allow", resource, principalId, context);
}

/**
 * Makes an explicit Deny, because a resource policy that allows would overrule an implicit one.
 *
 * @param arn - Given only if its path is canonical. Without it the Deny is for everything, so that IAM reads no part of a
 *   non-canonical path as a wildcard or a variable.
 */
export function toDeny(
  kind: ApiKind | undefined,
  arn: MethodArn | undefined,
  principalId: string | undefined,
  wanted: Context,
  form: HttpResponse,
): AuthorizerResponse {
  const context = fits(wanted) ? wanted : { ...wanted, roles: "" };
  if (isSimple(kind, form)) return { isAuthorized: false, context: { principalId: principalId ?? NOBODY, ...context } };
  const resource = arn === undefined ? "*" : formatMethodArn(arn);
  return toDocument("Deny", resource.length > MAX_RESOURCE_CHARS ? "*" : resource, principalId ?? NOBODY, context);
}

/**
 * Makes the error to throw for a caller who is not authenticated. API Gateway answers 401 to exactly this message.
 *
 * @see API Gateway developer guide, "Use API Gateway Lambda authorizers"
 */
export function unauthorized(): Error {
  return toThrown("Unauthorized");
}

/** Makes an error to throw. It has no stack frames, since Lambda writes them to the log, and the decision log has what matters. */
export function toThrown(message: string): Error {
  const error = new Error(message);
  error.stack = `Error: ${message}`;
  return error;
}

/** Tells whether a context is short enough for a response. */
export function fits(context: Context): boolean {
  return Object.values(context).reduce((chars, value) => chars + value.length, 0) <= MAX_CONTEXT_CHARS;
}

function isSimple(kind: ApiKind | undefined, form: HttpResponse): boolean {
  return form === "simple" && kind !== undefined && traitsOf(kind).hasSimpleResponse;
}

/** Makes the IAM policy document of one statement, for a resource, with the context that integrations get. */
export function toDocument(
  effect: "Allow" | "Deny",
  resource: string,
  principalId: string,
  context: Context,
): AuthorizerResponse {
  return {
    principalId,
    policyDocument: {
      Version: "2012-10-17",
      Statement: [{ Action: "execute-api:Invoke", Effect: effect, Resource: resource }],
    },
    context,
  };
}
