import type { CfnResource } from "aws-cdk-lib";
import { CfnAuthorizer } from "aws-cdk-lib/aws-apigatewayv2";
import { Construct, type IConstruct } from "constructs";
import { formatIdentitySource, ofToken } from "../../contract/identity-sources.ts";
import type { TokenSource } from "../../contract/token-source.ts";
import type { Place } from "./api-configurations.ts";
import type { V2ApiOfApp } from "./apis.ts";
import { toAuthorizerScope } from "./authorizers-in-stacks.ts";
import type { InvokedAlias } from "./deployment-aliases.ts";
import { allowInvocation } from "./invoke-permission.ts";
import { markAuthorizer } from "./of-any-copy.ts";
import { toSynthesisError } from "./synthesis-error.ts";
import { formatValue, readProperty, writeProperty } from "./template.ts";
import { visitResourcesOf } from "./visit-resources.ts";

/** A WebSocket API, and how its `$connect` is authorized. */
export interface WebSocketAuthorizerProps extends Pick<Place, "attachments" | "attachment"> {
  readonly api: V2ApiOfApp;
  readonly alias: InvokedAlias;
  readonly tokenSources: readonly TokenSource[];
}

/**
 * Gives `$connect` of a WebSocket API an authorizer. No other route can have one, and its responses are never cached.
 *
 * @see API Gateway developer guide, "Control access to WebSocket APIs with AWS Lambda REQUEST authorizers"
 */
export class WebSocketAuthorizer extends Construct {
  readonly #props: WebSocketAuthorizerProps;
  readonly #permission: IConstruct;
  #hasConnect = false;

  constructor(scope: Construct, id: string, props: WebSocketAuthorizerProps) {
    super(scope, id);
    this.#props = props;
    const { api, alias, attachments } = props;
    this.#permission = allowInvocation(attachments.home(this), alias, api.apiId);
    visitResourcesOf(api, (resource) => this.#visit(resource));
    const cause = `PolicyAuthorizer: the WebSocket API ${api.node.path} has no route $connect, so everybody can connect; add one`;
    this.node.addValidation({ validate: () => (this.#hasConnect ? [] : [cause]) });
  }

  #visit(resource: CfnResource): void {
    if (resource.cfnResourceType !== "AWS::ApiGatewayV2::Route") return;
    if (readProperty(resource, "RouteKey") !== "$connect") return;
    this.#hasConnect = true;
    const { attachment } = this.#props;
    const type = readProperty(resource, "AuthorizationType") ?? "NONE";
    if (type !== "NONE" && !attachment.isAttached(resource)) {
      const cause = `the route $connect has another authorizer (${formatValue(type)}); remove it, or do not attach to this API`;
      throw toSynthesisError(this, "PolicyAuthorizer", cause);
    }
    attachment.takes(resource, { verb: "$connect", path: "" });
    writeProperty(resource, "AuthorizationType", "CUSTOM");
    writeProperty(resource, "AuthorizerId", this.#createAuthorizer(resource).ref);
  }

  /** Creates the authorizer of `$connect`. Each contract has its own, since API Gateway deploys every change at once. */
  #createAuthorizer(route: CfnResource): CfnAuthorizer {
    const { api, alias, tokenSources, attachment } = this.#props;
    const { scope, suffix } = toAuthorizerScope(this, route);
    const isReport = attachment.mode === "report";
    const name = `${isReport ? "report" : "connect"}-${alias.contractId}${suffix}`;
    // With an identity source, API Gateway would refuse a request without a token, which a report-only API lets through.
    const source = isReport ? undefined : ofToken("websocket", tokenSources);
    const authorizer = new CfnAuthorizer(scope, name, {
      name,
      apiId: api.apiId,
      authorizerType: "REQUEST",
      authorizerUri: alias.uri,
      ...(source && { identitySource: [formatIdentitySource("websocket", source)] }),
    });
    markAuthorizer(authorizer, alias);
    authorizer.node.addDependency(alias.resource, this.#permission);
    return authorizer;
  }
}
