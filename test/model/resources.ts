import { join } from "node:path";
import type { ApiState, AuthorizerState, Cloud, Configuration, FunctionState, Snapshot } from "./cloud.ts";

/** The properties of a resource, with all references resolved. */
export type Properties = Readonly<Record<string, unknown>>;

/** A resource that exists. */
export interface Physical {
  readonly type: string;
  /** The value of `Ref`. */
  readonly ref: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly properties: Properties;
}

/** The calls by which CloudFormation creates, changes and deletes the resources of one type. A call that throws has failed. */
interface ResourceType {
  readonly create: (cloud: Cloud, properties: Properties, assets: string) => Pick<Physical, "ref" | "attributes">;
  /** The properties whose change replaces the resource. */
  readonly replacedBy: readonly string[];
  /** The calls that change the resource in place, each of which takes effect by itself. */
  readonly update: (cloud: Cloud, before: Physical, after: Properties, assets: string) => readonly (() => void)[];
  readonly remove: (cloud: Cloud, physical: Physical) => void;
}

const text = (value: unknown) => (value === undefined ? "" : String(value));
const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);
const withEntry = <Value>(map: ReadonlyMap<string, Value>, id: string, value: Value) => new Map([...map, [id, value]]);
const withoutEntry = <Value>(map: ReadonlyMap<string, Value>, id: string) =>
  new Map([...map].filter(([key]) => key !== id));

function functionOf(
  { functions }: Cloud,
  name: string,
): { readonly lambda: FunctionState; readonly qualifier: string } {
  const [, own = name, qualifier = ""] = /^(?:arn:.*:function:)?([^:]+)(?::([^:]+))?$/.exec(name) ?? [];
  const lambda = functions.get(own);
  if (lambda === undefined) throw new Error(`there is no function ${own}`);
  return { lambda, qualifier };
}

function apiOf({ apis }: Cloud, properties: Properties): ApiState {
  const api = apis.get(text(properties["RestApiId"] ?? properties["ApiId"]));
  if (api === undefined) throw new Error("there is no such API");
  return api;
}

function toConfiguration(properties: Properties, assets: string): Configuration {
  const { S3Key } = Object(properties["Code"]);
  return {
    code: join(assets, `asset.${text(S3Key).replace(/\.zip$/, "")}`),
    environment: Object(properties["Environment"]).Variables ?? {},
  };
}

function toAuthorizer(api: ApiState, properties: Properties): AuthorizerState {
  const { Type, AuthorizerPayloadFormatVersion, EnableSimpleResponses, IdentitySource = [] } = properties;
  const sources = Array.isArray(IdentitySource) ? IdentitySource.map(text) : text(IdentitySource).split(",");
  const kindOfHttp = AuthorizerPayloadFormatVersion === "1.0" ? "http-1" : "http-2";
  return {
    kind: api.kind === "http" ? kindOfHttp : Type === "TOKEN" ? "rest-token" : "rest-request",
    response: EnableSimpleResponses === true ? "simple" : "iam",
    identitySources: sources,
    ttlS: Number(properties["AuthorizerResultTtlInSeconds"] ?? 300),
    name: text(properties["Name"]),
    uri: text(properties["AuthorizerUri"]),
  };
}

function change(api: ApiState, changes: Partial<Snapshot>): void {
  api.current = { ...api.current, ...changes };
}

const API: ResourceType = {
  create(cloud, properties) {
    const kind = properties["ProtocolType"] === undefined ? "rest" : "http";
    const ref = cloud.newId("api");
    const root = cloud.newId("resource");
    const current = { routes: new Map(), authorizers: new Map() };
    cloud.apis.set(ref, { kind, paths: new Map([[root, ""]]), current, deployments: new Map(), stages: new Map() });
    return { ref, attributes: { RootResourceId: root, ApiId: ref } };
  },
  replacedBy: [],
  update: () => [],
  remove: (cloud, { ref }) => void cloud.apis.delete(ref),
};

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
  const [verb = "", path = ""] =
    RouteKey === undefined ? [text(HttpMethod), api.paths.get(text(ResourceId)) || "/"] : text(RouteKey).split(" ");
  const authorizer = AuthorizerId === undefined ? null : text(AuthorizerId);
  if (authorizer !== null && !api.current.authorizers.has(authorizer)) throw new Error("there is no such authorizer");
  change(api, { routes: withEntry(api.current.routes, ref, { verb, path, authorizer }) });
}

const STAGE: ResourceType = {
  create(cloud, properties) {
    const name = text(properties["StageName"]);
    const { AutoDeploy, DeploymentId } = properties;
    const deployment = AutoDeploy === true ? undefined : text(DeploymentId);
    apiOf(cloud, properties).stages.set(name, { name, deployment, caches: new Map() });
    return { ref: name, attributes: {} };
  },
  replacedBy: ["RestApiId", "ApiId", "StageName"],
  update: (cloud, { ref }, properties) => [
    () => {
      const stage = apiOf(cloud, properties).stages.get(ref);
      if (stage?.deployment !== undefined) stage.deployment = text(properties["DeploymentId"]);
    },
  ],
  remove: (cloud, { ref, properties }) => void apiOf(cloud, properties).stages.delete(ref),
};

function setLatest(lambda: FunctionState, changes: Partial<Configuration>): void {
  lambda.latest = { ...lambda.latest, ...changes };
}

const TYPES: Readonly<Record<string, ResourceType>> = {
  "AWS::Lambda::Function": {
    create(cloud, properties, assets) {
      const ref = cloud.newId("function");
      const arn = `arn:aws:lambda:eu-west-1:123456789012:function:${ref}`;
      cloud.functions.set(ref, {
        arn,
        latest: toConfiguration(properties, assets),
        versions: new Map(),
        published: 0,
        aliases: new Map(),
        shifts: new Map(),
        permissions: new Map(),
      });
      return { ref, attributes: { Arn: arn } };
    },
    replacedBy: ["FunctionName"],
    // CloudFormation updates the configuration first and the code second, by two calls.
    update(cloud, { ref }, properties, assets) {
      const { lambda } = functionOf(cloud, ref);
      const { code, environment } = toConfiguration(properties, assets);
      return [
        ...(same(environment, lambda.latest.environment) ? [] : [() => setLatest(lambda, { environment })]),
        ...(code === lambda.latest.code ? [] : [() => setLatest(lambda, { code })]),
      ];
    },
    remove: (cloud, { ref }) => void cloud.functions.delete(ref),
  },
  "AWS::Lambda::Version": {
    create(cloud, properties) {
      const { lambda } = functionOf(cloud, text(properties["FunctionName"]));
      const [newest] = [...lambda.versions].reverse();
      // Lambda publishes no version that is equal to the last one, and CloudFormation fails then.
      if (newest !== undefined && same(newest[1], lambda.latest))
        throw new Error(`A version for this Lambda function exists ( ${newest[0]} ).`);
      lambda.published += 1;
      lambda.versions.set(String(lambda.published), lambda.latest);
      return { ref: `${lambda.arn}:${lambda.published}`, attributes: { Version: String(lambda.published) } };
    },
    replacedBy: ["FunctionName", "Description"],
    update: () => [],
    remove(cloud, { ref }) {
      const { lambda, qualifier } = functionOf(cloud, ref);
      if ([...lambda.aliases.values()].includes(qualifier)) throw new Error("an alias names this version");
      lambda.versions.delete(qualifier);
    },
  },
  "AWS::Lambda::Alias": {
    create(cloud, properties) {
      const { lambda } = functionOf(cloud, text(properties["FunctionName"]));
      const name = text(properties["Name"]);
      if (lambda.aliases.has(name)) throw new Error(`Alias already exists: ${name}`);
      lambda.aliases.set(name, text(properties["FunctionVersion"]));
      return { ref: `${lambda.arn}:${name}`, attributes: {} };
    },
    replacedBy: ["FunctionName", "Name"],
    update: (cloud, { ref }, properties) => [
      () => {
        const { lambda, qualifier } = functionOf(cloud, ref);
        lambda.aliases.set(qualifier, text(properties["FunctionVersion"]));
      },
    ],
    remove(cloud, { ref }) {
      const { lambda, qualifier } = functionOf(cloud, ref);
      lambda.aliases.delete(qualifier);
      for (const [id, one] of lambda.permissions) if (one.qualifier === qualifier) lambda.permissions.delete(id);
    },
  },
  "AWS::Lambda::Permission": {
    create(cloud, properties) {
      const { lambda, qualifier } = functionOf(cloud, text(properties["FunctionName"]));
      if (qualifier !== "" && !lambda.aliases.has(qualifier)) throw new Error(`there is no alias ${qualifier}`);
      const ref = cloud.newId("permission");
      const [, apiId = ""] = /^arn:aws:execute-api:[^:]*:[^:]*:([^/]+)\//.exec(text(properties["SourceArn"])) ?? [];
      lambda.permissions.set(ref, { qualifier, apiId });
      return { ref, attributes: {} };
    },
    replacedBy: ["FunctionName", "SourceArn", "Principal", "Action"],
    update: () => [],
    remove: (cloud, { ref, properties }) =>
      void functionOf(cloud, text(properties["FunctionName"])).lambda.permissions.delete(ref),
  },
  "AWS::ApiGateway::RestApi": API,
  "AWS::ApiGateway::Resource": {
    create(cloud, properties) {
      const { paths } = apiOf(cloud, properties);
      const ref = cloud.newId("resource");
      paths.set(ref, `${paths.get(text(properties["ParentId"]))}/${text(properties["PathPart"])}`);
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
  "AWS::ApiGatewayV2::Api": API,
  "AWS::ApiGatewayV2::Authorizer": AUTHORIZER,
  "AWS::ApiGatewayV2::Route": ROUTE,
  "AWS::ApiGatewayV2::Stage": STAGE,
};

/** A type that no request passes through. */
const INERT: ResourceType = {
  create: (cloud) => ({ ref: cloud.newId("other"), attributes: {} }),
  replacedBy: [],
  update: () => [],
  remove: () => {},
};

/** Finds the calls of a resource type. */
export function callsOf(type: string): ResourceType {
  return TYPES[type] ?? INERT;
}
