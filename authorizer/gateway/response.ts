import type { APIGatewayAuthorizerResult, APIGatewaySimpleAuthorizerWithContextResult } from "aws-lambda";
import { type ApiKind, type HttpResponse, traitsOf } from "../../contract/api-kinds.ts";
import { MAX_CONTEXT_CHARS } from "../../contract/limits.ts";

/** The context of a response: flat texts, as mapping templates and proxies need them. */
export type Context = Readonly<Record<string, string>>;

/** The authorizer's response to API Gateway: a policy document, or a simple response. */
export type AuthorizerResponse = APIGatewayAuthorizerResult | APIGatewaySimpleAuthorizerWithContextResult<Context>;

type Statement = APIGatewayAuthorizerResult["policyDocument"]["Statement"][number];

/** The action of every statement. */
export const ACTION = "execute-api:Invoke";

/** The `principalId` of a caller who is not authenticated; API Gateway refuses an empty one. */
const NOBODY = "unauthenticated";

/**
 * Makes an Allow of exactly this method and path. It explicitly denies everything else.
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
  return resource === undefined ? undefined : toAllowDocument(resource, principalId, context);
}

/**
 * Makes an explicit Deny of everything. It says nothing about the request, because API Gateway may apply a cached Deny to
 * other requests, and a resource policy that allows would turn silence about these into an Allow.
 */
export function toDeny(
  kind: ApiKind | undefined,
  principalId: string | undefined,
  wanted: Context,
  form: HttpResponse,
): AuthorizerResponse {
  const context = fits(wanted) ? wanted : { ...wanted, roles: "" };
  if (isSimple(kind, form)) return { isAuthorized: false, context: { principalId: principalId ?? NOBODY, ...context } };
  return toDenyDocument(principalId ?? NOBODY, context);
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

/** Makes the policy document that denies everything, with the context that access logs get. */
export function toDenyDocument(principalId: string, context: Context): AuthorizerResponse {
  return toDocument([{ Action: ACTION, Effect: "Deny", Resource: "*" }], principalId, context);
}

/**
 * Makes the policy document that allows a resource and denies all others.
 *
 * API Gateway evaluates a cached document for later requests, too, together with the API's resource policy. A document that
 * is silent about a request would leave it to the resource policy, so this one answers for every request.
 *
 * @see API Gateway developer guide, "How API Gateway resource policies affect authorization workflow", table A
 */
function toAllowDocument(resource: string, principalId: string, context: Context): AuthorizerResponse {
  const statements: readonly Statement[] = [
    { Action: ACTION, Effect: "Allow", Resource: resource },
    { Action: ACTION, Effect: "Deny", NotResource: resource },
  ];
  return toDocument(statements, principalId, context);
}

function toDocument(Statement: readonly Statement[], principalId: string, context: Context): AuthorizerResponse {
  return { principalId, policyDocument: { Version: "2012-10-17", Statement: [...Statement] }, context };
}
