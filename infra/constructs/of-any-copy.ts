import { CfnResource, Stack } from "aws-cdk-lib";
import type { Deployment } from "aws-cdk-lib/aws-apigateway";
import type { IConstruct } from "constructs";
import type { PublicRule } from "../../contract/public-rules.ts";
import type { Route } from "../../contract/route.ts";
import { modeOf } from "../../gate/aliases.ts";
import { MARK_KEY, toAuthorizerMark, toFunctionMark } from "../../gate/marks.ts";
import type { PublicRoutes } from "../../openapi/public-operations.ts";
import type { InvokedAlias } from "./deployment-aliases.ts";

// An app may have several copies of `aws-cdk-lib`, or of this package, in one tree of constructs. A class of one copy is not
// that of another, so `instanceof` would overlook methods and deployments. These functions go by resource types and properties.

/** Reads the verb and the path of a REST API's method that was made with `addMethod`; undefined if they are not visible. */
export function routeOfMethod(method: CfnResource): Route | undefined {
  const { httpMethod, resource } = Object(method.node.scope);
  const path: unknown = Object(resource).path;
  return typeof httpMethod === "string" && typeof path === "string"
    ? { verb: httpMethod.toUpperCase(), path }
    : undefined;
}

/** Tells whether a construct is a `Deployment`, which gets another logical id if its data change. */
export function isDeployment(node: IConstruct | undefined): node is Deployment {
  const { defaultChild } = Object(node?.node);
  return (
    Object(defaultChild).cfnResourceType === "AWS::ApiGateway::Deployment" &&
    typeof Object(node).addToLogicalId === "function"
  );
}

/**
 * Marks an authorizer in its template as one that evaluates a policy, as long as it invokes this alias. If the function is in another
 * template, the mark has the public rules of the API, which the function's mark would show.
 */
export function markAuthorizer(authorizer: CfnResource, alias: InvokedAlias, publicRoutes?: PublicRoutes): void {
  const isElsewhere = alias.isImported === true || Stack.of(alias.lambda) !== Stack.of(authorizer);
  authorizer.addMetadata(MARK_KEY, toMarkOf(alias, isElsewhere ? publicRoutes : undefined));
}

/** Makes the mark of an authorizer that invokes an alias, with the public rules of its API. */
export function toMarkOf(
  { arn, aliasName }: InvokedAlias,
  publicRoutes?: PublicRoutes,
): ReturnType<typeof toAuthorizerMark> {
  const { publicRules = [], apiName } = publicRoutes ?? {};
  const own = publicRules.filter(({ apis }) => apis === undefined || (apiName !== undefined && apis.includes(apiName)));
  return toAuthorizerMark(arn, modeOf(aliasName), own);
}

/** Marks a function in its template as one that evaluates a policy with these public rules. */
export function markFunction(lambda: IConstruct, publicRules: readonly PublicRule[]): void {
  const resource = lambda.node.defaultChild;
  if (CfnResource.isCfnResource(resource)) resource.addMetadata(MARK_KEY, toFunctionMark(publicRules));
}
