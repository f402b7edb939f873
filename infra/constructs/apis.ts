import { CfnResource } from "aws-cdk-lib";
import type { Deployment } from "aws-cdk-lib/aws-apigateway";
import type { IConstruct } from "constructs";
import { isSame, resourcesOf, templateOf } from "./template.ts";

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
  const ids = idsOf(api);
  return idsOf(node).some((own) => ids.some((id) => isSame(node, own, id)));
}

/** Lists the API ids of a construct: from its properties, from overrides of them, or its own if it is an API. */
function idsOf(node: IConstruct): readonly unknown[] {
  const { restApiId, apiId, api } = Object(node);
  const own = [restApiId, apiId, Object(api).restApiId];
  if (!CfnResource.isCfnResource(node)) return own.filter((id) => id !== undefined);
  if (API_TYPES.includes(node.cfnResourceType)) return [node.ref];
  const template = CHILD_TYPES.test(node.cfnResourceType) ? templateOf(node) : {};
  return [...own, template["RestApiId"], template["ApiId"]].filter((id) => id !== undefined);
}

const API_TYPES = ["AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api"];

/** Types whose properties may be overridden in the template. */
const CHILD_TYPES = /^AWS::ApiGateway(V2)?::(Method|Route)$/;

/** Lists the template properties of an API that define operations without a construct for each, such as `Body`. */
export function findDefinitionProperties(api: IConstruct): readonly string[] {
  const resources = API_TYPES.flatMap((type) => resourcesOf(api, type)).filter((one) => isOfApi(one, api));
  return resources.flatMap((one) => {
    const template = templateOf(one);
    return ["Body", "BodyS3Location", "CloneFrom", "Target"].filter((name) => template[name] !== undefined);
  });
}

/** The error for an API to which an authorizer is attached and whose methods are not all visible at synthesis. */
export const NOT_VISIBLE =
  "methods of this API are not visible at synthesis and would stay open; for an API made from a document use secure() or check(), then allow()";
