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
import { restAccessLogFormat } from "../../constructs/access-log.ts";
import { acknowledge, acknowledgeManagedPolicy } from "../../constructs/acknowledge.ts";
import { GatewayResponses } from "../../constructs/gateway-responses.ts";
import { createAccessLog } from "./access-log-group.ts";

/** A method of the sample API in `infra/example/api/openapi.yaml`. */
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
      // The stage can be put back to the deployment before.
      retainDeployments: true,
      defaultMethodOptions: { authorizationType: authorization },
      deployOptions: {
        stageName: "prod",
        loggingLevel: MethodLoggingLevel.ERROR,
        accessLogDestination: new LogGroupLogDestination(createAccessLog(this)),
        accessLogFormat: restAccessLogFormat(),
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
    "The sample's requests have no body and no required parameter that a validator could check.",
  );
  acknowledge(
    api,
    "AwsSolutions-APIG3",
    "A web ACL has a monthly price, so the sample has none. docs/deploy.md recommends one.",
  );
  acknowledge(
    api,
    "AwsSolutions-COG4",
    authorization === AuthorizationType.IAM
      ? "Methods have IAM authorization; an identity pool gives sessions to users of the user pool."
      : "The Lambda authorizer verifies the user pool's tokens and decides by path and verb, which a Cognito authorizer does not.",
  );
  acknowledgeManagedPolicy(
    api,
    "service-role/AmazonAPIGatewayPushToCloudWatchLogs",
    "This is the managed policy that the account setting of API Gateway needs for writing logs.",
  );
}
