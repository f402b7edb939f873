import { Lazy } from "aws-cdk-lib";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { LogGroup } from "aws-cdk-lib/aws-logs";
import { Construct, type IConstruct } from "constructs";
import { toCacheContractVariable, toSettings } from "../../analysis/cache/settings.ts";
import type { Dist } from "../../build/package/dist.ts";
import type { CachingApi } from "../../contract/api-kinds.ts";
import { BASE_CACHE_KEY } from "../../contract/cache-key.ts";
import {
  DEFAULT_TOKEN_SOURCE,
  formatTokenSource,
  parseTokenSource,
  TOKEN_SOURCE_FORM,
  type TokenSource,
} from "../../contract/token-source.ts";
import { checkDocument } from "../../openapi/check-document.ts";
import { toEdits, withEdits } from "../../openapi/secure-document.ts";
import type { RestApiOfApp, V2ApiOfApp } from "./apis.ts";
import { AuthorizerAlarms } from "./authorizer-alarms.ts";
import { AuthorizerFunction } from "./authorizer-function.ts";
import { AuthorizerRelease } from "./authorizer-release.ts";
import { builtFor } from "./built-policy.ts";
import { type AuthorizerPlan, type CachingProps, formatSources, toAuthorizerSettings } from "./caching.ts";
import { toSynthesisError } from "./failure.ts";
import { HttpAuthorizers } from "./http-authorizers.ts";
import { allowInvocation, toAuthorizerUri } from "./invocation.ts";
import type { PolicyAuthorizerProps, RestAttachment } from "./policy-authorizer-props.ts";
import { RestAuthorizers } from "./rest-authorizers.ts";
import { checkTokenType, NO_CACHE, toTokenSettings } from "./token-settings.ts";
import { toTrustedIssuersVariable } from "./trusted-issuers.ts";
import { WebSocketAuthorizer } from "./websocket-authorizer.ts";
import { decidingAttributes, findWritable } from "./writable-claims.ts";

const KIND = "PolicyAuthorizer";

/** The Lambda authorizer, deployed as built, with the authorizers of the APIs that ask it. */
export class PolicyAuthorizer extends Construct {
  /** What APIs ask: the function, or its alias. */
  readonly lambda: IFunction;
  readonly functionName: string;
  /** The decision log. */
  readonly logGroup: LogGroup;
  readonly alarms: AuthorizerAlarms | undefined;
  /** Of the policy. */
  readonly revision: string;
  readonly dist: Dist;
  readonly tokenSource: TokenSource;
  readonly #httpResponse: "iam" | "simple";
  readonly #caching = new Set<CachingApi>();

  constructor(scope: Construct, id: string, props: PolicyAuthorizerProps) {
    super(scope, id);
    const { trustedIssuers, httpResponse = "iam", alarms, release } = props;
    this.dist = builtFor(this, KIND, props.distPath);
    this.revision = this.dist.manifest.revision;
    this.tokenSource = this.#readTokenSource(props.tokenSource);
    this.#httpResponse = httpResponse;
    this.#check(props);
    const { lambda, logGroup } = new AuthorizerFunction(
      this,
      "Function",
      this.dist.authorizerPath,
      {
        TRUSTED_ISSUERS: toTrustedIssuersVariable(this, KIND, trustedIssuers),
        CACHE_CONTRACT: Lazy.string({ produce: () => this.#toContractVariable() }),
        TOKEN_SOURCE: formatTokenSource(this.tokenSource),
        HTTP_RESPONSE: httpResponse,
        ...(props.maxTokenLifetime && { MAX_TOKEN_LIFETIME_S: String(props.maxTokenLifetime.toSeconds()) }),
        ...(props.clockTolerance && { CLOCK_TOLERANCE_S: String(props.clockTolerance.toSeconds()) }),
      },
      props,
    );
    this.logGroup = logGroup;
    this.functionName = lambda.functionName;
    this.alarms = alarms && new AuthorizerAlarms(this, "Alarms", lambda, logGroup, alarms);
    const asked = release
      ? new AuthorizerRelease(this, "Release", lambda, this.alarms?.all() ?? [], release).alias
      : lambda;
    // The library's classes and interface differ where exactOptionalPropertyTypes is on.
    this.lambda = asked as IFunction;
  }

  /** Every method of a REST API asks; those with IAM authorization and preflights are left as they are. */
  attachToRestApi(api: RestApiOfApp, props: RestAttachment = {}): void {
    const { type = "REQUEST" } = props;
    const contract = this.dist.manifest.cache_contract;
    const isToken = type === "TOKEN";
    if (isToken) checkTokenType(this, contract, this.tokenSource, props);
    // Without per-token answers, nothing that is kept holds for a TOKEN authorizer's key.
    const asked = isToken && contract.token_documents === undefined ? NO_CACHE : props;
    const all = this.#toSettings("rest", asked);
    const settings = isToken ? toTokenSettings(all, contract) : all;
    new RestAuthorizers(this.#scopeOf(api), KIND, {
      api,
      lambda: this.lambda,
      contract,
      settings,
      type,
      tokenSource: this.tokenSource,
    });
  }

  /** Every route of an HTTP API asks; those with IAM authorization are left as they are. */
  attachToHttpApi(api: V2ApiOfApp, props: CachingProps = {}): void {
    const settings = this.#toSettings("http", props);
    new HttpAuthorizers(this.#scopeOf(api), KIND, {
      api,
      lambda: this.lambda,
      contract: this.dist.manifest.cache_contract,
      settings,
      tokenSource: this.tokenSource,
      response: this.#httpResponse,
      cachesResponses: () => this.#caching.has("http"),
    });
  }

  /** `$connect` of a WebSocket API asks, each time. */
  attachToWebSocketApi(api: V2ApiOfApp): void {
    new WebSocketAuthorizer(this.#scopeOf(api), KIND, { api, lambda: this.lambda, tokenSource: this.tokenSource });
  }

  /**
   * An OpenAPI document with the authorizers in it, for `ApiDefinition.fromInline` or the `body` of a `CfnApi`.
   *
   * {@link allow} the API afterwards.
   */
  secure(document: unknown, api: CachingApi, props: CachingProps = {}): object {
    const settings = [...this.#toSettings(api, props).values()];
    const contract = this.dist.manifest.cache_contract;
    const { edits, errors, open } = toEdits(document, {
      contract,
      api,
      settings: settings.map((own) => {
        const format = (sources = own.sources) => formatSources(api, { ...own, sources }, this.tokenSource);
        if (api === "rest" || own.ttlS > 0) return { ...own, identitySources: format() };
        // It is known at the end whether another HTTP API keeps answers, for which the Lambda looks for the key in every event.
        const produce = () => format(this.#caching.has("http") ? BASE_CACHE_KEY.http : own.sources).join(", ");
        return { ...own, identitySources: [Lazy.string({ produce })] };
      }),
      tokenSource: this.tokenSource,
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

  /** Checks a document that has authorizers already; {@link allow} its API afterwards. */
  check(document: unknown, api: CachingApi): void {
    const contract = this.dist.manifest.cache_contract;
    const { errors, isCaching } = checkDocument(document, contract, toSettings(contract, api, 1, this.tokenSource));
    if (errors.length > 0) throw toSynthesisError(this, KIND, errors.join("\n"));
    if (isCaching) this.#addCaching(api);
  }

  /** Lets an API that was made from a document ask. */
  allow(api: RestApiOfApp | V2ApiOfApp): void {
    allowInvocation(new Construct(this.#scopeOf(api), KIND), this.lambda, "apiId" in api ? api.apiId : api.restApiId);
  }

  #toSettings(api: CachingApi, props: CachingProps): ReadonlyMap<string, AuthorizerPlan> {
    const settings = toAuthorizerSettings(this, this.dist.manifest.cache_contract, api, props);
    const isCaching = [...settings.values()].some(({ ttlS }) => ttlS > 0);
    if (isCaching) this.#addCaching(api);
    return settings;
  }

  #addCaching(api: CachingApi): void {
    if (api === "http" && this.#httpResponse === "simple") {
      const cause =
        "a simple answer that is kept opens every route to its token; leave the TTL out, or answer with iam";
      throw toSynthesisError(this, KIND, cause);
    }
    this.#caching.add(api);
  }

  #toContractVariable(): string {
    return toCacheContractVariable(this.dist.manifest.cache_contract, [...this.#caching].sort().reverse());
  }

  #readTokenSource(text = formatTokenSource(DEFAULT_TOKEN_SOURCE)): TokenSource {
    const source = parseTokenSource(text);
    if (!source.ok) throw toSynthesisError(this, KIND, `tokenSource must be ${TOKEN_SOURCE_FORM}`);
    return source.value;
  }

  #check({ trustedIssuers, vpc }: PolicyAuthorizerProps): void {
    if (vpc !== undefined && !this.dist.hasKeySets) {
      const cause =
        "in a network without a way out no key set can be fetched, and dist/ has none; run KEY_SETS=FILE npm run build";
      throw toSynthesisError(this, KIND, cause);
    }
    const attributes = decidingAttributes(this.dist.manifest.input_references);
    // At the end of synthesis, since a client can still be changed.
    const find = () =>
      trustedIssuers.flatMap((issuer) => ("userPool" in issuer ? findWritable(this, issuer, attributes) : []));
    const validate = () => [...new Set(find())].map((line) => `${KIND}: ${line}`);
    this.node.addValidation({ validate });
  }

  /** Authorizers are of the API's stack, so that the Lambda's does not depend on it. */
  #scopeOf(api: IConstruct): Construct {
    if (api.node.tryFindChild(KIND) !== undefined)
      throw toSynthesisError(this, KIND, `${api.node.path} has a PolicyAuthorizer already; attach or allow it once`);
    return api as Construct;
  }
}
