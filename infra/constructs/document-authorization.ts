import { type CfnResource, Stack } from "aws-cdk-lib";
import { findOpenOperations } from "../../openapi/open-operations.ts";
import { isPreflightOperation, operationsOf } from "../../openapi/operations.ts";
import { readSecurity } from "../../openapi/security.ts";
import type { InvokedAlias } from "./deployment-aliases.ts";
import { isMarked } from "./of-any-copy.ts";

/** The types of authorizers that invoke a Lambda. */
const LAMBDA_TYPES = ["request", "token"];

/**
 * Finds operations of a document that are open to everybody, or have an authorizer that evaluates no policy.
 *
 * @param body - The document in the template of the API.
 * @param accepted - The names of security schemes that are accepted although they evaluate no policy.
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
    .filter((node) => isMarked(node, "policy-authorizer"))
    .flatMap((node) =>
      Object(node)
        .aliases.all()
        .map(({ uri }: InvokedAlias) => JSON.stringify(stack.resolve(uri))),
    );
  const invokesPolicy = ({ type, authorizerUri }: Readonly<Record<string, unknown>>) =>
    LAMBDA_TYPES.includes(String(type).toLowerCase()) && uris.includes(JSON.stringify(authorizerUri));
  const foreign = operationsOf(body).flatMap((one) => {
    const { schemes = [] } = isPreflightOperation(one) ? {} : readSecurity(body, one.operation);
    return schemes
      .filter(
        ({ name, authorizer }) => authorizer !== undefined && !invokesPolicy(authorizer) && !accepted.includes(name),
      )
      .map(
        ({ name }) =>
          `the operation ${one.verb} ${one.path} names ${name}, an authorizer that evaluates no policy; make the document with ` +
          "PolicyAuthorizer.secure, or name it in additionalAuthorizers",
      );
  });
  const open = findOpenOperations(body).map(
    (line) => `${line}; rego-authorizer openapi writes missing authorizers into a document`,
  );
  return [...open, ...foreign];
}
