import type { CfnResource } from "aws-cdk-lib";
import { CfnAuthorizer } from "aws-cdk-lib/aws-apigateway";
import { Construct, type IConstruct } from "constructs";
import { findAuthorizer, unknownRoute } from "../../analysis/cache/route-authorizer.ts";
import type { CacheContract } from "../../contract/manifest.ts";
import { HOW_TO_KEEP } from "../../contract/method-selection.ts";
import { CLOSED_BY_POLICY, closesByPolicy } from "../../contract/resource-policy.ts";
import { nameOfRoute } from "../../contract/route.ts";
import { formatTokenSources, type TokenSource } from "../../contract/token-source.ts";
import type { PublicRoutes } from "../../openapi/public-operations.ts";
import type { Place } from "./api-configurations.ts";
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
export interface RestAuthorizersProps extends Pick<Place, "attachments" | "attachment"> {
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
  readonly #home: Construct;
  readonly #methods: PublicMethods;
  readonly #permission: IConstruct;
  readonly #routes = new Set<string>();
  #api: CfnResource | undefined;
  #hasMethod = false;

  constructor(scope: Construct, id: string, props: RestAuthorizersProps) {
    super(scope, id);
    this.#props = props;
    this.#methods = new PublicMethods(props.publicRoutes);
    const { api, alias, contract, caching, type, attachments, attachment, publicRoutes } = props;
    this.#home = attachments.home(this);
    this.#permission = allowInvocation(this.#home, alias, api.restApiId);
    const { kind, entries } = attachment.selection;
    // A deployment's identity does not include the authorizers that its methods get here.
    addToDeployments(api, {
      routes: contract.routes,
      caching: [...caching.values()],
      type,
      tokenSource: formatTokenSources(props.tokenSources),
      authorizerUri: alias.uri,
      ...(kind !== "all" && { methods: [kind, ...entries] }),
      ...(publicRoutes.publicRules.length > 0 && { publicRoutes }),
    });
    visitResourcesOf(api, (resource) => this.#visit(resource));
    this.node.addValidation({ validate: () => this.#checkVisibility() });
    this.node.addValidation({ validate: () => this.#findPolicyErrors() });
    this.node.addValidation({ validate: () => attachment.findErrors().map((error) => `PolicyAuthorizer: ${error}`) });
    this.node.addValidation({
      validate: () => this.#methods.findErrors().map((line) => `PolicyAuthorizer: ${api.node.path}: ${line}`),
    });
    if (contract.token_documents !== undefined && attachment.mode === "enforce")
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
    const { attachment } = this.#props;
    this.#routes.add(nameOfRoute({ verb, path }));
    const type = readProperty(method, "AuthorizationType") ?? "NONE";
    if (this.#methods.add(method, { verb, path }, type)) {
      attachment.leaves({ verb, path }, "public");
      return;
    }
    if (type === "AWS_IAM") {
      attachment.leaves({ verb, path }, "iam");
      return;
    }
    if (type !== "NONE" && !attachment.isAttached(method)) {
      if (attachment.keeps(method, { verb, path })) return;
      const cause = `${verb} ${path} has another authorizer (${formatValue(type)}); ${HOW_TO_KEEP}`;
      throw toSynthesisError(this.#home, "PolicyAuthorizer", cause);
    }
    if (!attachment.takes(method, { verb, path })) return;
    if (attachment.mode === "report") {
      writeProperty(method, "AuthorizationType", "CUSTOM");
      writeProperty(method, "AuthorizerId", this.#authorizerOf("report", method).ref);
      return;
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
  #authorizerOf(name: string, method: CfnResource): CfnResource {
    const { api, alias, caching, type, tokenSources, attachments, attachment, publicRoutes } = this.#props;
    const { scope, suffix } = toAuthorizerScope(this.#home, method);
    const deployedName = `${name}-${alias.contractId}${suffix}`;
    const own = caching.get(name) ?? { name, ttlS: 0, keyParts: ["token"] };
    // With an identity source, API Gateway would refuse a request without a token, which a report-only API lets through.
    const identitySources = attachment.mode === "report" ? [] : formatIdentitySources("rest", own, tokenSources);
    return attachments.authorizer(deployedName, { own, type }, () => {
      const authorizer = new CfnAuthorizer(scope, deployedName, {
        name: deployedName,
        restApiId: api.restApiId,
        type,
        authorizerUri: alias.uri,
        ...(identitySources.length > 0 && { identitySource: identitySources.join(",") }),
        // Without a TTL, API Gateway would cache for 300 seconds.
        authorizerResultTtlInSeconds: own.ttlS,
      });
      markAuthorizer(authorizer, alias, publicRoutes);
      authorizer.node.addDependency(alias.resource, this.#permission);
      return authorizer;
    });
  }

  /** Reports an imported API, or one made from a document: no method of it would have the authorizer, and nobody would notice. */
  #checkVisibility(): string[] {
    const { api } = this.#props;
    return this.#hasMethod && (this.#api === undefined || findDefinitionProperties(this.#api).length === 0)
      ? []
      : [`PolicyAuthorizer: ${api.node.path}: ${NOT_VISIBLE}`];
  }

  /** Reports a resource policy, whose silence the Allow of a report-only authorizer would turn into 200. */
  #findPolicyErrors(): string[] {
    const { api, attachment } = this.#props;
    const policy = this.#api === undefined ? undefined : templateOf(this.#api)["Policy"];
    return attachment.mode === "report" && closesByPolicy(policy)
      ? [`PolicyAuthorizer: ${api.node.path} ${CLOSED_BY_POLICY}`]
      : [];
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
