import type { CfnResource } from "aws-cdk-lib";
import { CfnAuthorizer } from "aws-cdk-lib/aws-apigatewayv2";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { formatIdentitySource, ofToken } from "../../contract/identity-sources.ts";
import type { TokenSource } from "../../contract/token-source.ts";
import type { V2ApiOfApp } from "./apis.ts";
import { allowInvocation, toAuthorizerUri } from "./invoke-permission.ts";
import { mark } from "./of-any-copy.ts";
import { readProperty, writeProperty } from "./template.ts";
import { visitResourcesOf } from "./visit-resources.ts";

/** A WebSocket API, and how its `$connect` is authorized. */
export interface WebSocketAuthorizerProps {
  readonly api: V2ApiOfApp;
  readonly lambda: IFunction;
  readonly tokenSources: readonly TokenSource[];
}

/**
 * Gives `$connect` of a WebSocket API an authorizer. No other route can have one, and its responses are never cached.
 *
 * @see API Gateway developer guide, "Control access to WebSocket APIs with AWS Lambda REQUEST authorizers"
 */
export class WebSocketAuthorizer extends Construct {
  readonly #authorizer: CfnAuthorizer;
  #hasConnect = false;

  constructor(scope: Construct, id: string, { api, lambda, tokenSources }: WebSocketAuthorizerProps) {
    super(scope, id);
    mark(this, "authorizers");
    const source = ofToken("websocket", tokenSources);
    this.#authorizer = new CfnAuthorizer(this, "connect", {
      name: "connect",
      apiId: api.apiId,
      authorizerType: "REQUEST",
      authorizerUri: toAuthorizerUri(lambda),
      ...(source && { identitySource: [formatIdentitySource("websocket", source)] }),
    });
    allowInvocation(this, lambda, api.apiId);
    visitResourcesOf(api, (resource) => this.#visit(resource));
    const cause = `PolicyAuthorizer: the WebSocket API ${api.node.path} has no route $connect, so everybody can connect; add one`;
    this.node.addValidation({ validate: () => (this.#hasConnect ? [] : [cause]) });
  }

  #visit(resource: CfnResource): void {
    if (resource.cfnResourceType !== "AWS::ApiGatewayV2::Route") return;
    if (readProperty(resource, "RouteKey") !== "$connect") return;
    this.#hasConnect = true;
    writeProperty(resource, "AuthorizationType", "CUSTOM");
    writeProperty(resource, "AuthorizerId", this.#authorizer.ref);
  }
}
