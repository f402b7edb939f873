import { CfnResource } from "aws-cdk-lib";
import type { Deployment } from "aws-cdk-lib/aws-apigateway";
import type { IConstruct } from "constructs";
import { keyOf, readReference, templateOf } from "./template.ts";

/** A REST API, made here or imported. The library's interface does not accept its own class under exactOptionalPropertyTypes. */
export interface RestApiOfApp extends IConstruct {
  readonly restApiId: string;
  readonly latestDeployment?: Deployment | undefined;
}

/** An HTTP or WebSocket API, made here or imported. */
export interface V2ApiOfApp extends IConstruct {
  readonly apiId: string;
}

/**
 * Tells whether a method, route, stage or deployment belongs to an API, or is that API, in any stack of the app.
 *
 * @param api - The API's construct, its resource, or any other construct that belongs to it.
 */
export function isOfApi(node: IConstruct, api: IConstruct): boolean {
  const keys = apiKeysOf(api);
  return apiKeysOf(node).some((own) => keys.includes(own));
}

/** Lists the keys of the APIs that a construct belongs to. A resource has one, or two if an override moves it to another API. */
export function apiKeysOf(node: IConstruct): readonly string[] {
  return idsOf(node)
    .filter((id) => id !== undefined)
    .map((id) => keyOf(node, id));
}

function idsOf(node: IConstruct): readonly unknown[] {
  const { restApiId, apiId, api } = Object(node);
  if (!CfnResource.isCfnResource(node)) return [restApiId, apiId, Object(api).restApiId];
  if (isApiResource(node)) return [node.ref];
  const part = PARTS.exec(node.cfnResourceType);
  return part === null ? [] : [restApiId, apiId, readReference(node, part[1] === undefined ? "RestApiId" : "ApiId")];
}

/** Matches the types of an API's parts that this package looks at. */
const PARTS = /^AWS::ApiGateway(V2)?::(?:Method|Route|Stage|Deployment)$/;

const API_TYPES = ["AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api"];

/** Tells whether a resource is an API itself. */
export function isApiResource(resource: CfnResource): boolean {
  return API_TYPES.includes(resource.cfnResourceType);
}

/** Lists the template properties of an API that define operations without a construct for each, such as `Body`. */
export function findDefinitionProperties(api: CfnResource): readonly string[] {
  const template = templateOf(api);
  return ["Body", "BodyS3Location", "CloneFrom", "Target"].filter((name) => template[name] !== undefined);
}

/** The error for an API to which an authorizer is attached and whose methods are not all visible at synthesis. */
export const NOT_VISIBLE =
  "methods of this API are not visible at synthesis and would stay open; for an API made from a document use secure() or check(), then allow()";
