import type { CfnResource } from "aws-cdk-lib";
import type { IRestApi } from "aws-cdk-lib/aws-apigateway";
import { findAuthorizer } from "../../analysis/cache/route-authorizer.ts";
import type { CacheContract } from "../../contract/manifest.ts";
import { readIntent } from "../../openapi/intent.ts";
import { operationsOf } from "../../openapi/operations.ts";
import { isOfApi } from "./apis.ts";
import { routeOfMethod } from "./of-any-copy.ts";
import { resourcesOf, templateOf } from "./template.ts";

/**
 * Finds methods with IAM authorization that the documents are not proved for. On the routes that a document is proved for, its
 * wildcards match no more than the policy grants; on other routes they may match more.
 *
 * @param contract - The cache contract of the same build. It has the routes that the documents are proved for.
 * @returns A line for each such method, and for methods that are not visible at synthesis.
 */
export function findUnproved(restApi: IRestApi, contract: CacheContract): readonly string[] {
  const api = resourcesOf(restApi, "AWS::ApiGateway::RestApi").find((one) => isOfApi(one, restApi));
  if (api === undefined) {
    return [
      `the API ${restApi.node.path} is not of this app, so its methods are not visible at synthesis, and the documents of ` +
        "dist/iam.json may not be proved for them; check the methods, then set acknowledgeRoutes",
    ];
  }
  const methods = resourcesOf(restApi, "AWS::ApiGateway::Method").filter((one) => isOfApi(one, restApi));
  return [...methods.filter(isIam).flatMap((one) => checkMethod(one, contract)), ...checkDocument(api, contract)];
}

/** Tells whether a method has IAM authorization. A method whose authorization is known at deployment only counts, too. */
function isIam(method: CfnResource): boolean {
  const { AuthorizationType: type = "NONE" } = templateOf(method);
  return type === "AWS_IAM" || typeof type !== "string";
}

function checkMethod(resource: CfnResource, contract: CacheContract): readonly string[] {
  const route = routeOfMethod(resource);
  return route !== undefined
    ? checkRoute(route.verb, route.path, contract)
    : [
        `the path of ${resource.node.path} is not visible at synthesis, so nothing is proved for it; make the method with ` +
          "addMethod, or describe the API by an OpenAPI document",
      ];
}

function checkDocument(api: CfnResource, contract: CacheContract): readonly string[] {
  const { Body, BodyS3Location, CloneFrom } = templateOf(api);
  if (BodyS3Location !== undefined || CloneFrom !== undefined)
    return [
      `the methods of ${api.node.path} are in S3 or another API, so they are not visible at synthesis; give the API's document inline`,
    ];
  if (Body === undefined) return [];
  return operationsOf(Body).flatMap((one) => {
    const { kind } = readIntent(Body, one, { api: "rest" });
    return kind === "iam" || kind === "refused" ? checkRoute(one.verb, one.path, contract) : [];
  });
}

function checkRoute(verb: string, path: string, contract: CacheContract): readonly string[] {
  return findAuthorizer(contract, verb, path) === undefined
    ? [
        `${verb} ${path} is not among the routes that the documents of dist/iam.json are proved for; ` +
          "run rego-authorizer build --openapi FILE with a document that has it, or build without --openapi",
      ]
    : [];
}
