import { type CfnResource, Stack } from "aws-cdk-lib";
import { findOpenOperations, isPreflightOperation, operationsOf, schemesOf } from "../openapi/open-operations.ts";
import { toAuthorizerUri } from "./invocation.ts";
import { PolicyAuthorizer } from "./policy-authorizer.ts";

/** Types of authorizers that call a Lambda. */
const ASKING = ["request", "token"];

/**
 * Finds operations of a document that are open to everybody, or have an authorizer that asks no policy.
 *
 * @param body - As the template of the API has it.
 * @param accepted - Security schemes that will do all the same.
 * @returns A line for each.
 */
export function findUnauthorizedOperations(
  api: CfnResource,
  body: unknown,
  accepted: readonly string[],
): readonly string[] {
  const stack = Stack.of(api);
  const uris = api.node.root.node
    .findAll()
    .filter((node) => node instanceof PolicyAuthorizer)
    .map(({ lambda }) => JSON.stringify(stack.resolve(toAuthorizerUri(lambda))));
  const schemes = schemesOf(body);
  const asksPolicy = (name: string) => {
    const { "x-amazon-apigateway-authtype": type, "x-amazon-apigateway-authorizer": authorizer } = Object(
      schemes[name],
    );
    if (type === "awsSigv4") return true;
    const { type: kind, authorizerUri } = Object(authorizer);
    return ASKING.includes(String(kind).toLowerCase()) && uris.includes(JSON.stringify(authorizerUri));
  };
  const foreign = operationsOf(body).flatMap((one) => {
    const { security } = one.operation;
    if (isPreflightOperation(one) || !Array.isArray(security)) return [];
    const names = security.flatMap((requirement) => Object.keys(Object(requirement)));
    return names
      .filter((name) => isEnforced(schemes[name]) && !asksPolicy(name) && !accepted.includes(name))
      .map(
        (name) =>
          `the operation ${one.verb} ${one.path} names ${name}, an authorizer that asks no policy; make the document with ` +
          "PolicyAuthorizer.secure, or name it in alsoAccepted",
      );
  });
  const open = findOpenOperations(body).map((line) => `${line}; npm run openapi adds what is missing`);
  return [...open, ...foreign];
}

/** Those that are none are found to be open. */
function isEnforced(scheme: unknown): boolean {
  return typeof Object(scheme)["x-amazon-apigateway-authorizer"] === "object";
}
