import { Lazy } from "aws-cdk-lib";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { LogGroup } from "aws-cdk-lib/aws-logs";
import { Construct, type IConstruct } from "constructs";
import { toCacheContractVariable, toSettings } from "../../analysis/cache/settings.ts";
import type { Dist } from "../../build/package/dist.ts";
import { type Api, type CachingApi, hasKind, showsCacheKey } from "../../contract/api-kinds.ts";
import { BASE_CACHE_KEY, type CacheKeyPart } from "../../contract/cache-key.ts";
import {
  findUnusableSources,
  fitsCacheKey,
  formatTokenSources,
  parseTokenSources,
  type TokenSource,
} from "../../contract/token-source.ts";
import { checkDocument } from "../../openapi/check-document.ts";
import { toEdits, withEdits } from "../../openapi/secure-document.ts";
import type { RestApiOfApp, V2ApiOfApp } from "./apis.ts";
import { AuthorizerAlarms } from "./authorizer-alarms.ts";
import { AuthorizerFunction } from "./authorizer-function.ts";
import { AuthorizerRelease } from "./authorizer-release.ts";
import { builtFor } from "./built-policy.ts";
import { type AuthorizerCaching, type CachingProps, formatIdentitySources, resolveCaching } from "./caching.ts";
import { HttpAuthorizers } from "./http-authorizers.ts";
import { allowInvocation, toAuthorizerUri } from "./invoke-permission.ts";
import { mark } from "./of-any-copy.ts";
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
  /** The function that APIs invoke, or its alias. */
  readonly lambda: IFunction;
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
  readonly #caching = new Set<CachingApi>();

  constructor(scope: Construct, id: string, props: PolicyAuthorizerProps) {
    super(scope, id);
    mark(this, "policy-authorizer");
    prepareVisits(this);
    const { trustedIssuers, httpResponse = "iam", alarms, release } = props;
    this.dist = builtFor(this, KIND, props.distPath);
    this.revision = this.dist.manifest.revision;
    this.tokenSources = this.#readTokenSources(props.tokenSource);
    this.#httpResponse = httpResponse;
    this.#hasUsageKey = props.usageKeyClaim !== undefined;
    this.#check(props);
    const variable = toTrustedIssuersVariable(this, KIND, trustedIssuers, this.dist);
    const { lambda, logGroup } = new AuthorizerFunction(
      this,
      "Function",
      this.dist.authorizerPath,
      {
        ...(variable !== undefined && { TRUSTED_ISSUERS: variable }),
        CACHE_CONTRACT: Lazy.string({ produce: () => this.#toContractVariable() }),
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
    this.logGroup = logGroup;
    this.functionName = lambda.functionName;
    this.alarms = alarms && new AuthorizerAlarms(this, "Alarms", lambda, logGroup, alarms);
    const target = release
      ? new AuthorizerRelease(this, "Release", lambda, this.alarms?.all() ?? [], release).alias
      : lambda;
    // The library's classes and interface differ under exactOptionalPropertyTypes.
    this.lambda = target as IFunction;
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
    new RestAuthorizers(this.#scopeOf(api), KIND, {
      api,
      lambda: this.lambda,
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
    new HttpAuthorizers(this.#scopeOf(api), KIND, {
      api,
      lambda: this.lambda,
      contract: this.dist.manifest.cache_contract,
      caching,
      tokenSources: this.tokenSources,
      response: this.#httpResponse,
      cachesResponses: () => this.#caching.has("http"),
    });
  }

  /** Gives `$connect` of a WebSocket API an authorizer that invokes the Lambda for every connection. */
  attachToWebSocketApi(api: V2ApiOfApp): void {
    this.#checkTokenSources("websocket");
    new WebSocketAuthorizer(this.#scopeOf(api), KIND, { api, lambda: this.lambda, tokenSources: this.tokenSources });
  }

  /**
   * Copies an OpenAPI document and writes the authorizers into the copy, for `ApiDefinition.fromInline` or the `body` of a
   * `CfnApi`. Call {@link allow} with the API afterwards.
   */
  secure(document: unknown, api: CachingApi, props: CachingProps = {}): object {
    if (!this.#hasUsageKey) checkKeySourceOf(document, this, KIND);
    const caching = [...this.#resolveCaching(api, props).values()];
    const contract = this.dist.manifest.cache_contract;
    const { edits, errors, open } = toEdits(document, {
      contract,
      api,
      settings: caching.map(({ name, ttlS, keyParts }) => {
        const format = (parts: readonly CacheKeyPart[]) =>
          formatIdentitySources(api, { name, ttlS, keyParts: parts }, this.tokenSources);
        if (!showsCacheKey(api) || ttlS > 0 || !fitsCacheKey(api, this.tokenSources))
          return { name, ttlS, identitySources: format(keyParts) };
        // If any API of this kind caches responses, the Lambda expects the key in every event. That is known only at the end.
        const produce = () => format(this.#caching.has(api) ? BASE_CACHE_KEY[api] : keyParts).join(", ");
        return { name, ttlS, identitySources: [Lazy.string({ produce })] };
      }),
      tokenSources: this.tokenSources,
      authorizerUri: toAuthorizerUri(this.lambda),
      isSimple: this.#httpResponse === "simple",
    });
    const all = [
      ...errors,
      ...open.map((name) => `${name} has an empty security, which opens it to everybody; leave it out`),
    ];
    if (all.length > 0) throw toSynthesisError(this, KIND, all.join("\n"));
    return withEdits(document, edits);
  }

  /** Checks a document that has authorizers already. Call {@link allow} with its API afterwards. */
  check(document: unknown, api: CachingApi): void {
    if (!this.#hasUsageKey) checkKeySourceOf(document, this, KIND);
    this.#checkTokenSources(api);
    const contract = this.dist.manifest.cache_contract;
    const { errors, isCaching } = checkDocument(document, contract, toSettings(contract, api, 1, this.tokenSources));
    if (errors.length > 0) throw toSynthesisError(this, KIND, errors.join("\n"));
    if (isCaching) this.#addCaching(api);
  }

  /** Lets an API that was made from a document invoke the Lambda. */
  allow(api: RestApiOfApp | V2ApiOfApp): void {
    allowInvocation(new Construct(this.#scopeOf(api), KIND), this.lambda, "apiId" in api ? api.apiId : api.restApiId);
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

  #check({ trustedIssuers, acknowledgeWritableClaimsOfPacked, vpc, usageKeyClaim }: PolicyAuthorizerProps): void {
    if (vpc !== undefined && !this.dist.hasKeySets) {
      const cause =
        "in a VPC without outbound access the Lambda can't fetch key sets, and dist/ has none; run KEY_SETS=FILE rego-authorizer build";
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
  #scopeOf(api: IConstruct): Construct {
    if (api.node.tryFindChild(KIND) !== undefined)
      throw toSynthesisError(this, KIND, `${api.node.path} has a PolicyAuthorizer already; attach or allow it once`);
    if (!this.#hasUsageKey) checkKeySource(api, KIND);
    return api as Construct;
  }
}
