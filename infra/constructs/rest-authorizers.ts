import type { CfnResource } from "aws-cdk-lib";
import { CfnAuthorizer } from "aws-cdk-lib/aws-apigateway";
import type { CfnPermission } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { findAuthorizer, unknownRoute } from "../../analysis/cache/route-authorizer.ts";
import type { CacheContract } from "../../contract/manifest.ts";
import { nameOfRoute } from "../../contract/route.ts";
import { formatTokenSources, type TokenSource } from "../../contract/token-source.ts";
import type { PublicRoutes } from "../../openapi/public-operations.ts";
import { findDefinitionProperties, isApiResource, NOT_VISIBLE, type RestApiOfApp } from "./apis.ts";
import { toAuthorizerScope } from "./authorizers-in-stacks.ts";
import { type AuthorizerCaching, formatIdentitySources } from "./caching.ts";
import type { InvokedAlias } from "./deployment-aliases.ts";
import { addToDeployments } from "./deployments.ts";
import { allowInvocation } from "./invoke-permission.ts";
import { markAuthorizer, routeOfMethod } from "./of-any-copy.ts";
import { PublicMethods } from "./public-methods.ts";
import { toSynthesisError } from "./synthesis-error.ts";
import { formatValue, readProperty, templateOf, writeProperty } from "./template.ts";
import { visitResourcesOf } from "./visit-resources.ts";

/** A REST API, and how its methods are authorized. */
export interface RestAuthorizersProps {
  readonly api: RestApiOfApp;
  readonly alias: InvokedAlias;
  readonly contract: CacheContract;
  readonly caching: ReadonlyMap<string, AuthorizerCaching>;
  readonly type: "REQUEST" | "TOKEN";
  readonly tokenSources: readonly TokenSource[];
  readonly publicRoutes: PublicRoutes;
}

/** Gives every method of a REST API the authorizer of its cache class, including methods that are added later. */
export class RestAuthorizers extends Construct {
  readonly #props: RestAuthorizersProps;
  readonly #authorizers = new Map<string, CfnAuthorizer>();
  readonly #methods: PublicMethods;
  readonly #permission: CfnPermission;
  readonly #routes = new Set<string>();
  #api: CfnResource | undefined;
  #hasMethod = false;

  constructor(scope: Construct, id: string, props: RestAuthorizersProps) {
    super(scope, id);
    this.#props = props;
    this.#methods = new PublicMethods(props.publicRoutes);
    const { api, alias, contract, caching, type, publicRoutes } = props;
    this.#permission = allowInvocation(this, alias, api.restApiId);
    // A deployment's identity does not include the authorizers that its methods get here.
    addToDeployments(api, {
      routes: contract.routes,
      caching: [...caching.values()],
      type,
      tokenSource: formatTokenSources(props.tokenSources),
      authorizerUri: alias.uri,
      ...(publicRoutes.publicRules.length > 0 && { publicRoutes }),
    });
    visitResourcesOf(api, (resource) => this.#visit(resource));
    this.node.addValidation({ validate: () => this.#checkVisibility() });
    this.node.addValidation({
      validate: () => this.#methods.findErrors().map((line) => `PolicyAuthorizer: ${props.api.node.path}: ${line}`),
    });
    if (contract.token_documents !== undefined)
      this.node.addValidation({ validate: () => this.#findTokenDocumentErrors() });
  }

  #visit(resource: CfnResource): void {
    if (isApiResource(resource)) this.#api = resource;
    if (resource.cfnResourceType !== "AWS::ApiGateway::Method") return;
    const route = routeOfMethod(resource);
    if (isPreflight(resource)) {
      if (route !== undefined) this.#routes.add(nameOfRoute({ verb: "OPTIONS", path: route.path }));
      return;
    }
    this.#hasMethod = true;
    if (route === undefined) {
      const cause = `the path of ${resource.node.path} is not visible at synthesis, so no authorizer can be chosen; make the method with addMethod, or describe the API by an OpenAPI document`;
      throw toSynthesisError(this, "PolicyAuthorizer", cause);
    }
    this.#authorize(resource, route.verb, route.path);
  }

  #authorize(method: CfnResource, verb: string, path: string): void {
    this.#routes.add(nameOfRoute({ verb, path }));
    const type = readProperty(method, "AuthorizationType") ?? "NONE";
    if (this.#methods.add(method, { verb, path }, type)) return;
    if (type === "AWS_IAM") return;
    if (type !== "NONE") {
      const cause = `${verb} ${path} has another authorizer (${formatValue(type)}); remove it, or move the method to another REST API`;
      throw toSynthesisError(this, "PolicyAuthorizer", cause);
    }
    const name = findAuthorizer(this.#props.contract, verb, path);
    if (name === undefined) throw toSynthesisError(this, "PolicyAuthorizer", unknownRoute(verb, path));
    writeProperty(method, "AuthorizationType", "CUSTOM");
    writeProperty(method, "AuthorizerId", this.#authorizerOf(name, method).ref);
  }

  /**
   * Finds or creates an authorizer. It is created when a method needs it, since an API may have ten authorizers only.
   *
   * Each contract has its own: an authorizer that changed would keep its cache, where values of the old key could be found
   * under the new one.
   */
  #authorizerOf(name: string, method: CfnResource): CfnAuthorizer {
    const { api, alias, caching, type, tokenSources } = this.#props;
    const { scope, suffix } = toAuthorizerScope(this, method);
    const deployedName = `${name}-${alias.contractId}${suffix}`;
    const found = this.#authorizers.get(deployedName);
    if (found !== undefined) return found;
    const own = caching.get(name) ?? { name, ttlS: 0, keyParts: ["token"] };
    const identitySources = formatIdentitySources("rest", own, tokenSources);
    const authorizer = new CfnAuthorizer(scope, deployedName, {
      name: deployedName,
      restApiId: api.restApiId,
      type,
      authorizerUri: alias.uri,
      ...(identitySources.length > 0 && { identitySource: identitySources.join(",") }),
      // Without a TTL, API Gateway would cache for 300 seconds.
      authorizerResultTtlInSeconds: own.ttlS,
    });
    markAuthorizer(authorizer, alias);
    authorizer.node.addDependency(alias.resource, this.#permission);
    this.#authorizers.set(deployedName, authorizer);
    return authorizer;
  }

  /** Reports an imported API, or one made from a document: no method of it would have the authorizer, and nobody would notice. */
  #checkVisibility(): string[] {
    const { api } = this.#props;
    return this.#hasMethod && (this.#api === undefined || findDefinitionProperties(this.#api).length === 0)
      ? []
      : [`PolicyAuthorizer: ${api.node.path}: ${NOT_VISIBLE}`];
  }

  /** Reports routes that the API lacks: per-token policy documents are exact only for the routes that they were built for. */
  #findTokenDocumentErrors(): string[] {
    const { contract } = this.#props;
    const declared = contract.routes.map(nameOfRoute).filter((name) => !name.startsWith("CONNECT"));
    const missing = declared.filter((name) => !this.#routes.has(name));
    return missing.length > 0
      ? [
          `PolicyAuthorizer: per-token policy documents were built for ${missing.join(", ")}, which the API lacks; run rego-authorizer build --cache-scope token --openapi FILE with a document of this API`,
        ]
      : [];
  }
}

/** Tells whether a method is a preflight as `addCorsPreflight` makes it, which API Gateway answers itself. */
function isPreflight(method: CfnResource): boolean {
  return readProperty(method, "HttpMethod") === "OPTIONS" && Object(templateOf(method)["Integration"]).Type === "MOCK";
}
