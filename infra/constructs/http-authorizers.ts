import type { CfnResource } from "aws-cdk-lib";
import { CfnAuthorizer } from "aws-cdk-lib/aws-apigatewayv2";
import { Construct, type IConstruct } from "constructs";
import { findAuthorizer, unknownRoute } from "../../analysis/cache/route-authorizer.ts";
import { BASE_CACHE_KEY } from "../../contract/cache-key.ts";
import type { CacheContract } from "../../contract/manifest.ts";
import { HOW_TO_KEEP } from "../../contract/method-selection.ts";
import type { TokenSource } from "../../contract/token-source.ts";
import type { PublicRoutes } from "../../openapi/public-operations.ts";
import type { Place } from "./api-configurations.ts";
import { findDefinitionProperties, isApiResource, NOT_VISIBLE, type V2ApiOfApp } from "./apis.ts";
import { toAuthorizerScope } from "./authorizers-in-stacks.ts";
import { type AuthorizerCaching, formatIdentitySources } from "./caching.ts";
import type { InvokedAlias } from "./deployment-aliases.ts";
import { allowInvocation } from "./invoke-permission.ts";
import { markAuthorizer } from "./of-any-copy.ts";
import { isOpenPreflight, leavePreflight } from "./open-preflights.ts";
import { PublicMethods } from "./public-methods.ts";
import { toSynthesisError } from "./synthesis-error.ts";
import { formatValue, readProperty, writeProperty } from "./template.ts";
import { visitResourcesOf } from "./visit-resources.ts";

/** An HTTP API, and how its routes are authorized. */
export interface HttpAuthorizersProps extends Pick<Place, "attachments" | "attachment"> {
  readonly api: V2ApiOfApp;
  readonly alias: InvokedAlias;
  readonly contract: CacheContract;
  readonly caching: ReadonlyMap<string, AuthorizerCaching>;
  readonly tokenSources: readonly TokenSource[];
  readonly publicRoutes: PublicRoutes;
  readonly response: "iam" | "simple";
}

/**
 * Gives every route of an HTTP API the authorizer of its cache class, including routes that are added later.
 *
 * It does not use `HttpLambdaAuthorizer`, which needs payload 1.0 for responses that are policy documents.
 */
export class HttpAuthorizers extends Construct {
  readonly #props: HttpAuthorizersProps;
  readonly #home: Construct;
  readonly #methods: PublicMethods;
  readonly #permission: IConstruct;
  #api: CfnResource | undefined;
  #hasRoute = false;

  constructor(scope: Construct, id: string, props: HttpAuthorizersProps) {
    super(scope, id);
    this.#props = props;
    const { attachment, attachments } = props;
    this.#methods = new PublicMethods(props.publicRoutes);
    this.#home = attachments.home(this);
    this.#permission = allowInvocation(this.#home, props.alias, props.api.apiId);
    visitResourcesOf(props.api, (resource) => this.#visit(resource));
    this.node.addValidation({ validate: () => this.#checkVisibility() });
    this.node.addValidation({ validate: () => attachment.findErrors().map((error) => `PolicyAuthorizer: ${error}`) });
    this.node.addValidation({
      validate: () => this.#methods.findErrors().map((line) => `PolicyAuthorizer: ${props.api.node.path}: ${line}`),
    });
  }

  #visit(resource: CfnResource): void {
    if (isApiResource(resource)) this.#api = resource;
    if (resource.cfnResourceType !== "AWS::ApiGatewayV2::Route") return;
    this.#hasRoute = true;
    const key = String(readProperty(resource, "RouteKey"));
    const type = readProperty(resource, "AuthorizationType") ?? "NONE";
    const { contract, attachment } = this.#props;
    const [verb = "", path = ""] = key.split(" ");
    if (key.includes(" ") && this.#methods.add(resource, { verb, path }, type)) {
      attachment.leaves({ verb, path }, "public");
      return;
    }
    if (type === "AWS_IAM") {
      attachment.leaves({ verb, path }, "iam");
      return;
    }
    if (type !== "NONE" && !attachment.isAttached(resource)) {
      if (attachment.keeps(resource, { verb, path })) return;
      const cause = `the route ${key} has another authorizer (${formatValue(type)}); ${HOW_TO_KEEP}`;
      throw toSynthesisError(this.#home, "PolicyAuthorizer", cause);
    }
    if (findAuthorizer(contract, verb, path) === undefined && isOpenPreflight(resource, verb)) {
      leavePreflight(resource, key);
      return;
    }
    // Such a route has no backend. The API's CORS configuration answers preflights without a route.
    const isPreflight = verb === "OPTIONS" && readProperty(resource, "Target") === undefined;
    if (isPreflight && (attachment.mode === "report" || findName(contract, verb, path) === undefined)) return;
    if (!attachment.takes(resource, { verb, path })) return;
    if (attachment.mode === "report") {
      writeProperty(resource, "AuthorizationType", "CUSTOM");
      writeProperty(resource, "AuthorizerId", this.#authorizerOf("report", resource).ref);
      return;
    }
    if (key === "$default") {
      const cause =
        "a policy can't name the route $default, since it has no path; replace it by ANY /{proxy+} and ANY /";
      throw toSynthesisError(this, "PolicyAuthorizer", cause);
    }
    const name = findName(contract, verb, path);
    if (name === undefined) throw toSynthesisError(this, "PolicyAuthorizer", unknownRoute(verb, path));
    writeProperty(resource, "AuthorizationType", "CUSTOM");
    writeProperty(resource, "AuthorizerId", this.#authorizerOf(name, resource).ref);
  }

  /** Reports an imported API, or one made from a document: no route of it would have the authorizer, and nobody would notice. */
  #checkVisibility(): string[] {
    const { api } = this.#props;
    return this.#hasRoute && (this.#api === undefined || findDefinitionProperties(this.#api).length === 0)
      ? []
      : [`PolicyAuthorizer: ${api.node.path}: ${NOT_VISIBLE}`];
  }

  /**
   * Finds or creates an authorizer. Each contract has its own, since API Gateway deploys every change of an HTTP API at once:
   * a route gets a new cache key and a new alias in one step, by naming another authorizer.
   */
  #authorizerOf(name: string, route: CfnResource): CfnResource {
    const { api, alias, caching, response, tokenSources, attachments, attachment, publicRoutes } = this.#props;
    const { scope, suffix } = toAuthorizerScope(this.#home, route);
    const deployedName = `${name}-${alias.contractId}${suffix}`;
    const own = caching.get(name) ?? { name, ttlS: 0, keyParts: ["token"] };
    const isCachingElsewhere = own.ttlS === 0 && [...caching.values()].some(({ ttlS }) => ttlS > 0);
    // If the API caches any response, the Lambda expects the whole cache key in every event.
    const shown = isCachingElsewhere ? { ...own, keyParts: BASE_CACHE_KEY.http } : own;
    // With an identity source, API Gateway would refuse a request without a token, which a report-only API lets through.
    const identitySources = attachment.mode === "report" ? [] : formatIdentitySources("http", shown, tokenSources);
    return attachments.authorizer(deployedName, { own, identitySources }, () => {
      const authorizer = new CfnAuthorizer(scope, deployedName, {
        name: deployedName,
        apiId: api.apiId,
        authorizerType: "REQUEST",
        authorizerUri: alias.uri,
        authorizerPayloadFormatVersion: "2.0",
        enableSimpleResponses: response === "simple",
        ...(identitySources.length > 0 && { identitySource: [...identitySources] }),
        authorizerResultTtlInSeconds: own.ttlS,
      });
      markAuthorizer(authorizer, alias, publicRoutes);
      authorizer.node.addDependency(alias.resource, this.#permission);
      return authorizer;
    });
  }
}

/** Finds the authorizer of a route. A method that ANY stands for, too, may have a route of its own for preflights. */
function findName(contract: CacheContract, verb: string, path: string): string | undefined {
  return (
    findAuthorizer(contract, verb, path) ?? (verb === "OPTIONS" ? findAuthorizer(contract, "ANY", path) : undefined)
  );
}
