import { CfnResource } from "aws-cdk-lib";
import type { Deployment } from "aws-cdk-lib/aws-apigateway";
import type { IConstruct } from "constructs";
import { isSame, resourcesOf, templateOf } from "./template.ts";

/** A REST API, made here or imported. The library's own interface refuses its own class where exactOptionalPropertyTypes is on. */
export interface RestApiOfApp extends IConstruct {
  readonly restApiId: string;
  readonly latestDeployment?: Deployment | undefined;
}

/** An HTTP or WebSocket API, made here or imported. */
export interface V2ApiOfApp extends IConstruct {
  readonly apiId: string;
}

/**
 * Whether a method, route, stage, deployment or API is of an API, in whichever stack of the app it is.
 *
 * @param api - The construct, a template's resource, or anything else that is of the API.
 */
export function isOfApi(node: IConstruct, api: IConstruct): boolean {
  const ids = idsOf(api);
  return idsOf(node).some((own) => ids.some((id) => isSame(node, own, id)));
}

/** How a construct names its API: by a property, by an override of it, or by what it is. */
function idsOf(node: IConstruct): readonly unknown[] {
  const { restApiId, apiId, api } = Object(node);
  const own = [restApiId, apiId, Object(api).restApiId];
  if (!CfnResource.isCfnResource(node)) return own.filter((id) => id !== undefined);
  if (API_TYPES.includes(node.cfnResourceType)) return [node.ref];
  const template = CHILD_TYPES.test(node.cfnResourceType) ? templateOf(node) : {};
  return [...own, template["RestApiId"], template["ApiId"]].filter((id) => id !== undefined);
}

const API_TYPES = ["AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api"];

/** Whose props may not be what the template says. */
const CHILD_TYPES = /^AWS::ApiGateway(V2)?::(Method|Route)$/;

/** What of an API's template has operations that no construct shows, such as a document. */
export function findNotVisible(api: IConstruct): readonly string[] {
  const resources = API_TYPES.flatMap((type) => resourcesOf(api, type)).filter((one) => isOfApi(one, api));
  return resources.flatMap((one) => {
    const template = templateOf(one);
    return ["Body", "BodyS3Location", "CloneFrom", "Target"].filter((name) => template[name] !== undefined);
  });
}

/** What to do about an API that a construct attaches to and can't see. */
export const NOT_VISIBLE =
  "no method of this API can be seen from here; for an API made from a document use secure() or check(), then allow()";
