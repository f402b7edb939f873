import {
  App,
  CfnOutput,
  CfnWaitCondition,
  CfnWaitConditionHandle,
  CliCredentialsStackSynthesizer,
  Duration,
  type IReusableStackSynthesizer,
  Stack,
  Stage,
} from "aws-cdk-lib";
import { MockIntegration, RestApi } from "aws-cdk-lib/aws-apigateway";
import { UserPool, UserPoolClient } from "aws-cdk-lib/aws-cognito";
import { AuthorizerCacheFlush } from "../../../../infra/constructs/authorizer-cache-flush.ts";
import { PolicyAuthorizer } from "../../../../infra/constructs/policy-authorizer.ts";

// The app of `life.e2e.ts`: an authorizer, and one or two REST APIs in stacks of their own, in a Stage of the CDK. Its context:
// `dist`, `userPoolId` and `clientId`; `second=true` for the second API; `fails=true` for an API whose deployment fails at the end, since
// it waits for a signal that nobody sends.

const synthesizer = new CliCredentialsStackSynthesizer() as IReusableStackSynthesizer;
const app = new App({ defaultStackSynthesizer: synthesizer });
const context = (name: string): string | undefined => app.node.tryGetContext(name);
const life = new Stage(app, "Life");

const shared = new Stack(life, "Authorizer");
const userPool = UserPool.fromUserPoolId(shared, "Users", context("userPoolId") ?? "");
const client = UserPoolClient.fromUserPoolClientId(shared, "Client", context("clientId") ?? "");
const authorizer = new PolicyAuthorizer(shared, "Authorizer", {
  trustedIssuers: [{ userPool, clients: [client], tokenUse: "id" }],
  distPath: context("dist") ?? "dist",
});

/** A TTL is refused if no response may be cached. */
const isCaching = Object.values(authorizer.dist.manifest.cache_contract.authorizers).some(
  (one) => one.class !== "never",
);

class Reports extends Stack {
  constructor(id: string) {
    super(life, id);
    const api = new RestApi(this, "Api", { retainDeployments: true });
    const integration = new MockIntegration({
      requestTemplates: { "application/json": '{"statusCode": 200}' },
      integrationResponses: [{ statusCode: "200" }],
    });
    api.root
      .resourceForPath("/reports/{id}")
      .addMethod("GET", integration, { methodResponses: [{ statusCode: "200" }] });
    authorizer.attachToRestApi(api, isCaching ? { ttl: Duration.minutes(5) } : {});
    new AuthorizerCacheFlush(this, "Flush", { authorizer, stage: api.deploymentStage });
    new CfnOutput(this, "ApiId", { value: api.restApiId });
    new CfnOutput(this, "DeploymentId", { value: api.latestDeployment?.deploymentId ?? "" });
    if (context("fails") !== "true") return;
    const { ref: handle } = new CfnWaitConditionHandle(this, "Handle");
    const failing = new CfnWaitCondition(this, "Fails", { count: 1, timeout: "1", handle });
    failing.node.addDependency(api.deploymentStage);
  }
}

new Reports("First");
if (context("second") === "true") new Reports("Second");
new CfnOutput(shared, "FunctionName", { value: authorizer.functionName });
