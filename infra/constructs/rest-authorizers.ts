import { AspectPriority, Aspects, type CfnResource, type IAspect, Stack } from "aws-cdk-lib";
import { CfnAuthorizer, CfnMethod, CfnRestApi, Method } from "aws-cdk-lib/aws-apigateway";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { Construct, type IConstruct } from "constructs";
import { findAuthorizer, unknownRoute } from "../../analysis/cache/route-authorizer.ts";
import type { CacheContract } from "../../contract/manifest.ts";
import { nameOfRoute } from "../../contract/route.ts";
import { formatTokenSource, type TokenSource } from "../../contract/token-source.ts";
import { findNotVisible, isOfApi, NOT_VISIBLE, type RestApiOfApp } from "./apis.ts";
import { type AuthorizerPlan, formatSources } from "./caching.ts";
import { addToDeployments } from "./deployments.ts";
import { toSynthesisError } from "./failure.ts";
import { allowInvocation, toAuthorizerUri } from "./invocation.ts";
import { templateOf } from "./template.ts";

/** What a REST API's methods are to be authorized by. */
export interface RestAuthorizersProps {
  readonly api: RestApiOfApp;
  readonly lambda: IFunction;
  readonly contract: CacheContract;
  readonly settings: ReadonlyMap<string, AuthorizerPlan>;
  readonly type: "REQUEST" | "TOKEN";
  readonly tokenSource: TokenSource;
}

/** Gives every method of a REST API, those that are added later too, the authorizer of its cache class. */
export class RestAuthorizers extends Construct implements IAspect {
  readonly #props: RestAuthorizersProps;
  readonly #authorizers = new Map<string, CfnAuthorizer>();
  readonly #routes = new Set<string>();
  #hasSeen = false;

  constructor(scope: Construct, id: string, props: RestAuthorizersProps) {
    super(scope, id);
    this.#props = props;
    const { api, lambda, contract, settings, type } = props;
    allowInvocation(this, lambda, api.restApiId);
    // What methods are changed to below is not in the identity of a deployment otherwise.
    addToDeployments(api, {
      routes: contract.routes,
      settings: [...settings.values()],
      type,
      tokenSource: formatTokenSource(props.tokenSource),
      authorizerUri: toAuthorizerUri(lambda),
    });
    Aspects.of(api.node.root).add(this, { priority: AspectPriority.MUTATING });
    this.node.addValidation({ validate: () => this.#findUnseen() });
    if (contract.token_documents !== undefined) this.node.addValidation({ validate: () => this.#findDifferences() });
  }

  visit(node: IConstruct): void {
    if (!CfnMethod.isCfnMethod(node) || !isOfApi(node, this.#props.api)) return;
    const method = node.node.scope;
    if (isPreflight(node)) {
      if (method instanceof Method) this.#routes.add(nameOfRoute({ verb: "OPTIONS", path: method.resource.path }));
      return;
    }
    this.#hasSeen = true;
    if (!(method instanceof Method)) {
      const cause = `the path of ${node.node.path} can't be seen; make it with addMethod, or describe the API by an OpenAPI document`;
      throw toSynthesisError(this, "PolicyAuthorizer", cause);
    }
    this.#authorize(node, method.httpMethod.toUpperCase(), method.resource.path);
  }

  #authorize(method: CfnMethod, verb: string, path: string): void {
    this.#routes.add(nameOfRoute({ verb, path }));
    const type = method.authorizationType ?? "NONE";
    if (type === "AWS_IAM") return;
    if (type !== "NONE") {
      const cause = `${verb} ${path} has another authorizer (${type}); take that away, or give it a REST API of its own`;
      throw toSynthesisError(this, "PolicyAuthorizer", cause);
    }
    const name = findAuthorizer(this.#props.contract, verb, path);
    if (name === undefined) throw toSynthesisError(this, "PolicyAuthorizer", unknownRoute(verb, path));
    method.authorizationType = "CUSTOM";
    method.authorizerId = this.#authorizerOf(name).ref;
  }

  /** Made when a method needs it: an API may have ten. */
  #authorizerOf(name: string): CfnAuthorizer {
    const { api, lambda, settings, type, tokenSource } = this.#props;
    const found = this.#authorizers.get(name);
    if (found !== undefined) return found;
    const own = settings.get(name) ?? { name, ttlS: 0, sources: ["token"] };
    const authorizer = new CfnAuthorizer(this, name, {
      name,
      restApiId: api.restApiId,
      type,
      authorizerUri: toAuthorizerUri(lambda),
      identitySource: formatSources("rest", own, tokenSource).join(","),
      // Written out, since none means 300 seconds.
      authorizerResultTtlInSeconds: own.ttlS,
    });
    this.#authorizers.set(name, authorizer);
    return authorizer;
  }

  /** Of an imported API, or one made from a document, no method would ask, and nobody would notice. */
  #findUnseen(): string[] {
    const { api } = this.#props;
    return this.#hasSeen && findNotVisible(api).length === 0
      ? []
      : [`PolicyAuthorizer: ${api.node.path}: ${NOT_VISIBLE}`];
  }

  /** A per-token answer is exact for the routes it was made for, and an API policy's Allow would overrule its silence. */
  #findDifferences(): string[] {
    const { api, contract } = this.#props;
    const declared = contract.routes.map(nameOfRoute).filter((name) => !name.startsWith("CONNECT"));
    const missing = declared.filter((name) => !this.#routes.has(name));
    const template = api.node.defaultChild;
    return [
      ...(missing.length > 0
        ? [
            `PolicyAuthorizer: per-token answers were built for ${missing.join(", ")}, which the API lacks; run npm run build -- --cache-scope token --openapi FILE with a document of this API`,
          ]
        : []),
      ...(CfnRestApi.isCfnRestApi(template) && Stack.of(api).resolve(template.policy) !== undefined
        ? [
            "PolicyAuthorizer: per-token answers are not for APIs with a resource policy; run npm run build without --cache-scope token",
          ]
        : []),
    ];
  }
}

/** What `addCorsPreflight` makes: answered by API Gateway itself. */
export function isPreflight(method: CfnResource): boolean {
  const { HttpMethod, Integration } = templateOf(method);
  return HttpMethod === "OPTIONS" && Object(Integration).Type === "MOCK";
}
