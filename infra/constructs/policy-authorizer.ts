import { Lazy } from "aws-cdk-lib";
import type { CfnApi } from "aws-cdk-lib/aws-apigatewayv2";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { LogGroup } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import type { Dist } from "../../build/package/dist.ts";
import type { Api, CachingApi } from "../../contract/api-kinds.ts";
import { formatTokenSources, parseTokenSources, type TokenSource } from "../../contract/token-source.ts";
import { ApiConfigurations, KIND } from "./api-configurations.ts";
import { ApiDocuments, type ApiOfDocument } from "./api-documents.ts";
import type { RestApiOfApp, V2ApiOfApp } from "./apis.ts";
import { AttachedApis } from "./attached-apis.ts";
import { AuthorizerAlarms } from "./authorizer-alarms.ts";
import { AuthorizerFunction } from "./authorizer-function.ts";
import { AuthorizerRelease } from "./authorizer-release.ts";
import { builtFor } from "./built-policy.ts";
import type { NamedApi } from "./caching.ts";
import { checkProps } from "./check-props.ts";
import { DeploymentAliases, type InvokedAlias } from "./deployment-aliases.ts";
import { describeDeployment } from "./deployment-description.ts";
import { checkEnvironment } from "./gateway-check.ts";
import { ImportedPolicyAuthorizer, type PolicyAuthorizerAttributes } from "./imported-policy-authorizer.ts";
import { LogMetrics } from "./log-metrics.ts";
import { markFunction } from "./of-any-copy.ts";
import { toPassedOnVariables } from "./passed-on.ts";
import type {
  HttpAttachment,
  PolicyAuthorizerProps,
  RestAttachment,
  SecuringProps,
  WebSocketAttachment,
} from "./policy-authorizer-props.ts";
import { allowServed, type ServedApiProps } from "./served-apis.ts";
import { toSynthesisError } from "./synthesis-error.ts";
import { toTrustedIssuersVariable } from "./trusted-issuers.ts";
import { prepareVisits } from "./visit-resources.ts";

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
  readonly #apis: ApiConfigurations;
  readonly #attached: AttachedApis;
  readonly #documents: ApiDocuments;
  #metrics: LogMetrics | undefined;

  /**
   * Uses the `PolicyAuthorizer` of another app or account for the APIs of this app. Nothing is deployed but the APIs' authorizers;
   * {@link serve} in the other app lets them invoke the Lambda.
   */
  static fromAttributes(
    scope: Construct,
    id: string,
    attributes: PolicyAuthorizerAttributes,
  ): ImportedPolicyAuthorizer {
    return new ImportedPolicyAuthorizer(scope, id, attributes);
  }

  constructor(scope: Construct, id: string, props: PolicyAuthorizerProps) {
    super(scope, id);
    prepareVisits(this);
    const { trustedIssuers, httpResponse = "iam", release, unqualifiedContract } = props;
    this.dist = builtFor(this, KIND, props.distPath);
    this.revision = this.dist.manifest.revision;
    this.tokenSources = this.#readTokenSources(props.tokenSource);
    checkProps(this, props, this.dist);
    const { dist, tokenSources } = this;
    this.#apis = new ApiConfigurations(this, {
      ...{ dist, tokenSources, httpResponse, hasUsageKey: props.usageKeyClaim !== undefined },
      ...{ raisedQuotas: props.raisedQuotas ?? {}, generation: props.contractGeneration },
    });
    const variable = toTrustedIssuersVariable(this, KIND, trustedIssuers, this.dist);
    const { lambda, logGroup } = new AuthorizerFunction(
      this,
      "Function",
      this.dist.authorizerPath,
      {
        ...(variable !== undefined && { TRUSTED_ISSUERS: variable }),
        CACHE_CONTRACT: Lazy.string({ produce: () => this.#apis.toContractVariable() }),
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
    markFunction(lambda, this.dist.publicRules);
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
    this.#attached = new AttachedApis(this, this.#apis, this.aliases);
    this.#documents = new ApiDocuments(this.#apis, this.aliases);
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
   * Gives every method of a REST API, or those that are selected, an authorizer that invokes the Lambda, including methods that are
   * added later. Preflights, methods with IAM authorization and methods that the policy makes public stay as they are.
   */
  attachToRestApi(api: RestApiOfApp, props: RestAttachment = {}): void {
    this.#attached.attachToRestApi(api, props);
  }

  /**
   * Gives every route of an HTTP API, or those that are selected, an authorizer that invokes the Lambda, including routes that are
   * added later. Routes with IAM authorization and routes that the policy makes public stay as they are.
   */
  attachToHttpApi(api: V2ApiOfApp, props: HttpAttachment = {}): void {
    this.#attached.attachToHttpApi(api, props);
  }

  /** Gives `$connect` of a WebSocket API an authorizer that invokes the Lambda for every connection. */
  attachToWebSocketApi(api: V2ApiOfApp, props: WebSocketAttachment = {}): void {
    this.#attached.attachToWebSocketApi(api, props);
  }

  /**
   * Copies an OpenAPI document and writes the authorizers into the copy, for `ApiDefinition.fromInline` or the `body` of a
   * `CfnApi`. Call {@link allow} with the API afterwards.
   */
  secure(document: unknown, api: CachingApi, props: SecuringProps = {}): object {
    return this.#documents.secure(document, api, props);
  }

  /** Checks a document that has authorizers already. Call {@link allow} with its API afterwards. */
  check(document: unknown, api: CachingApi, props: NamedApi = {}): void {
    this.#documents.check(document, api, props);
  }

  /**
   * Lets an API that was made from a document invoke the Lambda: by the alias of the document that was secured or checked with this
   * `apiName`, or by the aliases of all documents of its kind of API.
   */
  allow(api: RestApiOfApp | V2ApiOfApp | CfnApi, props: ApiOfDocument = {}): void {
    this.#documents.allow(api, props);
  }

  /**
   * Lets an API of another app or account invoke the Lambda, by an alias of this app. That app attaches its API with
   * {@link fromAttributes}, and the same `apiName`, TTLs, type and mode.
   */
  serve(api: Api, props: ServedApiProps): InvokedAlias {
    const { apiName } = props;
    const contract = api === "websocket" ? undefined : this.#apis.contractOf(apiName);
    const { configuration } = this.#attached.invoke(api, contract, props);
    const owner = `the API ${apiName} of another app`;
    const alias = this.aliases.add(apiName, this.#apis.ofApi(apiName, configuration), owner);
    allowServed(this, alias, props);
    return alias;
  }

  #readTokenSources(text: string | undefined): readonly TokenSource[] {
    const sources = parseTokenSources(text, "tokenSource");
    if (!sources.ok) throw toSynthesisError(this, KIND, sources.error);
    return sources.value;
  }
}
