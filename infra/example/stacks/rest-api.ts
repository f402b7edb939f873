import {
  AuthorizationType,
  EndpointType,
  LambdaIntegration,
  LogGroupLogDestination,
  MethodLoggingLevel,
  RestApi,
} from "aws-cdk-lib/aws-apigateway";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { accessLogFormat } from "../../constructs/access-log.ts";
import { acknowledge, acknowledgeManagedPolicy } from "../../constructs/acknowledge.ts";
import { GatewayResponses } from "../../constructs/gateway-responses.ts";
import { createAccessLog } from "./access-log-group.ts";

/** A method of the sample API, as `infra/example/api/openapi.yaml` has it. */
export interface SampleRoute {
  readonly verb: string;
  readonly path: string;
}

export interface SampleRestApiProps {
  readonly routes: readonly SampleRoute[];
  readonly backend: IFunction;
  readonly authorization: AuthorizationType.IAM | AuthorizationType.NONE;
}

/** The sample API as a REST API. */
export class SampleRestApi extends Construct {
  readonly api: RestApi;

  constructor(scope: Construct, id: string, { routes, backend, authorization }: SampleRestApiProps) {
    super(scope, id);
    this.api = new RestApi(this, "Api", {
      endpointTypes: [EndpointType.REGIONAL],
      cloudWatchRole: true,
      defaultMethodOptions: { authorizationType: authorization },
      deployOptions: {
        stageName: "prod",
        loggingLevel: MethodLoggingLevel.ERROR,
        accessLogDestination: new LogGroupLogDestination(createAccessLog(this)),
        accessLogFormat: accessLogFormat(),
      },
    });
    const integration = new LambdaIntegration(backend, { allowTestInvoke: false });
    for (const { verb, path } of routes) this.api.root.resourceForPath(path).addMethod(verb, integration);
    new GatewayResponses(this, "Responses", { api: this.api, allowOrigin: "*" });
    acknowledgeSample(this.api, authorization);
  }
}

function acknowledgeSample(api: RestApi, authorization: AuthorizationType): void {
  acknowledge(
    api,
    "AwsSolutions-APIG2",
    "The sample's requests have no body and no required parameter that a validator could look for.",
  );
  acknowledge(
    api,
    "AwsSolutions-APIG3",
    "A web ACL costs by the month, whatever is called; a sample goes without. docs/deploy.md names it.",
  );
  acknowledge(
    api,
    "AwsSolutions-COG4",
    authorization === AuthorizationType.IAM
      ? "Methods have IAM authorization; sessions come of the user pool by way of an identity pool."
      : "The Lambda authorizer verifies the user pool's tokens, and decides by path and verb, which Cognito's does not.",
  );
  acknowledgeManagedPolicy(
    api,
    "service-role/AmazonAPIGatewayPushToCloudWatchLogs",
    "API Gateway's own managed policy for writing logs, which is what its account setting asks for.",
  );
}
