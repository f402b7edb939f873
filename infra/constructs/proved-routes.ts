import type { CfnResource } from "aws-cdk-lib";
import { type IRestApi, Method } from "aws-cdk-lib/aws-apigateway";
import { findAuthorizer } from "../../analysis/cache/route-authorizer.ts";
import type { CacheContract } from "../../contract/manifest.ts";
import { isPreflightOperation, operationsOf } from "../../openapi/operations.ts";
import { readSecurity } from "../../openapi/security.ts";
import { isOfApi } from "./apis.ts";
import { resourcesOf, templateOf } from "./template.ts";

/**
 * Methods with IAM authorization for which nothing was proved: of the routes that the documents are for, a wildcard takes in
 * no more than is granted, but of others it may.
 *
 * @param contract - Of the same build, whose routes are those of the documents.
 * @returns A line for each, and for what can't be looked at.
 */
export function findUnproved(restApi: IRestApi, contract: CacheContract): readonly string[] {
  const api = resourcesOf(restApi, "AWS::ApiGateway::RestApi").find((one) => isOfApi(one, restApi));
  if (api === undefined) {
    return [
      `the API ${restApi.node.path} is not of this app, so whether the documents of dist/iam.json are proved for its methods ` +
        "can't be seen from here; check them, then set acknowledgeRoutes",
    ];
  }
  const methods = resourcesOf(restApi, "AWS::ApiGateway::Method").filter((one) => isOfApi(one, restApi));
  return [...methods.filter(isIam).flatMap((one) => checkMethod(one, contract)), ...checkDocument(api, contract)];
}

/** What is known at deployment only may be. */
function isIam(method: CfnResource): boolean {
  const { AuthorizationType: type = "NONE" } = templateOf(method);
  return type === "AWS_IAM" || typeof type !== "string";
}

function checkMethod(resource: CfnResource, contract: CacheContract): readonly string[] {
  const method = resource.node.scope;
  return method instanceof Method
    ? checkRoute(method.httpMethod.toUpperCase(), method.resource.path, contract)
    : [
        `the path of ${resource.node.path} can't be seen, so nothing is proved for it; make it with addMethod, or describe the ` +
          "API by an OpenAPI document",
      ];
}

function checkDocument(api: CfnResource, contract: CacheContract): readonly string[] {
  const { Body, BodyS3Location, CloneFrom } = templateOf(api);
  if (BodyS3Location !== undefined || CloneFrom !== undefined)
    return [
      `the methods of ${api.node.path} are in S3 or another API, and can't be seen from here; give a document inline`,
    ];
  if (Body === undefined) return [];
  return operationsOf(Body).flatMap((one) => {
    const { schemes = [] } = isPreflightOperation(one) ? {} : readSecurity(Body, one.operation);
    const isSigned = schemes.some(({ authorizer }) => authorizer === undefined);
    return isSigned ? checkRoute(one.verb, one.path, contract) : [];
  });
}

function checkRoute(verb: string, path: string, contract: CacheContract): readonly string[] {
  return findAuthorizer(contract, verb, path) === undefined
    ? [
        `${verb} ${path} is not among the routes that the documents of dist/iam.json are proved for; ` +
          "run npm run build -- --openapi FILE with a document that has it, or without one",
      ]
    : [];
}
