import { HttpApi, HttpMethod, HttpStage, LogGroupLogDestination } from "aws-cdk-lib/aws-apigatewayv2";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { accessLogFormat } from "../../constructs/access-log.ts";
import { createAccessLog } from "./access-log-group.ts";
import type { SampleRoute } from "./rest-api.ts";

/** The sample API as an HTTP API. */
export class SampleHttpApi extends Construct {
  readonly api: HttpApi;

  constructor(scope: Construct, id: string, routes: readonly SampleRoute[], backend: IFunction) {
    super(scope, id);
    this.api = new HttpApi(this, "Api", { createDefaultStage: false });
    new HttpStage(this, "Stage", {
      httpApi: this.api,
      stageName: "$default",
      autoDeploy: true,
      accessLogSettings: { destination: new LogGroupLogDestination(createAccessLog(this)), format: accessLogFormat() },
    });
    const integration = new HttpLambdaIntegration("Backend", backend);
    for (const { verb, path } of routes) {
      const method = Object.values(HttpMethod).find((known) => known === verb);
      if (method !== undefined) this.api.addRoutes({ path, methods: [method], integration });
    }
  }
}
