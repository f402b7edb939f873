import { Stack } from "aws-cdk-lib";
import { CfnMethod, type IRestApi, Method } from "aws-cdk-lib/aws-apigateway";
import { type CacheContract, findAuthorizer } from "../contract-routes.ts";

/**
 * Methods with IAM authorization for which nothing was proved: of the routes that the documents are for, a wildcard takes in
 * no more than is granted, but of others it may.
 *
 * @param contract - Of the same build, whose routes are those of the documents.
 * @returns A line for each; nothing of an API that is not of this app, which can't be looked at.
 */
export function findUnproved(restApi: IRestApi, contract: CacheContract): readonly string[] {
  const stack = Stack.of(restApi);
  const id = stack.resolve(restApi.restApiId);
  const methods = stack.node.findAll().filter(CfnMethod.isCfnMethod);
  return methods
    .filter((method) => method.authorizationType === "AWS_IAM")
    .filter((method) => JSON.stringify(stack.resolve(method.restApiId)) === JSON.stringify(id))
    .flatMap(({ node }) => {
      const method = node.scope;
      if (!(method instanceof Method)) return [];
      const [verb, path] = [method.httpMethod.toUpperCase(), method.resource.path];
      return findAuthorizer(contract, verb, path) === undefined
        ? [
            `${verb} ${path} is not among the routes that the documents of dist/iam.json are proved for; ` +
              "run npm run build -- --openapi FILE with a document that has it, or without one",
          ]
        : [];
    });
}
