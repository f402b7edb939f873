import { AspectPriority, Aspects, Aws, CfnResource, Lazy, Stack } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { LogGroup } from "aws-cdk-lib/aws-logs";
import {
  AwsCustomResource,
  AwsCustomResourcePolicy,
  type AwsSdkCall,
  PhysicalResourceId,
} from "aws-cdk-lib/custom-resources";
import { Construct, type IConstruct } from "constructs";
import type { CachingApi } from "../../contract/api-kinds.ts";
import { acknowledge, acknowledgeManagedPolicy } from "./acknowledge.ts";
import { findDeciding, toDecidingParts } from "./deciding-parts.ts";
import {
  type FlushedStage,
  findFlushed,
  isWebSocket,
  nameOfStage,
  type StageOfApp,
  toFlushedStage,
} from "./flushed-stage.ts";
import type { PolicyAuthorizer } from "./policy-authorizer.ts";
import { toSynthesisError } from "./synthesis-error.ts";

/** The stage whose cached responses are dropped when decisions change: a construct, or the API's id and the stage's name. */
export type AuthorizerCacheFlushProps = FlushProps & (StageProps | FlushedStage);

interface FlushProps {
  readonly authorizer: PolicyAuthorizer;
  /**
   * The log of the function that drops the responses.
   *
   * @default - the log group that Lambda creates
   */
  readonly logGroup?: LogGroup;
}

interface StageProps {
  /** The stage of a REST API, or of an HTTP API. */
  readonly stage: StageOfApp;
}

interface Flush {
  readonly call: (apiId: string, stageName: string) => Omit<AwsSdkCall, "physicalResourceId">;
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

/** A stage that does not exist has no cached responses, so there is nothing to drop. */
const NO_STAGE = "^NotFoundException$";

const KIND = "AuthorizerCacheFlush";

const SHARED_FUNCTION_ID = `AWS${AwsCustomResource.PROVIDER_FUNCTION_UUID.replaceAll("-", "")}`;

/**
 * Drops all authorizer responses that API Gateway has cached for a stage, after each deployment that changes how the
 * authorizer decides, and after its rollback. Create it in the stack of the API.
 *
 * API Gateway flushes a whole stage; it can't drop the cached responses of one user.
 */
export class AuthorizerCacheFlush extends Construct {
  constructor(scope: Construct, id: string, props: AuthorizerCacheFlushProps) {
    super(scope, id);
    const { authorizer, logGroup } = props;
    const stage = "stage" in props ? toFlushedStage(this, props.stage) : props;
    const { kind, apiId, stageName } = stage;
    const { call, collection } = FLUSHES[kind];
    const onUpdate: AwsSdkCall = {
      ...call(apiId, stageName),
      // It is always the same, so that a rollback updates this resource, and flushes once more.
      physicalResourceId: PhysicalResourceId.of(`${apiId}/${stageName}`),
      ignoreErrorCodesMatching: NO_STAGE,
    };
    const flush = new AwsCustomResource(this, "Flush", {
      onUpdate,
      installLatestAwsSdk: false,
      ...(logGroup && { logGroup }),
      policy: AwsCustomResourcePolicy.fromStatements([
        new PolicyStatement({
          actions: ["apigateway:DELETE"],
          resources: [
            `arn:${Aws.PARTITION}:apigateway:${Aws.REGION}::/${collection}/${apiId}/stages/${stageName}/cache/authorizers`,
          ],
        }),
      ]),
    });
    const resource = flush.node.findAll().find(isFlush);
    if (resource === undefined) throw toSynthesisError(this, KIND, "the CDK has made no custom resource");
    // CloudFormation invokes the function when a property changes, and the function ignores this one.
    const decides = Lazy.any({ produce: () => toDecidingParts(authorizer, Stack.of(this)) });
    resource.addPropertyOverride("Decides", decides);
    this.#waitFor(stage, resource, authorizer);
    this.#acknowledge();
  }

  /**
   * Lets the flush wait for the aliases, for the stage and for the authorizers of its API, once all of them have been created. If it
   * came before any of them, the old policy would fill the cache again.
   */
  #waitFor(stage: FlushedStage, flush: CfnResource, authorizer: PolicyAuthorizer): void {
    const visit = (node: IConstruct) => {
      if (node !== this) return;
      const { stages, authorizers } = findFlushed(this, stage);
      this.#check(stage, stages);
      flush.node.addDependency(...findDeciding(authorizer));
      for (const one of [...stages, ...authorizers]) {
        if (Stack.of(one) !== Stack.of(this) && Stack.of(this) === Stack.of(authorizer))
          throw toSynthesisError(this, KIND, tooEarly(Stack.of(one)));
        flush.node.addDependency(one);
      }
    };
    Aspects.of(this).add({ visit }, { priority: AspectPriority.READONLY });
  }

  #check(stage: FlushedStage, stages: readonly CfnResource[]): void {
    if (isWebSocket(this, stage))
      throw toSynthesisError(this, KIND, "API Gateway caches no responses for a WebSocket API; remove the flush");
    const wanted = Stack.of(this).resolve(stage.stageName);
    const names = stages.map(nameOfStage);
    if (typeof wanted !== "string" || names.length === 0 || names.some((name) => [undefined, wanted].includes(name)))
      return;
    const cause = `the API has no stage ${wanted}, so nothing would be flushed; its stages are ${names.join(", ")}`;
    throw toSynthesisError(this, KIND, cause);
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

function isFlush(node: IConstruct): node is CfnResource {
  return CfnResource.isCfnResource(node) && node.cfnResourceType === "Custom::AWS";
}

function tooEarly({ stackName }: Stack): string {
  return `the API is in the stack ${stackName}, which is deployed after this one, so the flush would come before the new authorizers; create it in that stack`;
}
