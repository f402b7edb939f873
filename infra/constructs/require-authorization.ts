import { Annotations, CfnResource, type IAspect, Stack } from "aws-cdk-lib";
import { CfnMethod, CfnStage } from "aws-cdk-lib/aws-apigateway";
import { CfnRoute } from "aws-cdk-lib/aws-apigatewayv2";
import type { IConstruct } from "constructs";
import { operationsOf } from "../../openapi/operations.ts";
import { isOfApi } from "./apis.ts";
import { findUnauthorizedOperations } from "./document-authorization.ts";
import { isMarked } from "./of-any-copy.ts";
import { isPreflight } from "./rest-authorizers.ts";
import { isSame, resourcesOf, templateOf } from "./template.ts";

const ADVICE = "attach a PolicyAuthorizer to its API, or authorize it with IAM";

/** An authorizer that is accepted although it evaluates no policy. */
export interface AcceptedAuthorizer {
  /** The id by which methods and routes name it, or the name of its security scheme in a document. */
  readonly authorizer: string;
  /** Why this authorizer is safe, for the next reader; not empty. */
  readonly reason: string;
}

/** The authorizers that count as authorization. */
export interface RequireAuthorizationProps {
  /**
   * Authorizers that are accepted besides those of a `PolicyAuthorizer`. A Cognito or JWT authorizer lets in everybody who has
   * signed in.
   *
   * @default - none
   */
  readonly additionalAuthorizers?: readonly AcceptedAuthorizer[];
}

/**
 * An aspect that fails synthesis while a method or route of an API is open to everybody, or has an authorizer that evaluates
 * no policy. It checks `$default` and a WebSocket API's `$connect`, too; it ignores preflights.
 *
 * Add it with `Aspects.of(app).add(new RequireAuthorization())`. It reads the templates after all other aspects have run.
 */
export class RequireAuthorization implements IAspect {
  readonly #accepted: readonly string[];

  constructor({ additionalAuthorizers = [] }: RequireAuthorizationProps = {}) {
    for (const { authorizer, reason } of additionalAuthorizers) {
      if (reason.trim() === "")
        throw new Error(
          `RequireAuthorization: additionalAuthorizers: ${authorizer} has no reason; say why this authorizer is safe`,
        );
    }
    this.#accepted = additionalAuthorizers.map(({ authorizer }) => authorizer);
  }

  visit(node: IConstruct): void {
    if (!CfnResource.isCfnResource(node)) return;
    const check = CHECKS[node.cfnResourceType];
    if (check !== undefined) {
      const validate = () => check(node, this.#accepted).map((line) => `RequireAuthorization: ${line}`);
      node.node.addValidation({ validate });
    }
    if (CfnStage.isCfnStage(node)) warnOfSharedResponses(node);
  }
}

type Check = (resource: CfnResource, accepted: readonly string[]) => readonly string[];

/** The check of each resource type. The type is the key, since a plain `CfnResource` has no class of its own. */
const CHECKS: Readonly<Record<string, Check>> = {
  "AWS::ApiGateway::Method": checkMethod,
  "AWS::ApiGatewayV2::Route": checkRoute,
  "AWS::ApiGateway::RestApi": checkApi,
  "AWS::ApiGatewayV2::Api": (api, accepted) => [...checkApi(api, accepted), ...checkConnect(api)],
};

function checkMethod(method: CfnResource, accepted: readonly string[]): readonly string[] {
  if (isPreflight(method)) return [];
  const name = `${templateOf(method)["HttpMethod"]} of ${method.node.path}`;
  return checkAuthorization(method, name, accepted);
}

function checkRoute(route: CfnResource, accepted: readonly string[]): readonly string[] {
  const { RouteKey, Target, AuthorizationType = "NONE" } = templateOf(route);
  const key = typeof RouteKey === "string" ? RouteKey : JSON.stringify(RouteKey);
  const api = resourcesOf(route, "AWS::ApiGatewayV2::Api").find((one) => isOfApi(route, one));
  const isWebSocket =
    (api !== undefined && templateOf(api)["ProtocolType"] === "WEBSOCKET") ||
    (key.startsWith("$") && key !== "$default" && key !== "$connect");
  // On a WebSocket API only `$connect` is authorized; every later message comes over an authorized connection.
  if (isWebSocket && key !== "$connect") return [];
  // Such a route has no backend. An HTTP API answers preflights by its CORS configuration.
  if (key.startsWith("OPTIONS ") && Target === undefined && AuthorizationType === "NONE") return [];
  return checkAuthorization(route, `the route ${key} of ${route.node.path}`, accepted);
}

function checkAuthorization(resource: CfnResource, name: string, accepted: readonly string[]): readonly string[] {
  const { AuthorizationType: type = "NONE" } = templateOf(resource);
  if (type === "NONE") return [`${name} is open to everybody; ${ADVICE}`];
  if (type === "AWS_IAM" || isOfPolicy(resource)) return [];
  if (accepted.some((id) => isSame(resource, templateOf(resource)["AuthorizerId"], id))) return [];
  return [
    `${name} has an authorizer (${JSON.stringify(type)}) that evaluates no policy; ${ADVICE}, or name it in additionalAuthorizers`,
  ];
}

/** Tells whether the authorizer that the template names was created by a `PolicyAuthorizer`. */
function isOfPolicy(resource: CfnResource): boolean {
  const { AuthorizationType, AuthorizerId } = templateOf(resource);
  const stack = Stack.of(resource);
  const id = CfnMethod.isCfnMethod(resource) || CfnRoute.isCfnRoute(resource) ? resource.authorizerId : undefined;
  const isOverridden = JSON.stringify(stack.resolve(id)) !== JSON.stringify(AuthorizerId);
  const authorizers = ["AWS::ApiGateway::Authorizer", "AWS::ApiGatewayV2::Authorizer"]
    .flatMap((type) => resourcesOf(resource, type))
    .filter(({ node }) => isMarked(node.scope, "authorizers"));
  return (
    AuthorizationType === "CUSTOM" &&
    authorizers.some((one) => isSame(resource, isOverridden ? AuthorizerId : id, one.ref))
  );
}

/** Finds a WebSocket API without a route `$connect`, to which everybody can connect. */
function checkConnect(api: CfnResource): readonly string[] {
  const routes = resourcesOf(api, "AWS::ApiGatewayV2::Route").filter((route) => isOfApi(route, api));
  if (templateOf(api)["ProtocolType"] !== "WEBSOCKET") return [];
  if (routes.some((route) => templateOf(route)["RouteKey"] === "$connect")) return [];
  return [`the WebSocket API ${api.node.path} has no route $connect, so everybody can connect; add one, and ${ADVICE}`];
}

function checkApi(api: CfnResource, accepted: readonly string[]): readonly string[] {
  const { Body, BodyS3Location, CloneFrom, Target } = templateOf(api);
  const path = api.node.path;
  return [
    ...(BodyS3Location === undefined
      ? []
      : [
          `the document of ${path} is in S3, so its operations are not visible at synthesis; give it inline, as PolicyAuthorizer.secure makes it`,
        ]),
    ...(CloneFrom === undefined
      ? []
      : [`${path} is a clone of another API, whose methods are not visible at synthesis; make them here`]),
    ...(Target === undefined
      ? []
      : [`${path} is made with a target, so its route $default is open to everybody; make its routes one by one`]),
    ...(Body === undefined ? [] : findUnauthorizedOperations(api, Body, accepted)),
  ];
}

/** Warns of methods whose response cache lacks the token in its key: the response to one caller would go to another. */
function warnOfSharedResponses(stage: CfnStage): void {
  const settings = Stack.of(stage).resolve(stage.methodSettings) ?? [];
  const isCaching = [settings]
    .flat()
    .some((setting: { readonly cachingEnabled?: boolean }) => setting.cachingEnabled === true);
  if (!isCaching) return;
  const warn = (node: IConstruct, name: string, integration: unknown) => {
    const { cacheKeyParameters: keys = [] } = Object(integration);
    if ([keys].flat().some((key: unknown) => String(key).toLowerCase() === "method.request.header.authorization"))
      return;
    Annotations.of(node).addWarningV2(
      `rego-authorizer:shared-responses:${name}`,
      `${name} may cache its responses without the token in the cache key, so one caller gets the response to another. ` +
        "Add method.request.header.Authorization to the integration's cacheKeyParameters, or turn the cache off",
    );
  };
  for (const method of stage.node.root.node.findAll().filter((node) => CfnMethod.isCfnMethod(node))) {
    if (method.httpMethod === "OPTIONS" || !isOfApi(method, stage)) continue;
    warn(method, method.httpMethod, Stack.of(method).resolve(method.integration));
  }
  for (const api of resourcesOf(stage, "AWS::ApiGateway::RestApi").filter((one) => isOfApi(one, stage))) {
    for (const one of operationsOf(templateOf(api)["Body"])) {
      if (one.verb !== "OPTIONS")
        warn(api, `${one.verb} ${one.path}`, one.operation["x-amazon-apigateway-integration"]);
    }
  }
}
