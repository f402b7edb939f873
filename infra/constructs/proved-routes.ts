import type { CfnResource } from "aws-cdk-lib";
import type { IRestApi } from "aws-cdk-lib/aws-apigateway";
import { findAuthorizer } from "../../analysis/cache/route-authorizer.ts";
import type { CacheContract } from "../../contract/manifest.ts";
import { judgeRoute, type PublicRule } from "../../contract/public-rules.ts";
import { readIntent } from "../../openapi/intent.ts";
import { operationsOf } from "../../openapi/operations.ts";
import { isOfApi } from "./apis.ts";
import { routeOfMethod } from "./of-any-copy.ts";
import { resourcesOf, templateOf } from "./template.ts";

/** The build that the documents are from. */
interface ProvedBuild {
  /** It has the routes that the documents are proved for. */
  readonly contract: CacheContract;
  readonly publicRules: readonly PublicRule[];
}

/**
 * Finds methods with IAM authorization that the documents are not proved for. On the routes that a document is proved for, its
 * wildcards match no more than the policy grants; on other routes they may match more.
 *
 * @returns A line for each such method, and for methods that are not visible at synthesis.
 */
export function findUnproved(restApi: IRestApi, build: ProvedBuild): readonly string[] {
  const api = resourcesOf(restApi, "AWS::ApiGateway::RestApi").find((one) => isOfApi(one, restApi));
  if (api === undefined) {
    return [
      `the API ${restApi.node.path} is not of this app, so its methods are not visible at synthesis, and the documents of ` +
        "dist/iam.json may not be proved for them; check the methods, then set acknowledgeRoutes",
    ];
  }
  const methods = resourcesOf(restApi, "AWS::ApiGateway::Method").filter((one) => isOfApi(one, restApi));
  return [...methods.filter(isIam).flatMap((one) => checkMethod(one, build)), ...checkDocument(api, build)];
}

/** Tells whether a method has IAM authorization. A method whose authorization is known at deployment only counts, too. */
function isIam(method: CfnResource): boolean {
  const { AuthorizationType: type = "NONE" } = templateOf(method);
  return type === "AWS_IAM" || typeof type !== "string";
}

function checkMethod(resource: CfnResource, build: ProvedBuild): readonly string[] {
  const route = routeOfMethod(resource);
  return route !== undefined
    ? checkRoute(route.verb, route.path, build)
    : [
        `the path of ${resource.node.path} is not visible at synthesis, so nothing is proved for it; make the method with ` +
          "addMethod, or describe the API by an OpenAPI document",
      ];
}

function checkDocument(api: CfnResource, build: ProvedBuild): readonly string[] {
  const { Body, BodyS3Location, CloneFrom } = templateOf(api);
  if (BodyS3Location !== undefined || CloneFrom !== undefined)
    return [
      `the methods of ${api.node.path} are in S3 or another API, so they are not visible at synthesis; give the API's document inline`,
    ];
  if (Body === undefined) return [];
  return operationsOf(Body).flatMap((one) => {
    const { kind } = readIntent(Body, one, { api: "rest" });
    return kind === "iam" || kind === "refused" ? checkRoute(one.verb, one.path, build) : [];
  });
}

function checkRoute(verb: string, path: string, { contract, publicRules }: ProvedBuild): readonly string[] {
  // Whatever a document matches there, nobody can do more than everybody may.
  if (judgeRoute(publicRules, { verb, path }).kind === "public") return [];
  return findAuthorizer(contract, verb, path) === undefined
    ? [
        `${verb} ${path} is not among the routes that the documents of dist/iam.json are proved for; ` +
          "run rego-authorizer build --openapi FILE with a document that has it, or build without --openapi",
      ]
    : [];
}
