import { LogGroupLogDestination, WebSocketApi, WebSocketStage } from "aws-cdk-lib/aws-apigatewayv2";
import { WebSocketLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { webSocketAccessLogFormat } from "../../constructs/access-log.ts";
import { acknowledge } from "../../constructs/acknowledge.ts";
import { createAccessLog } from "./access-log-group.ts";

/** The sample WebSocket API. One function serves all its routes. */
export class SampleWebSocketApi extends Construct {
  readonly api: WebSocketApi;

  constructor(scope: Construct, id: string, backend: IFunction) {
    super(scope, id);
    const route = (name: string) => ({ integration: new WebSocketLambdaIntegration(`On${name}`, backend) });
    this.api = new WebSocketApi(this, "Api", {
      connectRouteOptions: route("Connect"),
      disconnectRouteOptions: route("Disconnect"),
      defaultRouteOptions: route("Default"),
    });
    new WebSocketStage(this, "Stage", {
      webSocketApi: this.api,
      stageName: "prod",
      autoDeploy: true,
      accessLogSettings: {
        destination: new LogGroupLogDestination(createAccessLog(this)),
        format: webSocketAccessLogFormat(),
      },
    });
    for (const id of ["$disconnect-Route", "$default-Route"]) {
      const found = this.api.node.tryFindChild(id);
      if (found)
        acknowledge(
          found,
          "AwsSolutions-APIG4",
          "Only $connect of a WebSocket API can have an authorizer, and every connection has passed it.",
        );
    }
  }
}
