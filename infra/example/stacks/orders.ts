import { CfnOutput, RemovalPolicy, Stack, type StackProps } from "aws-cdk-lib";
import { AuthorizationType } from "aws-cdk-lib/aws-apigateway";
import type { Construct } from "constructs";
import { AuthorizerCacheFlush } from "../../constructs/authorizer-cache-flush.ts";
import { AuthorizerDashboard } from "../../constructs/authorizer-dashboard.ts";
import { MappedIntegration } from "../../constructs/mapped-integration.ts";
import { PolicyAuthorizer } from "../../constructs/policy-authorizer.ts";
import { PolicyGroups } from "../../constructs/policy-groups.ts";
import type { TrustedIssuerProps } from "../../constructs/trusted-issuers.ts";
import { Backend } from "./backend.ts";
import { SampleHttpApi } from "./http-api.ts";
import { SampleRestApi, type SampleRoute } from "./rest-api.ts";
import { Users } from "./users.ts";
import { SampleWebSocketApi } from "./websocket-api.ts";

export interface OrdersProps extends StackProps {
  readonly routes: readonly SampleRoute[];
  readonly distPath: string;
  /** Leaves out the resources that the emulator of the end-to-end tests does not support. */
  readonly isEmulated: boolean;
  /** The issuer of a directory's users, if there is a directory. */
  readonly federated?: TrustedIssuerProps;
}

/** The path prefix of methods with a mapping template. */
const MAPPED = "/vtl/";

/** The sample: a user pool, and one API of each kind, all with one authorizer. */
export class Orders extends Stack {
  constructor(scope: Construct, id: string, props: OrdersProps) {
    super(scope, id, props);
    const { routes, distPath, isEmulated, federated } = props;
    const { userPool, client } = new Users(this, "Users");
    const authorizer = new PolicyAuthorizer(this, "Authorizer", {
      trustedIssuers: [{ userPool, clients: [client], tokenUse: "any" }, ...(federated ? [federated] : [])],
      distPath,
      logRemovalPolicy: RemovalPolicy.DESTROY,
      ...(!isEmulated && { alarms: {}, tracing: true }),
    });
    if (!isEmulated) new AuthorizerDashboard(this, "Dashboard", { authorizer });
    new PolicyGroups(this, "Groups", { userPool, distPath });

    const proxied = routes.filter(({ path }) => !path.startsWith(MAPPED));
    const echo = new Backend(this, "Echo", "echo").lambda;
    const rest = new SampleRestApi(this, "Rest", {
      routes: proxied,
      backend: echo,
      authorization: AuthorizationType.NONE,
    }).api;
    const http = new SampleHttpApi(this, "Http", proxied, echo).api;
    const webSocket = new SampleWebSocketApi(this, "WebSocket", new Backend(this, "Connection", "connection").lambda)
      .api;
    const mapped = new MappedIntegration(new Backend(this, "Whoami", "whoami").lambda);
    for (const { verb, path } of routes.filter((route) => !proxied.includes(route)))
      mapped.addTo(rest.root.resourceForPath(path), verb);

    authorizer.attachToRestApi(rest);
    authorizer.attachToHttpApi(http);
    authorizer.attachToWebSocketApi(webSocket);
    if (!isEmulated) new AuthorizerCacheFlush(this, "Flush", { authorizer, stage: rest.deploymentStage });

    const outputs = {
      UserPoolId: userPool.userPoolId,
      UserPoolClientId: client.userPoolClientId,
      RestApiId: rest.restApiId,
      HttpApiId: http.apiId,
      WebSocketApiId: webSocket.apiId,
      AuthorizerFunctionName: authorizer.functionName,
    };
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value });
  }
}
