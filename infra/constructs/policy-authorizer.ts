import { Lazy } from "aws-cdk-lib";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { LogGroup } from "aws-cdk-lib/aws-logs";
import { Construct, type IConstruct } from "constructs";
import { toCacheContractVariable, toConfiguration, toSettings } from "../../analysis/cache/settings.ts";
import type { Dist } from "../../build/package/dist.ts";
import { type Api, type CachingApi, hasKind, showsCacheKey } from "../../contract/api-kinds.ts";
import { BASE_CACHE_KEY } from "../../contract/cache-key.ts";
import type { ApiConfiguration } from "../../contract/contract-id.ts";
import {
  findUnusableSources,
  formatTokenSources,
  parseTokenSources,
  type TokenSource,
} from "../../contract/token-source.ts";
import type { RaisedQuotas } from "../../gateway-rules/rule.ts";
import { checkDocument } from "../../openapi/check-document.ts";
import { findGatewayErrors } from "../../openapi/gateway-errors.ts";
import { toEdits, withEdits } from "../../openapi/secure-document.ts";
import { toApiName } from "./api-name.ts";
import type { RestApiOfApp, V2ApiOfApp } from "./apis.ts";
import { AuthorizerAlarms } from "./authorizer-alarms.ts";
import { AuthorizerFunction } from "./authorizer-function.ts";
import { AuthorizerRelease } from "./authorizer-release.ts";
import { builtFor } from "./built-policy.ts";
import {
  type AuthorizerCaching,
  type CachingProps,
  formatIdentitySources,
  type NamedApi,
  resolveCaching,
} from "./caching.ts";
import { DeploymentAliases, type InvokedAlias } from "./deployment-aliases.ts";
import { describeDeployment } from "./deployment-description.ts";
import { addToDeployments } from "./deployments.ts";
import { checkEnvironment, checkGatewayRules } from "./gateway-check.ts";
import { HttpAuthorizers } from "./http-authorizers.ts";
import { allowInvocation } from "./invoke-permission.ts";
import { LogMetrics } from "./log-metrics.ts";
import { checkKeySource, checkKeySourceOf, toPassedOnVariables } from "./passed-on.ts";
import type { PolicyAuthorizerProps, RestAttachment } from "./policy-authorizer-props.ts";
import { RestAuthorizers } from "./rest-authorizers.ts";
import { toSynthesisError } from "./synthesis-error.ts";
import { checkTokenType, NO_CACHE, toTokenCaching } from "./token-caching.ts";
import { toTrustedIssuersVariable } from "./trusted-issuers.ts";
import { prepareVisits } from "./visit-resources.ts";
import { WebSocketAuthorizer } from "./websocket-authorizer.ts";
import { attributesAmong, decidingAttributes, findWritable } from "./writable-claims.ts";

const KIND = "PolicyAuthorizer";

/** The Lambda authorizer, deployed as it was built, and the authorizers of the APIs that invoke it. */
export class PolicyAuthorizer extends Construct {
  /** The function. APIs invoke its aliases. */
  readonly lambda: IFunction;
  /** The aliases by which APIs invoke the function. */
  readonly aliases: DeploymentAliases;
  readonly functionName: string;
  /** The decision log. */
  readonly logGroup: LogGroup;
  readonly alarms: AuthorizerAlarms | undefined;
  /** The revision of the policy. */
  readonly revision: string;
  readonly dist: Dist;
  /** The places of the token in a request, of which exactly one has it. */
  readonly tokenSources: readonly TokenSource[];
  readonly #httpResponse: "iam" | "simple";
  readonly #hasUsageKey: boolean;
  readonly #raisedQuotas: RaisedQuotas;
  readonly #generation: number | undefined;
  readonly #caching = new Set<CachingApi>();
  /** The aliases of documents, which are made before their APIs. */
  readonly #ofDocuments: { readonly api: CachingApi; readonly apiName: string; readonly alias: InvokedAlias }[] = [];
  #metrics: LogMetrics | undefined;

  constructor(scope: Construct, id: string, props: PolicyAuthorizerProps) {
    super(scope, id);
    prepareVisits(this);
    const { trustedIssuers, httpResponse = "iam", release, unqualifiedContract } = props;
    this.dist = builtFor(this, KIND, props.distPath);
    this.revision = this.dist.manifest.revision;
    this.tokenSources = this.#readTokenSources(props.tokenSource);
    this.#httpResponse = httpResponse;
    this.#hasUsageKey = props.usageKeyClaim !== undefined;
    this.#raisedQuotas = props.raisedQuotas ?? {};
    this.#generation = props.contractGeneration;
    this.#check(props);
    const variable = toTrustedIssuersVariable(this, KIND, trustedIssuers, this.dist);
    const { lambda, logGroup } = new AuthorizerFunction(
      this,
      "Function",
      this.dist.authorizerPath,
      {
        ...(variable !== undefined && { TRUSTED_ISSUERS: variable }),
        CACHE_CONTRACT: Lazy.string({ produce: () => this.#toContractVariable() }),
        API_CONTRACTS: Lazy.string({ produce: () => this.aliases.toVariable() }),
        ...(unqualifiedContract !== undefined && { UNQUALIFIED_CONTRACT: unqualifiedContract }),
        TOKEN_SOURCE: formatTokenSources(this.tokenSources),
        HTTP_RESPONSE: httpResponse,
        // The network of `vpc` has no way out, so that a fetch could only fail.
        ...(props.vpc && { KEYS: "packed" }),
        ...toPassedOnVariables(this, KIND, props, this.dist.manifest.input_references),
        ...(props.maxTokenLifetime && { MAX_TOKEN_LIFETIME_S: String(props.maxTokenLifetime.toSeconds()) }),
        ...(props.clockTolerance && { CLOCK_TOLERANCE_S: String(props.clockTolerance.toSeconds()) }),
      },
      props,
    );
    checkEnvironment(lambda, KIND);
    this.logGroup = logGroup;
    this.functionName = lambda.functionName;
    // Without alarms nobody would watch while CodeDeploy moves traffic.
    const watched = props.alarms ?? (release && {});
    const version = release && lambda.currentVersion.version;
    this.alarms = watched && new AuthorizerAlarms(this, "Alarms", lambda, this.metrics, watched, version);
    const alarms = this.alarms?.rollBack(release?.urgent === true) ?? [];
    const groups = release && new AuthorizerRelease(this, "Release", alarms, release);
    const provisioned = release?.provisionedConcurrentExecutions;
    // CloudFormation's message about an alias that exists names its logical id, and this is what helps then.
    this.aliases = new DeploymentAliases(this, "IfAliasExistsRaiseContractGeneration", lambda, provisioned, (alias) =>
      groups?.add(alias),
    );
    // The library's classes and interface differ under exactOptionalPropertyTypes.
    this.lambda = lambda as IFunction;
    const aliases = () => this.aliases.all().map(({ aliasName }) => aliasName);
    describeDeployment(this, { lambda, dist: this.dist, commit: props.commit, aliases });
  }

  /** The metrics that are counted from the log. Metrics have a price, so none is counted before it is used. */
  get metrics(): LogMetrics {
    this.#metrics ??= new LogMetrics(this, "Metrics", this.logGroup, this.functionName);
    return this.#metrics;
  }

  /**
   * Gives every method of a REST API an authorizer that invokes the Lambda, including methods that are added later. Preflights
   * and methods with IAM authorization stay as they are.
   */
  attachToRestApi(api: RestApiOfApp, props: RestAttachment = {}): void {
    const { type = "REQUEST" } = props;
    const contract = this.dist.manifest.cache_contract;
    const isToken = type === "TOKEN";
    this.#checkTokenSources("rest");
    if (isToken) checkTokenType(this, contract, this.tokenSources, props);
    // The cache key of a TOKEN authorizer is the token alone, so only a per-token policy document may be cached under it.
    const requested = isToken && contract.token_documents === undefined ? NO_CACHE : props;
    const all = this.#resolveCaching("rest", requested);
    const caching = isToken ? toTokenCaching(all, contract) : all;
    const scope = this.#scopeOf(api, "rest");
    new RestAuthorizers(scope, KIND, {
      api,
      alias: this.#aliasOf(api, props, this.#configure("rest", toKeys(caching), type)),
      contract,
      caching,
      type,
      tokenSources: this.tokenSources,
    });
  }

  /**
   * Gives every route of an HTTP API an authorizer that invokes the Lambda, including routes that are added later. Routes with
   * IAM authorization stay as they are.
   */
  attachToHttpApi(api: V2ApiOfApp, props: CachingProps = {}): void {
    const caching = this.#resolveCaching("http", props);
    const scope = this.#scopeOf(api, "http");
    new HttpAuthorizers(scope, KIND, {
      api,
      alias: this.#aliasOf(api, props, this.#configure("http", toKeys(caching))),
      contract: this.dist.manifest.cache_contract,
      caching,
      tokenSources: this.tokenSources,
      response: this.#httpResponse,
    });
  }

  /** Gives `$connect` of a WebSocket API an authorizer that invokes the Lambda for every connection. */
  attachToWebSocketApi(api: V2ApiOfApp, props: NamedApi = {}): void {
    this.#checkTokenSources("websocket");
    const scope = this.#scopeOf(api, "websocket");
    const alias = this.#aliasOf(api, props, this.#configure("websocket", new Map()));
    new WebSocketAuthorizer(scope, KIND, { api, alias, tokenSources: this.tokenSources });
  }

  /**
   * Copies an OpenAPI document and writes the authorizers into the copy, for `ApiDefinition.fromInline` or the `body` of a
   * `CfnApi`. Call {@link allow} with the API afterwards.
   */
  secure(document: unknown, api: CachingApi, props: CachingProps = {}): object {
    if (!this.#hasUsageKey) checkKeySourceOf(document, this, KIND);
    const resolved = this.#resolveCaching(api, props);
    const caching = [...resolved.values()];
    const contract = this.dist.manifest.cache_contract;
    const isCaching = caching.some(({ ttlS }) => ttlS > 0);
    const alias = this.#aliasOfDocument(api, props, this.#configure(api, toKeys(resolved)));
    const { edits, errors, open } = toEdits(document, {
      contract,
      api,
      settings: caching.map(({ name, ttlS, keyParts }) => {
        // If the API caches any response, the Lambda expects the whole cache key in events that show it.
        const isShown = showsCacheKey(api) && ttlS === 0 && isCaching;
        const shown = { name, ttlS, keyParts: isShown ? BASE_CACHE_KEY[api] : keyParts };
        return { name, ttlS, identitySources: formatIdentitySources(api, shown, this.tokenSources) };
      }),
      tokenSources: this.tokenSources,
      authorizerUri: alias.uri,
      contractId: alias.contractId,
      isSimple: this.#httpResponse === "simple",
    });
    const all = [
      ...errors,
      ...findGatewayErrors(document, api).errors,
      ...open.map((name) => `${name} has an empty security, which opens it to everybody; leave it out`),
    ];
    if (all.length > 0) throw toSynthesisError(this, KIND, all.join("\n"));
    return withEdits(document, edits);
  }

  /** Checks a document that has authorizers already. Call {@link allow} with its API afterwards. */
  check(document: unknown, api: CachingApi, props: NamedApi = {}): void {
    if (!this.#hasUsageKey) checkKeySourceOf(document, this, KIND);
    this.#checkTokenSources(api);
    const contract = this.dist.manifest.cache_contract;
    const { errors, isCaching, uris } = checkDocument(
      document,
      contract,
      toSettings(contract, api, 1, this.tokenSources),
    );
    if (isCaching) this.#addCaching(api);
    const cached = toConfiguration(contract, api, isCaching ? 1 : 0, this.tokenSources).authorizers;
    const { aliasName } = this.#aliasOfDocument(api, props, this.#configure(api, cached));
    // A URI that is a variable of the document is known at deployment only.
    const others = uris.filter((uri) => uri.includes("/invocations") && !uri.includes(`:${aliasName}/invocations`));
    const all = [
      ...errors,
      ...findGatewayErrors(document, api).errors,
      ...others.map(
        (uri) =>
          `the authorizerUri ${uri} does not name the alias ${aliasName}, which says how the API caches responses; let it end in :${aliasName}/invocations`,
      ),
    ];
    if (all.length > 0) throw toSynthesisError(this, KIND, all.join("\n"));
  }

  /**
   * Lets an API that was made from a document invoke the Lambda: by the alias of the document that was secured or checked with this
   * `apiName`, or by the aliases of all documents of its kind of API.
   */
  allow(api: RestApiOfApp | V2ApiOfApp, { apiName }: NamedApi = {}): void {
    const scope = new Construct(this.#scopeOf(api, "apiId" in api ? "http" : "rest"), KIND);
    const aliases = this.#ofDocuments.filter(
      (one) => (one.api === "rest") === "restApiId" in api && (apiName === undefined || one.apiName === apiName),
    );
    if (aliases.length === 0) {
      const cause = `${api.node.path} is allowed before a document of it was secured or checked; call secure() or check() first`;
      throw toSynthesisError(this, KIND, cause);
    }
    const apiId = "apiId" in api ? api.apiId : api.restApiId;
    const permissions = aliases.map(({ alias }) => allowInvocation(scope, alias, apiId));
    const resources = aliases.map(({ alias }) => alias.resource);
    api.node.addDependency(...resources);
    if ("restApiId" in api)
      addToDeployments(
        api,
        aliases.map(({ alias }) => alias.uri),
        permissions,
      );
  }

  /** Describes everything that API Gateway is configured with for an API, and that responses rely on. */
  #configure(
    api: Api,
    authorizers: ApiConfiguration["authorizers"],
    type: "REQUEST" | "TOKEN" = "REQUEST",
  ): ApiConfiguration {
    const { id, token_documents: documents } = this.dist.manifest.cache_contract;
    return {
      ...{ cacheContract: id, api, type, generation: this.#generation },
      response: api === "http" ? this.#httpResponse : "iam",
      hasUsageKey: api === "rest" && this.#hasUsageKey,
      cacheScope: api === "rest" && documents !== undefined ? "token" : "request",
      tokenSources: this.tokenSources,
      authorizers,
    };
  }

  #aliasOf(api: IConstruct, { apiName }: NamedApi, configuration: ApiConfiguration): InvokedAlias {
    return this.aliases.add(apiName ?? toApiName(api, this), configuration, api.node.path);
  }

  #aliasOfDocument(api: CachingApi, { apiName }: NamedApi, configuration: ApiConfiguration): InvokedAlias {
    const name = apiName ?? api;
    const alias = this.aliases.add(name, configuration, `the document of ${name}`);
    this.#ofDocuments.push({ api, apiName: name, alias });
    return alias;
  }

  #resolveCaching(api: CachingApi, props: CachingProps): ReadonlyMap<string, AuthorizerCaching> {
    this.#checkTokenSources(api);
    const caching = resolveCaching(this, this.dist.manifest.cache_contract, api, props, this.tokenSources);
    if ([...caching.values()].some(({ ttlS }) => ttlS > 0)) this.#addCaching(api);
    return caching;
  }

  #addCaching(api: CachingApi): void {
    if (hasKind(api, ({ hasSimpleResponse }) => hasSimpleResponse) && this.#httpResponse === "simple") {
      const cause =
        "a cached simple response would open every route to its token; leave the TTL out, or set httpResponse to iam";
      throw toSynthesisError(this, KIND, cause);
    }
    this.#caching.add(api);
  }

  #toContractVariable(): string {
    return toCacheContractVariable(this.dist.manifest.cache_contract, [...this.#caching].sort().reverse(), undefined);
  }

  #readTokenSources(text: string | undefined): readonly TokenSource[] {
    const sources = parseTokenSources(text, "tokenSource");
    if (!sources.ok) throw toSynthesisError(this, KIND, sources.error);
    return sources.value;
  }

  #checkTokenSources(api: Api): void {
    const unusable = findUnusableSources(api, this.tokenSources);
    if (unusable !== undefined) throw toSynthesisError(this, KIND, `tokenSource: ${unusable}`);
  }

  #check(props: PolicyAuthorizerProps): void {
    const { trustedIssuers, acknowledgeWritableClaimsOfPacked, vpc, usageKeyClaim, unqualifiedContract } = props;
    if (vpc !== undefined && !this.dist.hasKeySets) {
      const cause =
        "in a VPC without outbound access the Lambda can't fetch key sets, and dist/ has none; run KEY_SETS=FILE rego-authorizer build";
      throw toSynthesisError(this, KIND, cause);
    }
    const { id } = this.dist.manifest.cache_contract;
    if (unqualifiedContract !== undefined && unqualifiedContract !== id) {
      const cause =
        `unqualifiedContract is not ${id}, the cache contract of dist/; authorizers that are deployed may cache what this policy does not ` +
        "allow. Deploy the policy that is deployed now with this version first, and change it afterwards";
      throw toSynthesisError(this, KIND, cause);
    }
    const deciding = decidingAttributes(this.dist.manifest.input_references);
    // Who can write the claim with the API key can use another's quota.
    const attributes = [
      ...new Set([...deciding, ...attributesAmong(usageKeyClaim === undefined ? [] : [usageKeyClaim])]),
    ];
    if (this.dist.packedIssuers !== undefined && attributes.length > 0 && acknowledgeWritableClaimsOfPacked !== true) {
      const cause =
        `the policy decides on ${attributes.join(", ")}, and it is not visible at synthesis whether users of the issuers that the build ` +
        "has packed can write them; check WriteAttributes and self sign-up, then set acknowledgeWritableClaimsOfPacked";
      throw toSynthesisError(this, KIND, cause);
    }
    // The check runs at the end of synthesis, since clients can change until then.
    const find = () =>
      trustedIssuers.flatMap((issuer) => ("userPool" in issuer ? findWritable(this, issuer, attributes) : []));
    const validate = () => [...new Set(find())].map((line) => `${KIND}: ${line}`);
    this.node.addValidation({ validate });
  }

  /** Creates authorizers in the API's stack, so that the Lambda's stack does not depend on it. */
  #scopeOf(api: IConstruct, kind: Api): Construct {
    if (api.node.tryFindChild(KIND) !== undefined)
      throw toSynthesisError(this, KIND, `${api.node.path} has a PolicyAuthorizer already; attach or allow it once`);
    if (!this.#hasUsageKey) checkKeySource(api, KIND);
    checkGatewayRules(api, KIND, kind, this.#raisedQuotas);
    return api as Construct;
  }
}

/** Lists the cache keys of authorizers; undefined for one that caches nothing. */
function toKeys(caching: ReadonlyMap<string, AuthorizerCaching>): ApiConfiguration["authorizers"] {
  return new Map([...caching].map(([name, { ttlS, keyParts }]) => [name, ttlS > 0 ? keyParts : undefined]));
}
