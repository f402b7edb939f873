import { isText } from "../contract/json.ts";
import { closesByPolicy } from "../contract/resource-policy.ts";
import { toAuthorization } from "./authorizations.ts";
import { toCaching } from "./caching-settings.ts";
import { addDocument, readCacheKeys } from "./document-methods.ts";
import { isTrue } from "./flags.ts";
import { toShown } from "./references.ts";
import type { ReadIntoModel, ReadResource } from "./resource-reader.ts";
import { createAuthorizerReader, createDeploymentReader, readKeptBy } from "./shared-resources.ts";

const PROPERTIES = { api: "RestApiId", type: "Type" } as const;

const IN_S3 = "give it inline, so that its operations are visible";

const readRestApi: ReadIntoModel = (read) => {
  const { draft, key, place, names, resource, each, refuse } = read;
  for (const properties of each("Name", "Body", "BodyS3Location", "CloneFrom", "DisableExecuteApiEndpoint", "Policy")) {
    const { Name: name, Body: body, BodyS3Location: inS3, CloneFrom: cloned } = properties;
    const api = {
      key,
      place,
      names: isText(name) ? [...names, name] : names,
      kind: "rest" as const,
      isEndpointDisabled: isTrue(properties["DisableExecuteApiEndpoint"]),
      isDeployedByItself: false,
      condition: resource.condition,
    };
    draft.apis.push(api);
    if (inS3 !== undefined) refuse("the document of the API is in S3, so its operations are not visible", IN_S3);
    if (cloned !== undefined)
      refuse("it is a clone of another API, whose methods are not visible", "make its methods here");
    if (closesByPolicy(properties["Policy"])) draft.closedApis.push(key);
    if (body !== undefined) addDocument(draft, api, body);
  }
};

const readMethod: ReadIntoModel = (read) => {
  const { draft, key, place, resource, each } = read;
  const kept = readKeptBy(read);
  const own = ["RestApiId", "ResourceId", "HttpMethod", "AuthorizationType", "AuthorizerId", "Integration"];
  for (const properties of each(...own)) {
    const { RestApiId: api, ResourceId: at, HttpMethod: verb, Integration: integration } = properties;
    const path = isText(at) ? pathOf(read, resource.properties["ResourceId"]) : undefined;
    const { Type: type, CacheKeyParameters: keys } = Object(integration);
    draft.methods.push({
      key,
      place,
      api: isText(api) ? api : "",
      name: path === undefined ? `${String(verb)} of ${place.path ?? place.id}` : `${String(verb)} ${path}`,
      verb: isText(verb) ? verb : undefined,
      path,
      routeKey: undefined,
      authorizations: [toAuthorization(properties["AuthorizationType"], properties["AuthorizerId"])],
      isPreflight: verb === "OPTIONS" && type === "MOCK",
      ...(kept && { kept }),
      cacheKeys: readCacheKeys(keys),
      isOfApiResource: false,
      condition: resource.condition,
    });
  }
};

/** Follows the resources of a path to the root; undefined if one of them is in another template. */
function pathOf({ scope }: ReadResource, written: unknown): string | undefined {
  const parts: string[] = [];
  let at = written;
  // A path has fewer parts than this; a circle ends here.
  for (let depth = 0; depth < 100; depth += 1) {
    const { Ref: id, "Fn::GetAtt": attribute } = Object(at);
    const [api, name] = isText(attribute) ? attribute.split(".") : [attribute].flat();
    if (name === "RootResourceId" && isText(api)) return `/${parts.join("/")}`;
    const owner = isText(id) ? id : name === "ResourceId" ? api : undefined;
    const resource = isText(owner) ? scope.resources.get(owner) : undefined;
    if (resource?.type !== "AWS::ApiGateway::Resource") return undefined;
    const { PathPart: part, ParentId: parent } = resource.properties;
    if (!isText(part)) return undefined;
    parts.unshift(part);
    at = parent;
  }
  return undefined;
}

const readStage: ReadIntoModel = ({ draft, place, names, each }) => {
  for (const properties of each("RestApiId", "StageName", "DeploymentId", "MethodSettings")) {
    const { RestApiId: api, StageName: name, DeploymentId: deployment, MethodSettings: settings } = properties;
    draft.stages.push({
      place,
      names: isText(name) ? [...names, name] : names,
      name: toShown(name),
      api: isText(api) ? api : "",
      isAutoDeployed: false,
      deployment: isText(deployment) ? deployment : undefined,
      caching: toCaching(settings),
    });
  }
};

const NOTHING: ReadIntoModel = () => {};

/** The readers of REST APIs. */
export const REST_READERS: Readonly<Record<string, ReadIntoModel>> = {
  "AWS::ApiGateway::RestApi": readRestApi,
  "AWS::ApiGateway::Resource": NOTHING,
  "AWS::ApiGateway::Method": readMethod,
  "AWS::ApiGateway::Authorizer": createAuthorizerReader(PROPERTIES, "rest"),
  "AWS::ApiGateway::Deployment": createDeploymentReader(PROPERTIES),
  "AWS::ApiGateway::Stage": readStage,
};
