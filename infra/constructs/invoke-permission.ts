import { Aws } from "aws-cdk-lib";
import { CfnPermission, type IFunction } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";

/** Formats the URI by which an authorizer of API Gateway invokes the Lambda. */
export function toAuthorizerUri(lambda: IFunction): string {
  return `arn:${Aws.PARTITION}:apigateway:${Aws.REGION}:lambda:path/2015-03-31/functions/${lambda.functionArn}/invocations`;
}

/**
 * Lets the authorizers of one API invoke the Lambda; no other API may.
 *
 * @param scope - A construct in the API's stack, so that the Lambda's stack does not depend on that stack.
 */
export function allowInvocation(scope: Construct, lambda: IFunction, apiId: string): void {
  new CfnPermission(scope, "Permission", {
    action: "lambda:InvokeFunction",
    functionName: lambda.functionArn,
    principal: "apigateway.amazonaws.com",
    sourceArn: `arn:${Aws.PARTITION}:execute-api:${Aws.REGION}:${Aws.ACCOUNT_ID}:${apiId}/authorizers/*`,
  });
}
