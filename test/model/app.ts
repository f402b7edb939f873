import { App, Duration, Stack } from "aws-cdk-lib";
import { ApiDefinition, MockIntegration, RestApi, SpecRestApi } from "aws-cdk-lib/aws-apigateway";
import { CfnApi, CfnRoute, CfnStage, HttpApi, WebSocketApi, WebSocketStage } from "aws-cdk-lib/aws-apigatewayv2";
import { WebSocketMockIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import { readDist } from "../../build/package/dist.ts";
import type { Route } from "../../contract/route.ts";
import { PolicyAuthorizer } from "../../infra/constructs/policy-authorizer.ts";
import type { PolicyAuthorizerProps } from "../../infra/constructs/policy-authorizer-props.ts";
import { CLIENT_ID, type TestIssuer } from "../support/tokens.ts";
import { APIS, toApiId } from "./apis.ts";
import type { Template } from "./template.ts";

/** The routes of all APIs, and `$connect` of the WebSocket API. */
export const ROUTES: readonly Route[] = [
  { verb: "GET", path: "/items/{p1}" },
  { verb: "PUT", path: "/items/{p1}" },
  { verb: "GET", path: "/a" },
  { verb: "GET", path: "/b" },
  { verb: "ANY", path: "/c/{p1+}" },
  { verb: "CONNECT", path: "/" },
];

/** The settings of a release besides its policy. */
export interface ReleaseSettings {
  /** 2: the APIs have a stack of their own. Default: 1. */
  readonly stacks?: 1 | 2;
  /** Whether the APIs have the authorizer already. Default: true. */
  readonly isAttached?: boolean;
  /** Whether the authorizer lets every request through. Default: false. */
  readonly reportOnly?: boolean;
  readonly ttlS?: number;
  readonly cacheScope?: "request" | "token";
  readonly tokenSource?: string;
  readonly httpResponse?: "iam" | "simple";
  /** Whether authorizers whose URI names no alias get responses, too. Default: false. */
  readonly acceptsUnqualified?: boolean;
  readonly contractGeneration?: number;
  /** Whether the app knows the ids of the APIs that are made from documents. Default: true. */
  readonly knowsApiIds?: boolean;
  /** The audience that tokens must be for; another one stands for settings under which the tokens of the test are refused. */
  readonly audience?: string;
}

/** A policy with its settings, synthesized. */
export interface Release {
  readonly name: string;
  /** The policy and the settings that decide about a response: the same for releases that only differ in how they are deployed. */
  readonly decidesAs: string;
  /** The stack with the function, and perhaps the APIs. */
  readonly main: Template;
  /** The stack with the APIs. */
  readonly apis: Template | undefined;
  /** The folder of the synthesized app. */
  readonly assets: string;
}

/** What an app is synthesized from. */
interface AppParts {
  readonly name: string;
  readonly policy: string;
  readonly distPath: string;
  readonly outdir: string;
  readonly issuer: TestIssuer;
  readonly settings: ReleaseSettings;
}

/** Synthesizes an app with all APIs. */
export function synthesize({ name, policy, distPath, outdir, issuer, settings }: AppParts): Release {
  const { stacks = 1, tokenSource, httpResponse, audience = CLIENT_ID } = settings;
  const { acceptsUnqualified = false, contractGeneration } = settings;
  const app = new App({ outdir, treeMetadata: false, analyticsReporting: false });
  const main = new Stack(app, "Main");
  const apis = stacks === 1 ? main : new Stack(app, "Apis");
  const trustedIssuers: PolicyAuthorizerProps["trustedIssuers"] = [
    {
      issuer: issuer.issuer,
      audience: [audience],
      jwksUri: `${issuer.issuer}/.well-known/jwks.json`,
      groupsClaim: "cognito:groups",
    },
  ];
  const authorizer = new PolicyAuthorizer(main, "Authorizer", {
    distPath,
    trustedIssuers,
    maxTokenLifetime: Duration.days(7),
    ...(tokenSource !== undefined && { tokenSource }),
    ...(httpResponse !== undefined && { httpResponse }),
    ...(contractGeneration !== undefined && { contractGeneration }),
    ...(acceptsUnqualified && { unqualifiedContract: contractIdOf(distPath) }),
  });
  addApis(apis, authorizer, settings);
  addDocuments(apis, authorizer, settings);
  const assembly = app.synth();
  const { stacks: _, acceptsUnqualified: __, contractGeneration: ___, knowsApiIds: ____, ...deciding } = settings;
  return {
    name,
    decidesAs: JSON.stringify([policy, deciding]),
    main: assembly.getStackByName("Main").template,
    apis: stacks === 1 ? undefined : assembly.getStackByName("Apis").template,
    assets: outdir,
  };
}

/** Earlier deployments are retained, so that a stage can be put back to one. */
const RETAINING = { cloudWatchRole: false, retainDeployments: true } as const;

function addApis(stack: Stack, authorizer: PolicyAuthorizer, settings: ReleaseSettings): void {
  const { isAttached = true, reportOnly = false, ttlS = 60, httpResponse, cacheScope } = settings;
  const [rest, tokens] = [
    new RestApi(stack, APIS.rest.title, RETAINING),
    new RestApi(stack, APIS.tokens.title, RETAINING),
  ];
  const http = new HttpApi(stack, APIS.http.title);
  const integration = new WebSocketMockIntegration("Mock");
  const sockets = new WebSocketApi(stack, APIS.sockets.title, { connectRouteOptions: { integration } });
  new WebSocketStage(stack, "Live", { webSocketApi: sockets, stageName: APIS.sockets.stage, autoDeploy: true });
  for (const { verb, path } of ROUTES.filter((route) => route.verb !== "CONNECT")) {
    for (const api of [rest, tokens]) api.root.resourceForPath(path).addMethod(verb, new MockIntegration());
    new CfnRoute(stack, `${verb} ${path}`, { apiId: http.apiId, routeKey: `${verb} ${path}` });
  }
  if (reportOnly) {
    authorizer.attachToRestApi(rest, { reportOnly });
    authorizer.attachToHttpApi(http, { reportOnly });
    return;
  }
  if (!isAttached) return;
  const ttl = Duration.seconds(ttlS);
  authorizer.attachToRestApi(rest, { ttl });
  authorizer.attachToRestApi(tokens, { type: "TOKEN", ...(cacheScope === "token" && { ttl }) });
  authorizer.attachToHttpApi(http, httpResponse === "simple" ? {} : { ttl });
  authorizer.attachToWebSocketApi(sockets);
}

function addDocuments(stack: Stack, authorizer: PolicyAuthorizer, settings: ReleaseSettings): void {
  const { isAttached = true, ttlS = 60, httpResponse, knowsApiIds = true } = settings;
  const ttl = Duration.seconds(ttlS);
  const secure = (name: "restDocument" | "httpDocument") => {
    const { kind, title } = APIS[name];
    const caching = kind === "http" && httpResponse === "simple" ? {} : { ttl };
    const document = toDocument(title);
    return isAttached ? authorizer.secure(document, kind, { apiName: title, ...caching }) : document;
  };
  const rest = new SpecRestApi(stack, APIS.restDocument.title, {
    ...RETAINING,
    apiDefinition: ApiDefinition.fromInline(secure("restDocument")),
  });
  const http = new CfnApi(stack, APIS.httpDocument.title, { body: secure("httpDocument") });
  new CfnStage(stack, "Served", { apiId: http.ref, stageName: APIS.httpDocument.stage, autoDeploy: true });
  if (!isAttached) return;
  const apiId = toApiId(APIS.httpDocument.title);
  authorizer.allow(rest, { apiName: APIS.restDocument.title });
  authorizer.allow(http, { apiName: APIS.httpDocument.title, ...(knowsApiIds && { apiId }) });
}

/** Describes the routes of the other APIs. */
function toDocument(title: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const { verb, path } of ROUTES.filter((route) => route.verb !== "CONNECT"))
    paths[path] = { ...paths[path], [verb === "ANY" ? "x-amazon-apigateway-any-method" : verb.toLowerCase()]: {} };
  return { openapi: "3.0.1", info: { title, version: "1" }, paths };
}

function contractIdOf(distPath: string): string {
  const dist = readDist(distPath);
  if (!dist.ok) throw new Error(dist.error);
  return dist.value.manifest.cache_contract.id;
}
