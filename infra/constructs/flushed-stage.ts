import type { CfnResource } from "aws-cdk-lib";
import type { IConstruct } from "constructs";
import type { CachingApi } from "../../contract/api-kinds.ts";
import { toSynthesisError } from "./synthesis-error.ts";
import { isSame, resourcesOf, templateOf } from "./template.ts";

/** A stage whose authorizer cache is flushed. */
export interface FlushedStage {
  readonly kind: CachingApi;
  readonly apiId: string;
  readonly stageName: string;
}

/** A stage of a REST or HTTP API, made here or imported, as a construct of any level. */
export interface StageOfApp extends IConstruct {
  readonly stageName?: string | undefined;
}

const TYPES = {
  rest: { stage: "AWS::ApiGateway::Stage", authorizer: "AWS::ApiGateway::Authorizer", id: "RestApiId" },
  http: { stage: "AWS::ApiGatewayV2::Stage", authorizer: "AWS::ApiGatewayV2::Authorizer", id: "ApiId" },
} as const satisfies Readonly<Record<CachingApi, Readonly<Record<string, string>>>>;

/**
 * Reads which stage a construct is.
 *
 * @throws An error of synthesis if it is not the stage of a REST or HTTP API.
 */
export function toFlushedStage(construct: IConstruct, stage: StageOfApp): FlushedStage {
  const { restApi, restApiId = restApi?.restApiId, api, apiId = api?.apiId, ref } = Object(stage);
  // The reference to a CfnStage is its name.
  const stageName = stage.stageName ?? ref;
  if (typeof stageName === "string" && typeof restApiId === "string")
    return { kind: "rest", apiId: restApiId, stageName };
  if (typeof stageName === "string" && typeof apiId === "string") return { kind: "http", apiId, stageName };
  const cause = `${stage.node.path} does not say which API it is a stage of; give kind, apiId and stageName`;
  throw toSynthesisError(construct, "AuthorizerCacheFlush", cause);
}

/** Lists the stages of the API in the app, and its authorizers. */
export function findFlushed(construct: IConstruct, { kind, apiId }: FlushedStage) {
  const { stage, authorizer, id } = TYPES[kind];
  const ofApi = (type: string) => resourcesOf(construct, type).filter((one) => isOf(one, id, apiId));
  return { stages: ofApi(stage), authorizers: ofApi(authorizer) };
}

/** Tells whether the API of a flushed stage is a WebSocket API. */
export function isWebSocket(construct: IConstruct, { kind, apiId }: FlushedStage): boolean {
  if (kind !== "http") return false;
  const apis = resourcesOf(construct, "AWS::ApiGatewayV2::Api").filter((one) => isSame(one, one.ref, apiId));
  return apis.some((one) => templateOf(one)["ProtocolType"] === "WEBSOCKET");
}

/** Reads the name of a stage in a template; undefined if it is not known at synthesis. */
export function nameOfStage(stage: CfnResource): string | undefined {
  const { StageName: name } = templateOf(stage);
  return typeof name === "string" ? name : undefined;
}

function isOf(resource: CfnResource, id: string, apiId: string): boolean {
  const own = Object(resource)[`${id[0]?.toLowerCase()}${id.slice(1)}`];
  return [own, templateOf(resource)[id]].some((value) => value !== undefined && isSame(resource, value, apiId));
}
