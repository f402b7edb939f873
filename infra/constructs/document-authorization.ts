import { type CfnResource, Stack } from "aws-cdk-lib";
import { findOpenOperations } from "../../openapi/open-operations.ts";
import { isPreflightOperation, operationsOf } from "../../openapi/operations.ts";
import { readSecurity } from "../../openapi/security.ts";
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
  const asksPolicy = ({ type, authorizerUri }: Readonly<Record<string, unknown>>) =>
    ASKING.includes(String(type).toLowerCase()) && uris.includes(JSON.stringify(authorizerUri));
  const foreign = operationsOf(body).flatMap((one) => {
    const { schemes = [] } = isPreflightOperation(one) ? {} : readSecurity(body, one.operation);
    return schemes
      .filter(({ name, authorizer }) => authorizer !== undefined && !asksPolicy(authorizer) && !accepted.includes(name))
      .map(
        ({ name }) =>
          `the operation ${one.verb} ${one.path} names ${name}, an authorizer that asks no policy; make the document with ` +
          "PolicyAuthorizer.secure, or name it in alsoAccepted",
      );
  });
  const open = findOpenOperations(body).map((line) => `${line}; npm run openapi adds what is missing`);
  return [...open, ...foreign];
}
