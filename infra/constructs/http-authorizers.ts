import { AspectPriority, Aspects, type IAspect, Lazy } from "aws-cdk-lib";
import { CfnAuthorizer, CfnRoute } from "aws-cdk-lib/aws-apigatewayv2";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { Construct, type IConstruct } from "constructs";
import { findAuthorizer, unknownRoute } from "../../analysis/cache/route-authorizer.ts";
import { BASE_CACHE_KEY } from "../../contract/cache-key.ts";
import type { CacheContract } from "../../contract/manifest.ts";
import type { TokenSource } from "../../contract/token-source.ts";
import { findNotVisible, isOfApi, NOT_VISIBLE, type V2ApiOfApp } from "./apis.ts";
import { type AuthorizerPlan, formatSources } from "./caching.ts";
import { toSynthesisError } from "./failure.ts";
import { allowInvocation, toAuthorizerUri } from "./invocation.ts";

/** What an HTTP API's routes are to be authorized by. */
export interface HttpAuthorizersProps {
  readonly api: V2ApiOfApp;
  readonly lambda: IFunction;
  readonly contract: CacheContract;
  readonly settings: ReadonlyMap<string, AuthorizerPlan>;
  readonly tokenSource: TokenSource;
  readonly response: "iam" | "simple";
  /** Answers of some HTTP API are kept by this Lambda's authorizers: it then looks for the whole key in every event. */
  readonly cachesResponses: () => boolean;
}

/**
 * Gives every route of an HTTP API the authorizer of its cache class.
 *
 * Not `HttpLambdaAuthorizer`, which takes payload 1.0 for answers that are policy documents.
 */
export class HttpAuthorizers extends Construct implements IAspect {
  readonly #props: HttpAuthorizersProps;
  readonly #authorizers = new Map<string, CfnAuthorizer>();
  #hasSeen = false;

  constructor(scope: Construct, id: string, props: HttpAuthorizersProps) {
    super(scope, id);
    this.#props = props;
    allowInvocation(this, props.lambda, props.api.apiId);
    Aspects.of(props.api.node.root).add(this, { priority: AspectPriority.MUTATING });
    this.node.addValidation({ validate: () => this.#findUnseen() });
  }

  visit(node: IConstruct): void {
    if (!CfnRoute.isCfnRoute(node) || !isOfApi(node, this.#props.api)) return;
    this.#hasSeen = true;
    if (node.authorizationType === "AWS_IAM") return;
    if (node.authorizationType !== undefined && node.authorizationType !== "NONE") {
      const cause = `the route ${node.routeKey} has another authorizer (${node.authorizationType}); take that away`;
      throw toSynthesisError(this, "PolicyAuthorizer", cause);
    }
    if (node.routeKey === "$default") {
      const cause = "the route $default has no path that a policy could name; make it ANY /{proxy+} and ANY /";
      throw toSynthesisError(this, "PolicyAuthorizer", cause);
    }
    const [verb = "", path = ""] = node.routeKey.split(" ");
    const { contract } = this.#props;
    const own = findAuthorizer(contract, verb, path);
    const name = own ?? (verb === "OPTIONS" ? findAuthorizer(contract, "ANY", path) : undefined);
    // There is nothing behind it. Preflights are answered by the API's CORS configuration, without a route.
    if (name === undefined && verb === "OPTIONS" && node.target === undefined) return;
    if (name === undefined) throw toSynthesisError(this, "PolicyAuthorizer", unknownRoute(verb, path));
    node.authorizationType = "CUSTOM";
    node.authorizerId = this.#authorizerOf(name).ref;
  }

  /** Of an imported API, or one made from a document, no route would ask, and nobody would notice. */
  #findUnseen(): string[] {
    const { api } = this.#props;
    return this.#hasSeen && findNotVisible(api).length === 0
      ? []
      : [`PolicyAuthorizer: ${api.node.path}: ${NOT_VISIBLE}`];
  }

  #authorizerOf(name: string): CfnAuthorizer {
    const { api, lambda, settings, response, tokenSource, cachesResponses } = this.#props;
    const found = this.#authorizers.get(name);
    if (found !== undefined) return found;
    const own = settings.get(name) ?? { name, ttlS: 0, sources: ["token"] };
    const toSources = () => (own.ttlS === 0 && cachesResponses() ? { ...own, sources: BASE_CACHE_KEY.http } : own);
    const authorizer = new CfnAuthorizer(this, name, {
      name,
      apiId: api.apiId,
      authorizerType: "REQUEST",
      authorizerUri: toAuthorizerUri(lambda),
      authorizerPayloadFormatVersion: "2.0",
      enableSimpleResponses: response === "simple",
      identitySource: Lazy.list({ produce: () => [...formatSources("http", toSources(), tokenSource)] }),
      authorizerResultTtlInSeconds: own.ttlS,
    });
    this.#authorizers.set(name, authorizer);
    return authorizer;
  }
}
