import { Annotations, type IAspect, Stack } from "aws-cdk-lib";
import { CfnMethod, CfnRestApi, CfnStage } from "aws-cdk-lib/aws-apigateway";
import { CfnApi, CfnRoute } from "aws-cdk-lib/aws-apigatewayv2";
import type { IConstruct } from "constructs";
import { findOpenOperations } from "../openapi/open-operations.ts";
import { isPreflight } from "./rest-authorizers.ts";

const ADVICE = "attach a PolicyAuthorizer to its API, or authorize it with IAM";

/**
 * Fails synthesis while a method or route of an API is open to everybody: `$default` and a WebSocket's `$connect`
 * included, preflights excepted.
 *
 * Added with `Aspects.of(app).add(new RequireAuthorization())`. It looks when all other aspects are done.
 */
export class RequireAuthorization implements IAspect {
  visit(node: IConstruct): void {
    const validate = checkOf(node);
    if (validate !== undefined)
      node.node.addValidation({ validate: () => validate().map((line) => `RequireAuthorization: ${line}`) });
    if (CfnStage.isCfnStage(node)) warnOfSharedResponses(node);
  }
}

function checkOf(node: IConstruct): (() => string[]) | undefined {
  if (CfnMethod.isCfnMethod(node)) return () => checkMethod(node);
  if (CfnRoute.isCfnRoute(node)) return () => checkRoute(node);
  if (CfnRestApi.isCfnRestApi(node)) return () => checkDocument(node.body, node.bodyS3Location);
  if (!CfnApi.isCfnApi(node)) return undefined;
  return () => [...checkDocument(node.body, node.bodyS3Location), ...checkConnect(node)];
}

function checkMethod(method: CfnMethod): string[] {
  const isOpen = (method.authorizationType ?? "NONE") === "NONE";
  return isOpen && !isPreflight(method)
    ? [`${method.httpMethod} of ${method.node.path} is open to everybody; ${ADVICE}`]
    : [];
}

function checkRoute(route: CfnRoute): string[] {
  const api = findApi(route);
  const isWebSocket =
    api?.protocolType === "WEBSOCKET" ||
    (route.routeKey.startsWith("$") && route.routeKey !== "$default" && route.routeKey !== "$connect");
  // Of a WebSocket API, whoever has connected is authorized.
  if (isWebSocket && route.routeKey !== "$connect") return [];
  const isOpen = (route.authorizationType ?? "NONE") === "NONE";
  const isForPreflight = route.routeKey.startsWith("OPTIONS ");
  return isOpen && !isForPreflight
    ? [`the route ${route.routeKey} of ${route.node.path} is open to everybody; ${ADVICE}`]
    : [];
}

/** Without a route `$connect`, a WebSocket API lets everybody connect. */
function checkConnect(api: CfnApi): string[] {
  if (api.protocolType !== "WEBSOCKET" || routesOf(api).some(({ routeKey }) => routeKey === "$connect")) return [];
  return [
    `the WebSocket API ${api.node.path} has no route $connect, so that everybody connects; add one, and ${ADVICE}`,
  ];
}

function checkDocument(body: unknown, location: unknown): string[] {
  if (location !== undefined) {
    return [
      "the API's document is in S3, where its operations can't be seen; give it inline, as `PolicyAuthorizer.secure` makes it",
    ];
  }
  return body === undefined
    ? []
    : findOpenOperations(body).map((line) => `${line}; npm run openapi adds what is missing`);
}

/** A response that is kept for one caller is given to the next, unless the token is in the key of the cache. */
function warnOfSharedResponses(stage: CfnStage): void {
  const settings = Stack.of(stage).resolve(stage.methodSettings) ?? [];
  const isCaching = [settings]
    .flat()
    .some((setting: { readonly cachingEnabled?: boolean }) => setting.cachingEnabled === true);
  if (!isCaching) return;
  const stack = Stack.of(stage);
  const isOfApi = (method: CfnMethod) =>
    JSON.stringify(stack.resolve(method.restApiId)) === JSON.stringify(stack.resolve(stage.restApiId));
  for (const method of stack.node.findAll().filter((node) => CfnMethod.isCfnMethod(node))) {
    const integration = stack.resolve(method.integration);
    const keys: readonly string[] = integration?.cacheKeyParameters ?? [];
    if (method.httpMethod === "OPTIONS" || !isOfApi(method)) continue;
    if (keys.some((key) => key.toLowerCase() === "method.request.header.authorization")) continue;
    Annotations.of(method).addWarningV2(
      "rego-authorizer:shared-responses",
      `${method.httpMethod} may keep its responses without the token in their key: one caller's is given to another. ` +
        "Add method.request.header.Authorization to the integration's cacheKeyParameters, or turn the cache off",
    );
  }
}

function findApi(route: CfnRoute): CfnApi | undefined {
  const stack = Stack.of(route);
  const id = JSON.stringify(stack.resolve(route.apiId));
  const apis = stack.node.root.node.findAll().filter((node) => CfnApi.isCfnApi(node));
  return apis.find((api) => JSON.stringify(stack.resolve(api.ref)) === id && Stack.of(api) === stack);
}

function routesOf(api: CfnApi): readonly CfnRoute[] {
  const routes = api.node.root.node.findAll().filter((node) => CfnRoute.isCfnRoute(node));
  return routes.filter((route) => findApi(route) === api);
}
