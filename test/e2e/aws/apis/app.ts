import {
  App,
  Aspects,
  CfnOutput,
  CliCredentialsStackSynthesizer,
  Duration,
  type IReusableStackSynthesizer,
  Stack,
} from "aws-cdk-lib";
import {
  ApiKey,
  Cors,
  type IRestApi,
  LambdaIntegration,
  type ResourceOptions,
  RestApi,
} from "aws-cdk-lib/aws-apigateway";
import { UserPool, UserPoolClient } from "aws-cdk-lib/aws-cognito";
import { Code, Function as LambdaFunction, Runtime } from "aws-cdk-lib/aws-lambda";
import { PolicyAuthorizer } from "../../../../infra/constructs/policy-authorizer.ts";
import { RequireAuthorization } from "../../../../infra/constructs/require-authorization.ts";

// The app of `apis.e2e.ts`: one authorizer for two REST APIs. `orders` has a public method, a method with an API key, and preflights.
// `billing` is report-only with the context `reportOnly=true`.

const synthesizer = new CliCredentialsStackSynthesizer() as IReusableStackSynthesizer;
const app = new App({ defaultStackSynthesizer: synthesizer });
const context = (name: string): string | undefined => app.node.tryGetContext(name);
const isReportOnly = context("reportOnly") === "true";

const stack = new Stack(app, "Apis");
const userPool = UserPool.fromUserPoolId(stack, "Users", context("userPoolId") ?? "");
const client = UserPoolClient.fromUserPoolClientId(stack, "Client", context("clientId") ?? "");
const authorizer = new PolicyAuthorizer(stack, "Authorizer", {
  trustedIssuers: [{ userPool, clients: [client], tokenUse: "id" }],
  distPath: context("dist") ?? "dist",
});

const backend = new LambdaFunction(stack, "Backend", {
  runtime: Runtime.NODEJS_24_X,
  handler: "index.handler",
  code: Code.fromInline(
    "exports.handler = async ({ requestContext: { authorizer } }) => ({ statusCode: 200, body: JSON.stringify(authorizer ?? null) });",
  ),
});

function createApi(name: string, paths: readonly string[], options: ResourceOptions = {}): RestApi {
  const api = new RestApi(stack, name, { cloudWatchRole: false, retainDeployments: true, ...options });
  for (const path of paths) api.root.resourceForPath(path).addMethod("GET", new LambdaIntegration(backend));
  new CfnOutput(stack, `${name}Id`, { value: api.restApiId });
  return api;
}

const orders = createApi("Orders", ["/users/{id}", "/health"], {
  defaultCorsPreflightOptions: { allowOrigins: ["https://app.example.com"], allowMethods: Cors.ALL_METHODS },
});
const keyed = { apiKeyRequired: true };
orders.root.resourceForPath("/reports/{id}").addMethod("GET", new LambdaIntegration(backend), keyed);
// The library's class and interface differ under exactOptionalPropertyTypes.
const keyedStage = { api: orders as IRestApi, stage: orders.deploymentStage };
const plan = orders.addUsagePlan("Plan", { apiStages: [keyedStage] });
plan.addApiKey(new ApiKey(stack, "Key", { value: context("apiKey") ?? "" }));
authorizer.attachToRestApi(orders, { apiName: "orders", ttl: Duration.minutes(5) });

const billing = createApi("Billing", ["/users/{id}"]);
const name = { apiName: "billing" };
authorizer.attachToRestApi(billing, isReportOnly ? { ...name, reportOnly: true } : name);
new CfnOutput(stack, "FunctionName", { value: authorizer.functionName });

const accepted = [{ name: "Apis/Billing", reason: "A week of decisions before they are enforced." }];
Aspects.of(app).add(new RequireAuthorization(isReportOnly ? { accepted } : {}));
