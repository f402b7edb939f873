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
import type { CachingApi } from "../../contract/api-kinds.ts";
import { acknowledge, acknowledgeManagedPolicy } from "./acknowledge.ts";
import type { PolicyAuthorizer } from "./policy-authorizer.ts";

/** The stage whose cached responses are dropped when the policy changes. */
export interface AuthorizerCacheFlushProps {
  readonly authorizer: PolicyAuthorizer;
  readonly kind: CachingApi;
  readonly apiId: string;
  readonly stageName: string;
  /**
   * The log of the function that drops the responses.
   *
   * @default - the log group that Lambda creates
   */
  readonly logGroup?: LogGroup;
}

interface Flush {
  readonly call: (apiId: string, stageName: string) => AwsSdkCall;
  /** The part of the ARN before the API's id. */
  readonly collection: string;
}

const FLUSHES: Readonly<Record<CachingApi, Flush>> = {
  rest: {
    call: (restApiId, stageName) => ({
      service: "api-gateway",
      action: "FlushStageAuthorizersCache",
      parameters: { restApiId, stageName },
    }),
    collection: "restapis",
  },
  http: {
    call: (ApiId, StageName) => ({
      service: "apigatewayv2",
      action: "ResetAuthorizersCache",
      parameters: { ApiId, StageName },
    }),
    collection: "apis",
  },
};

const SHARED_FUNCTION_ID = `AWS${AwsCustomResource.PROVIDER_FUNCTION_UUID.replaceAll("-", "")}`;

/**
 * Drops all authorizer responses that API Gateway has cached for a stage, after each deployment that changes the policy's
 * revision.
 *
 * API Gateway flushes a whole stage; it can't drop the cached responses of one user.
 */
export class AuthorizerCacheFlush extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { authorizer, kind, apiId, stageName, logGroup }: AuthorizerCacheFlushProps,
  ) {
    super(scope, id);
    const { call, collection } = FLUSHES[kind];
    const onUpdate: AwsSdkCall = {
      ...call(apiId, stageName),
      physicalResourceId: PhysicalResourceId.of(authorizer.revision),
    };
    const resource = `${collection}/${apiId}/stages/${stageName}/cache/authorizers`;
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
    // If the flush came before the new Lambda, the old policy would fill the cache again.
    flush.node.addDependency(authorizer.lambda);
    this.#acknowledge();
  }

  /** Acknowledges the findings of the one function that the CDK creates in a stack for all custom resources of this kind. */
  #acknowledge(): void {
    const shared = Stack.of(this).node.children.filter(({ node }) => node.id === SHARED_FUNCTION_ID);
    for (const child of shared) {
      acknowledgeManagedPolicy(
        child,
        "service-role/AWSLambdaBasicExecutionRole",
        "The function is the CDK's own; the policy lets it write its log.",
      );
      acknowledge(
        child,
        "AwsSolutions-L1",
        "The CDK chooses the runtime of its own function, and updates it with new versions.",
      );
    }
  }
}
