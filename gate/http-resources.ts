import { isText } from "../contract/json.ts";
import { toAuthorization } from "./authorizations.ts";
import { addDocument } from "./document-methods.ts";
import { isTrue } from "./flags.ts";
import { hasPreflightMark } from "./marks.ts";
import { toShown } from "./references.ts";
import type { ReadIntoModel } from "./resource-reader.ts";
import { createAuthorizerReader, createDeploymentReader, readKeptBy } from "./shared-resources.ts";

const PROPERTIES = { api: "ApiId", type: "AuthorizerType" } as const;

const readApi: ReadIntoModel = (read) => {
  const { draft, key, place, names, resource, each, refuse } = read;
  const own = ["Name", "ProtocolType", "Body", "BodyS3Location", "Target", "RouteKey", "DisableExecuteApiEndpoint"];
  for (const properties of each(...own)) {
    const { Name: name, ProtocolType: protocol, Body: body, BodyS3Location: inS3, Target: target } = properties;
    const api = {
      key,
      place,
      names: isText(name) ? [...names, name] : names,
      kind: protocol === "WEBSOCKET" ? ("websocket" as const) : ("http" as const),
      isEndpointDisabled: isTrue(properties["DisableExecuteApiEndpoint"]),
      isDeployedByItself: target !== undefined,
      condition: resource.condition,
    };
    draft.apis.push(api);
    if (protocol !== undefined && protocol !== "WEBSOCKET" && protocol !== "HTTP")
      refuse("the files do not show whether it is an HTTP or a WebSocket API", "write its ProtocolType");
    if (inS3 !== undefined)
      refuse(
        "the document of the API is in S3, so its operations are not visible",
        "give it inline, so that its operations are visible",
      );
    if (body !== undefined) addDocument(draft, api, body);
    if (target === undefined) continue;
    const { RouteKey: routeKey = "$default" } = properties;
    draft.methods.push({
      key: `${key} quick-create`,
      place,
      api: key,
      name: `the route ${String(routeKey)} that quick-create makes for its target`,
      verb: undefined,
      path: undefined,
      routeKey: String(routeKey),
      authorizations: [toAuthorization(undefined, undefined)],
      isPreflight: false,
      cacheKeys: [],
      isOfApiResource: true,
      condition: resource.condition,
    });
  }
};

const readRoute: ReadIntoModel = (read) => {
  const { draft, key, place, resource, each, refuse } = read;
  const kept = readKeptBy(read);
  for (const properties of each("ApiId", "RouteKey", "AuthorizationType", "AuthorizerId", "Target")) {
    const {
      ApiId: api,
      RouteKey: routeKey,
      AuthorizationType: type,
      AuthorizerId: authorizer,
      Target: target,
    } = properties;
    if (!isText(routeKey)) refuse("the files do not show the route's key", "write its RouteKey");
    const [verb, path] = isText(routeKey) ? routeKey.split(" ") : [];
    const authorization = toAuthorization(type, authorizer);
    draft.methods.push({
      key,
      place,
      api: isText(api) ? api : "",
      name: `the route ${String(routeKey)}`,
      verb,
      path,
      routeKey: isText(routeKey) ? routeKey : undefined,
      authorizations: [authorization],
      // Without a target it has no back end; with one, somebody says in the template that it is for preflights.
      isPreflight:
        verb === "OPTIONS" &&
        path !== undefined &&
        (target === undefined || hasPreflightMark(resource.metadata)) &&
        authorization.kind === "none",
      isForwarded: target !== undefined,
      ...(kept && { kept }),
      cacheKeys: [],
      isOfApiResource: false,
      condition: resource.condition,
    });
  }
};

const readStage: ReadIntoModel = ({ draft, place, names, each }) => {
  for (const properties of each("ApiId", "StageName", "AutoDeploy", "DeploymentId")) {
    const { ApiId: api, StageName: name, AutoDeploy: auto, DeploymentId: deployment } = properties;
    draft.stages.push({
      place,
      names: isText(name) ? [...names, name] : names,
      name: toShown(name),
      api: isText(api) ? api : "",
      isAutoDeployed: isTrue(auto),
      deployment: isText(deployment) ? deployment : undefined,
      caching: [],
    });
  }
};

/** Reads changes to what quick-create made. The gate does not follow them: the route of quick-create counts as open. */
const readOverrides: ReadIntoModel = () => {};

/** The readers of HTTP and WebSocket APIs. */
export const HTTP_READERS: Readonly<Record<string, ReadIntoModel>> = {
  "AWS::ApiGatewayV2::Api": readApi,
  "AWS::ApiGatewayV2::ApiGatewayManagedOverrides": readOverrides,
  "AWS::ApiGatewayV2::Authorizer": createAuthorizerReader(PROPERTIES, "http"),
  "AWS::ApiGatewayV2::Deployment": createDeploymentReader(PROPERTIES),
  "AWS::ApiGatewayV2::Route": readRoute,
  "AWS::ApiGatewayV2::Stage": readStage,
};
