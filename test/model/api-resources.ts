import type { Api } from "../../contract/api-kinds.ts";
import { toApiId } from "./apis.ts";
import type { ApiState, AuthorizerState, Cloud, Snapshot } from "./cloud.ts";
import { readDocument } from "./documents.ts";
import { type Properties, type ResourceType, toText } from "./resource-type.ts";

const withEntry = <Value>(map: ReadonlyMap<string, Value>, id: string, value: Value) => new Map([...map, [id, value]]);
const withoutEntry = <Value>(map: ReadonlyMap<string, Value>, id: string) =>
  new Map([...map].filter(([key]) => key !== id));

function apiOf({ apis }: Cloud, properties: Properties): ApiState {
  const api = apis.get(toText(properties["RestApiId"] ?? properties["ApiId"]));
  if (api === undefined) throw new Error("there is no such API");
  return api;
}

function toAuthorizer(api: ApiState, properties: Properties): AuthorizerState {
  const { Type, AuthorizerPayloadFormatVersion, EnableSimpleResponses, IdentitySource = [] } = properties;
  const sources = Array.isArray(IdentitySource) ? IdentitySource.map(toText) : toText(IdentitySource).split(",");
  const kinds = {
    rest: Type === "TOKEN" ? "rest-token" : "rest-request",
    http: AuthorizerPayloadFormatVersion === "1.0" ? "http-1" : "http-2",
    websocket: "websocket",
  } as const;
  // Nothing of a WebSocket API is cached.
  const presetTtlS = api.kind === "websocket" ? 0 : 300;
  return {
    kind: kinds[api.kind],
    response: EnableSimpleResponses === true ? "simple" : "iam",
    identitySources: sources,
    ttlS: Number(properties["AuthorizerResultTtlInSeconds"] ?? presetTtlS),
    name: toText(properties["Name"]),
    uri: toText(properties["AuthorizerUri"]),
  };
}

function change(api: ApiState, changes: Partial<Snapshot>): void {
  api.current = { ...api.current, ...changes };
}

function createApiType(kindOf: (properties: Properties) => Api): ResourceType {
  return {
    create(cloud, properties) {
      const kind = kindOf(properties);
      const { Body: body, Name: name } = properties;
      const title = body === undefined ? toText(name) : readDocument(body, kind).title;
      const known = toApiId(title);
      const ref = cloud.apis.has(known) ? cloud.newId("api") : known;
      const root = cloud.newId("resource");
      const current = { routes: new Map(), authorizers: new Map() };
      const api = { kind, title, paths: new Map([[root, ""]]), current, deployments: new Map(), stages: new Map() };
      cloud.apis.set(ref, api);
      if (body !== undefined) importDocument(cloud, api, body);
      return { ref, attributes: { RootResourceId: root, ApiId: ref } };
    },
    replacedBy: [],
    update: (cloud, { ref }, { Body: body }) => [
      () => {
        const api = cloud.apis.get(ref);
        if (api !== undefined && body !== undefined) importDocument(cloud, api, body);
      },
    ],
    remove: (cloud, { ref }) => void cloud.apis.delete(ref),
  };
}

/** Replaces all authorizers and routes of an API, in one call. An authorizer that keeps its name keeps its cache, the worse of two ways. */
function importDocument(cloud: Cloud, api: ApiState, body: unknown): void {
  const { authorizers, routes } = readDocument(body, api.kind);
  const known = new Map([...api.current.authorizers].map(([id, { name }]) => [name, id]));
  const ids = new Map(authorizers.map(({ name }) => [name, known.get(name) ?? cloud.newId("authorizer")]));
  const toId = (name: string | null) => (name === null ? null : (ids.get(name) ?? name));
  api.current = {
    authorizers: new Map(authorizers.map((own) => [toId(own.name) ?? "", own])),
    routes: new Map(routes.map((own, at) => [`operation${at}`, { ...own, authorizer: toId(own.authorizer) }])),
  };
}

const AUTHORIZER: ResourceType = {
  create(cloud, properties) {
    const api = apiOf(cloud, properties);
    const authorizer = toAuthorizer(api, properties);
    if ([...api.current.authorizers.values()].some(({ name }) => name === authorizer.name))
      throw new Error(`an authorizer ${authorizer.name} exists already`);
    const ref = cloud.newId("authorizer");
    change(api, { authorizers: withEntry(api.current.authorizers, ref, authorizer) });
    return { ref, attributes: { AuthorizerId: ref } };
  },
  replacedBy: ["RestApiId", "ApiId"],
  update: (cloud, { ref }, properties) => [
    () => {
      const api = apiOf(cloud, properties);
      change(api, { authorizers: withEntry(api.current.authorizers, ref, toAuthorizer(api, properties)) });
    },
  ],
  remove(cloud, { ref, properties }) {
    const api = apiOf(cloud, properties);
    if ([...api.current.routes.values()].some(({ authorizer }) => authorizer === ref))
      throw new Error("the authorizer is in use");
    change(api, { authorizers: withoutEntry(api.current.authorizers, ref) });
  },
};

/** A method of a REST API, or a route of an HTTP API. */
const ROUTE: ResourceType = {
  create(cloud, properties) {
    const ref = cloud.newId("route");
    setRoute(cloud, ref, properties);
    return { ref, attributes: {} };
  },
  replacedBy: ["RestApiId", "ApiId", "ResourceId", "HttpMethod"],
  update: (cloud, { ref }, properties) => [() => setRoute(cloud, ref, properties)],
  remove(cloud, { ref, properties }) {
    const api = apiOf(cloud, properties);
    change(api, { routes: withoutEntry(api.current.routes, ref) });
  },
};

function setRoute(cloud: Cloud, ref: string, properties: Properties): void {
  const api = apiOf(cloud, properties);
  const { AuthorizerId, RouteKey, HttpMethod, ResourceId } = properties;
  // The key of a route without a path, such as `$connect`, stands for both.
  const [verb = "", path = verb] =
    RouteKey === undefined
      ? [toText(HttpMethod), api.paths.get(toText(ResourceId)) || "/"]
      : toText(RouteKey).split(" ");
  const authorizer = AuthorizerId === undefined ? null : toText(AuthorizerId);
  if (authorizer !== null && !api.current.authorizers.has(authorizer)) throw new Error("there is no such authorizer");
  change(api, { routes: withEntry(api.current.routes, ref, { verb, path, authorizer }) });
}

const STAGE: ResourceType = {
  create(cloud, properties) {
    const name = toText(properties["StageName"]);
    const { AutoDeploy, DeploymentId } = properties;
    const deployment = AutoDeploy === true ? undefined : toText(DeploymentId);
    apiOf(cloud, properties).stages.set(name, { name, deployment, caches: new Map() });
    return { ref: name, attributes: {} };
  },
  replacedBy: ["RestApiId", "ApiId", "StageName"],
  update: (cloud, { ref }, properties) => [
    () => {
      const stage = apiOf(cloud, properties).stages.get(ref);
      if (stage?.deployment !== undefined) stage.deployment = toText(properties["DeploymentId"]);
    },
  ],
  remove: (cloud, { ref, properties }) => void apiOf(cloud, properties).stages.delete(ref),
};

/** The resource types of API Gateway. */
export const API_TYPES: Readonly<Record<string, ResourceType>> = {
  "AWS::ApiGateway::RestApi": createApiType(() => "rest"),
  "AWS::ApiGateway::Resource": {
    create(cloud, properties) {
      const { paths } = apiOf(cloud, properties);
      const ref = cloud.newId("resource");
      paths.set(ref, `${paths.get(toText(properties["ParentId"]))}/${toText(properties["PathPart"])}`);
      return { ref, attributes: { ResourceId: ref } };
    },
    replacedBy: ["RestApiId", "ParentId", "PathPart"],
    update: () => [],
    remove: (cloud, { ref, properties }) => void apiOf(cloud, properties).paths.delete(ref),
  },
  "AWS::ApiGateway::Authorizer": AUTHORIZER,
  "AWS::ApiGateway::Method": ROUTE,
  "AWS::ApiGateway::Deployment": {
    create(cloud, properties) {
      const api = apiOf(cloud, properties);
      const ref = cloud.newId("deployment");
      api.deployments.set(ref, api.current);
      return { ref, attributes: { DeploymentId: ref } };
    },
    replacedBy: ["RestApiId"],
    update: () => [],
    remove(cloud, { ref, properties }) {
      const { stages, deployments } = apiOf(cloud, properties);
      if ([...stages.values()].some(({ deployment }) => deployment === ref))
        throw new Error("Active stages pointing to this deployment must be moved or deleted");
      deployments.delete(ref);
    },
  },
  "AWS::ApiGateway::Stage": STAGE,
  "AWS::ApiGatewayV2::Api": createApiType(({ ProtocolType }) => (ProtocolType === "WEBSOCKET" ? "websocket" : "http")),
  "AWS::ApiGatewayV2::Authorizer": AUTHORIZER,
  "AWS::ApiGatewayV2::Route": ROUTE,
  "AWS::ApiGatewayV2::Stage": STAGE,
};
