import { CfnResource, Reference, Stage, Token, Tokenization } from "aws-cdk-lib";
import type { IConstruct } from "constructs";
import type { Api } from "../../contract/api-kinds.ts";
import { groupBy } from "../../contract/group-by.ts";
import { isText, isTexts } from "../../contract/json.ts";
import { DEFAULT_TTL_S } from "../../contract/limits.ts";
import {
  type ApiShape,
  type AuthorizerShape,
  parseRouteKey,
  type ResourceShape,
  type RouteShape,
} from "../../gateway-rules/api-shape.ts";
import { toDocumentShape } from "../../openapi/document-shape.ts";
import { routeOfMethod } from "./of-any-copy.ts";
import { isSame, templateOf } from "./template.ts";

/** The parts of one API, by their resource types without `AWS::ApiGateway::` or `AWS::ApiGatewayV2::`. */
type Parts = ReadonlyMap<string, readonly CfnResource[]>;

/**
 * Reads the shape of an API from the constructs of its stage of the app, as far as it is known at synthesis.
 *
 * @param api - The construct of the API, made here or imported.
 */
export function readShape(api: IConstruct, kind: Api): ApiShape {
  const parts = partsOf(api);
  const of = (type: string) => parts.get(type) ?? [];
  const body = [...of("RestApi"), ...of("Api")].map((one) => templateOf(one)["Body"]).find((one) => one !== undefined);
  const documented = kind === "websocket" || body === undefined ? undefined : toDocumentShape(body, kind);
  const isRest = kind === "rest";
  return {
    kind,
    where: api.node.path,
    routes: [...(documented?.routes ?? []), ...(isRest ? toMethods(of("Method")) : toRoutes(of("Route")))],
    resources: [...(documented?.resources ?? []), ...toResources(of("Resource"))],
    authorizers: [...(documented?.authorizers ?? []), ...of("Authorizer").map((one) => toAuthorizer(one, kind))],
    stages: [...of("Stage"), ...of("Deployment")].flatMap((one) => {
      const { StageName, Variables, StageVariables } = templateOf(one);
      // A deployment makes a stage only if it names one.
      if (StageName === undefined && one.cfnResourceType.endsWith("::Deployment")) return [];
      const variables = Object.keys(Object(Variables ?? StageVariables)).length;
      return [{ where: one.node.path, name: textOf(StageName), variables }];
    }),
    models: [
      ...(documented?.models ?? []),
      ...of("Model").map((one) => ({ where: one.node.path, name: textOf(templateOf(one)["Name"]) })),
    ],
    integrations: isRest ? undefined : of("Integration").length,
  };
}

/** Groups the resources of an API by their types, in one pass over the stage of the app that the API is in. */
function partsOf(api: IConstruct): Parts {
  const typed = (Stage.of(api) ?? api.node.root).node.findAll().flatMap((node) => {
    if (!CfnResource.isCfnResource(node)) return [];
    const [, type] = TYPE.exec(node.cfnResourceType) ?? [];
    return type === undefined ? [] : [{ type, node }];
  });
  const id = idOf(api);
  // Ids are compared once for each API, not for each of its parts: the comparison resolves tokens.
  const byApi = groupBy(typed, ({ type, node }) => (API_TYPES.includes(type) ? node.ref : idOf(node)));
  const own = [...byApi].flatMap(([other, parts]) => {
    const isOwn = other === id || (parts[0] !== undefined && isSame(parts[0].node, other, id));
    return isOwn ? parts : [];
  });
  return new Map([...groupBy(own, ({ type }) => type)].map(([type, parts]) => [type, parts.map(({ node }) => node)]));
}

const TYPE = /^AWS::ApiGateway(?:V2)?::(\w+)$/;
const API_TYPES = ["RestApi", "Api"];

/** Reads the id of an API, or of the API that a resource belongs to. */
function idOf(node: IConstruct): unknown {
  const { restApiId, apiId } = Object(node);
  if (restApiId !== undefined || apiId !== undefined || !CfnResource.isCfnResource(node)) return restApiId ?? apiId;
  if (/^AWS::ApiGateway(V2)?::(RestApi|Api)$/.test(node.cfnResourceType)) return node.ref;
  // A plain resource has no properties but those of its template.
  const { RestApiId, ApiId } = templateOf(node);
  return RestApiId ?? ApiId;
}

function toMethods(methods: readonly CfnResource[]): readonly RouteShape[] {
  return methods.flatMap((method) => {
    const route = routeOfMethod(method);
    return route === undefined ? [] : [{ where: method.node.path, ...route }];
  });
}

function toRoutes(routes: readonly CfnResource[]): readonly RouteShape[] {
  return routes.flatMap((route) => {
    const key: unknown = Object(route).routeKey ?? templateOf(route)["RouteKey"];
    return isText(key) && !Token.isUnresolved(key) ? [{ where: route.node.path, ...parseRouteKey(key) }] : [];
  });
}

/** Finds the paths of resources: the path that the library knows, or the parts up to the root. */
function toResources(resources: readonly CfnResource[]): readonly ResourceShape[] {
  const byId = new Map(resources.map((one) => [one.ref, one]));
  const pathOf = (resource: CfnResource, depth = 0): string | undefined => {
    const { path } = Object(resource.node.scope);
    if (isText(path) && path.startsWith("/")) return path;
    const { parentId, pathPart } = Object(resource);
    if (!isText(pathPart) || Token.isUnresolved(pathPart) || depth > 100) return undefined;
    const parent = byId.get(parentId);
    // A parent that is not a resource is the root, or not visible; two resources below the same one are siblings in any case.
    const above = parent === undefined ? (isRoot(parentId) ? "" : undefined) : pathOf(parent, depth + 1);
    return above === undefined ? undefined : `${above}/${pathPart}`;
  };
  return resources.flatMap((resource) => {
    const path = pathOf(resource);
    return path === undefined ? [] : [{ where: resource.node.path, path }];
  });
}

/** Tells whether a parent's id is the attribute of an API that names its root. */
function isRoot(parentId: unknown): boolean {
  const token = isText(parentId) ? Tokenization.reverseString(parentId).firstToken : undefined;
  return token !== undefined && Reference.isReference(token) && token.displayName === "RootResourceId";
}

const TYPES: Readonly<Record<string, AuthorizerShape["type"]>> = {
  TOKEN: "token",
  REQUEST: "request",
  COGNITO_USER_POOLS: "cognito",
  JWT: "jwt",
};

function toAuthorizer(authorizer: CfnResource, kind: Api): AuthorizerShape {
  const template = templateOf(authorizer);
  const { Name, Type, AuthorizerType, AuthorizerResultTtlInSeconds: ttl } = template;
  const type = TYPES[String(Type ?? AuthorizerType)];
  const isOfLambda = type === "token" || type === "request";
  return {
    where: authorizer.node.path,
    name: textOf(Name),
    type,
    identitySources: sourcesOf(template["IdentitySource"]),
    ttlS:
      typeof ttl === "number" ? ttl : ttl === undefined && kind === "rest" && isOfLambda ? DEFAULT_TTL_S : undefined,
    payloadVersion: kind !== "http" ? undefined : toVersion(template["AuthorizerPayloadFormatVersion"]),
    hasSimpleResponses: template["EnableSimpleResponses"] === true,
  };
}

function toVersion(value: unknown): string | null | undefined {
  return value === undefined ? null : textOf(value);
}

/** Lists identity sources: a text with commas on a REST API, a list on another API; undefined for values of a deployment. */
function sourcesOf(value: unknown): readonly string[] | undefined {
  if (value === undefined) return [];
  if (isTexts(value)) return value;
  return isText(value) ? value.split(",").map((one) => one.trim()) : undefined;
}

function textOf(value: unknown): string | undefined {
  return isText(value) ? value : undefined;
}
