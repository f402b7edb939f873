import { Aws, RemovalPolicy } from "aws-cdk-lib";
import { CfnPermission } from "aws-cdk-lib/aws-lambda";
import type { Construct, IConstruct } from "constructs";
import type { InvokedAlias } from "./deployment-aliases.ts";

/**
 * Lets the authorizers of one API invoke its alias; no other API may, and no other alias.
 *
 * @param scope - A construct in the API's stack, so that the Lambda's stack does not depend on that stack.
 * @param prefix - The beginning of the permission's id in the scope, which may have another one for this alias.
 * @returns The permission, also if the API has it already, before which no authorizer may name the alias.
 */
export function allowInvocation(scope: Construct, alias: InvokedAlias, apiId: string, prefix = ""): IConstruct {
  const id = `${prefix}Permission-${alias.aliasName}`;
  const known = scope.node.tryFindChild(id);
  if (known !== undefined) return known;
  const permission = new CfnPermission(scope, id, {
    action: "lambda:InvokeFunction",
    functionName: alias.arn,
    principal: "apigateway.amazonaws.com",
    sourceArn: `arn:${Aws.PARTITION}:execute-api:${Aws.REGION}:${Aws.ACCOUNT_ID}:${apiId}/authorizers/*`,
  });
  permission.node.addDependency(alias.resource);
  // A stage that is put back to an earlier deployment invokes the alias that this deployment names.
  permission.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
  return permission;
}
