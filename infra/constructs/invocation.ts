import { Aws } from "aws-cdk-lib";
import { CfnPermission, type IFunction } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";

/** What an authorizer of API Gateway calls. */
export function toAuthorizerUri(lambda: IFunction): string {
  return `arn:${Aws.PARTITION}:apigateway:${Aws.REGION}:lambda:path/2015-03-31/functions/${lambda.functionArn}/invocations`;
}

/**
 * Lets the authorizers of one API call the Lambda, and no other API.
 *
 * @param scope - In the stack of the API, so that the Lambda's does not depend on it.
 */
export function allowInvocation(scope: Construct, lambda: IFunction, apiId: string): void {
  new CfnPermission(scope, "Permission", {
    action: "lambda:InvokeFunction",
    functionName: lambda.functionArn,
    principal: "apigateway.amazonaws.com",
    sourceArn: `arn:${Aws.PARTITION}:execute-api:${Aws.REGION}:${Aws.ACCOUNT_ID}:${apiId}/authorizers/*`,
  });
}
