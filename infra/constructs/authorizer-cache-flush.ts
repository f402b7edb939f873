import { Aws, Stack } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { LogGroup } from "aws-cdk-lib/aws-logs";
import {
  AwsCustomResource,
  AwsCustomResourcePolicy,
  type AwsSdkCall,
  PhysicalResourceId,
} from "aws-cdk-lib/custom-resources";
import { Construct } from "constructs";
import { acknowledge, acknowledgeManagedPolicy } from "./acknowledge.ts";
import type { PolicyAuthorizer } from "./policy-authorizer.ts";

/** Which stage's kept answers are dropped when there is a new policy. */
export interface AuthorizerCacheFlushProps {
  readonly authorizer: PolicyAuthorizer;
  readonly kind: "rest" | "http";
  readonly apiId: string;
  readonly stageName: string;
  /**
   * Where the call is logged.
   *
   * @default - a log group of the account's own making
   */
  readonly logGroup?: LogGroup;
}

const SHARED_FUNCTION_ID = `AWS${AwsCustomResource.PROVIDER_FUNCTION_UUID.replaceAll("-", "")}`;

/**
 * Drops all answers that API Gateway keeps for a stage, after each deployment that changes the policy's revision.
 *
 * A stage is flushed as a whole; there is no way to drop one user's answers.
 */
export class AuthorizerCacheFlush extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { authorizer, kind, apiId, stageName, logGroup }: AuthorizerCacheFlushProps,
  ) {
    super(scope, id);
    const onUpdate: AwsSdkCall = {
      ...(kind === "rest"
        ? { service: "api-gateway", action: "FlushStageAuthorizersCache", parameters: { restApiId: apiId, stageName } }
        : {
            service: "apigatewayv2",
            action: "ResetAuthorizersCache",
            parameters: { ApiId: apiId, StageName: stageName },
          }),
      physicalResourceId: PhysicalResourceId.of(authorizer.revision),
    };
    const resource = `${kind === "rest" ? "restapis" : "apis"}/${apiId}/stages/${stageName}/cache/authorizers`;
    const flush = new AwsCustomResource(this, "Flush", {
      onUpdate,
      installLatestAwsSdk: false,
      ...(logGroup && { logGroup }),
      policy: AwsCustomResourcePolicy.fromStatements([
        new PolicyStatement({
          actions: ["apigateway:DELETE"],
          resources: [`arn:${Aws.PARTITION}:apigateway:${Aws.REGION}::/${resource}`],
        }),
      ]),
    });
    // Flushed before, it would be filled again by the old policy.
    flush.node.addDependency(authorizer.lambda);
    this.#acknowledge();
  }

  /** The CDK has one function in a stack for all calls of this kind. */
  #acknowledge(): void {
    const shared = Stack.of(this).node.children.filter(({ node }) => node.id === SHARED_FUNCTION_ID);
    for (const child of shared) {
      acknowledgeManagedPolicy(
        child,
        "service-role/AWSLambdaBasicExecutionRole",
        "The CDK's own function; this lets it write its log.",
      );
      acknowledge(
        child,
        "AwsSolutions-L1",
        "The CDK chooses the runtime of its own function, and renews it with its versions.",
      );
    }
  }
}
