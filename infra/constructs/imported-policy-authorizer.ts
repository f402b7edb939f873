import { Construct, type IConstruct } from "constructs";
import type { Dist } from "../../build/package/dist.ts";
import type { Api, CachingApi } from "../../contract/api-kinds.ts";
import { parseTokenSources, type TokenSource } from "../../contract/token-source.ts";
import type { RaisedQuotas } from "../../gateway-rules/rule.ts";
import type { PublicRoutes } from "../../openapi/public-operations.ts";
import { ApiConfigurations, KIND } from "./api-configurations.ts";
import { ApiDocuments } from "./api-documents.ts";
import type { RestApiOfApp, V2ApiOfApp } from "./apis.ts";
import { builtFor } from "./built-policy.ts";
import { type AuthorizerCaching, type CachingProps, cachedKeysOf } from "./caching.ts";
import type { AliasSource, InvokedAlias } from "./deployment-aliases.ts";
import { HttpAuthorizers } from "./http-authorizers.ts";
import { createImportedAliases, type ImportedFunction } from "./imported-aliases.ts";
import type { SecuringProps } from "./policy-authorizer-props.ts";
import { RestAuthorizers } from "./rest-authorizers.ts";
import { toSynthesisError } from "./synthesis-error.ts";
import { prepareVisits } from "./visit-resources.ts";
import { WebSocketAuthorizer } from "./websocket-authorizer.ts";

/** A `PolicyAuthorizer` of another app. The settings must be those of that one, since the contract of each API follows from them. */
export interface PolicyAuthorizerAttributes extends ImportedFunction {
  /**
   * The folder that `rego-authorizer build` has written, of the build that the function has.
   *
   * @default - `dist/` in the working folder
   */
  readonly distPath?: string;
  /** @default "header:Authorization" */
  readonly tokenSource?: string;
  /** @default "iam" */
  readonly httpResponse?: "iam" | "simple";
  /** @default - responses have no API key */
  readonly usageKeyClaim?: string;
  /** @default 1 */
  readonly contractGeneration?: number;
  /** @default - the default quotas of API Gateway */
  readonly raisedQuotas?: RaisedQuotas;
}

/** An API of this app. Its name is that by which the function's app serves it. */
export interface ImportedAttachment extends CachingProps {
  readonly apiName: string;
}

/**
 * The authorizers of this app's APIs, which invoke the Lambda of another app or account. That app lets them: see `serve` of
 * `PolicyAuthorizer`.
 */
export class ImportedPolicyAuthorizer extends Construct {
  readonly dist: Dist;
  /** The revision of the policy in `dist/`. The function may have a newer one of the same contract. */
  readonly revision: string;
  readonly tokenSources: readonly TokenSource[];
  readonly #apis: ApiConfigurations;
  readonly #aliases: AliasSource;
  readonly #documents: ApiDocuments;

  constructor(scope: Construct, id: string, attributes: PolicyAuthorizerAttributes) {
    super(scope, id);
    prepareVisits(this);
    const { distPath, tokenSource, httpResponse = "iam", usageKeyClaim, contractGeneration, raisedQuotas } = attributes;
    this.dist = builtFor(this, KIND, distPath);
    this.revision = this.dist.manifest.revision;
    const sources = parseTokenSources(tokenSource, "tokenSource");
    if (!sources.ok) throw toSynthesisError(this, KIND, sources.error);
    this.tokenSources = sources.value;
    this.#aliases = createImportedAliases(this, KIND, attributes);
    this.#apis = new ApiConfigurations(this, {
      ...{ dist: this.dist, tokenSources: this.tokenSources, httpResponse, hasUsageKey: usageKeyClaim !== undefined },
      ...{ raisedQuotas: raisedQuotas ?? {}, generation: contractGeneration },
    });
    this.#documents = new ApiDocuments(this.#apis, this.#aliases);
  }

  /** Gives every method of a REST API an authorizer, as `attachToRestApi` of `PolicyAuthorizer` does. */
  attachToRestApi(api: RestApiOfApp, props: ImportedAttachment): void {
    const { contract, caching, tokenSources } = this.#settingsOf("rest", props);
    const place = this.#apis.attach(api, "rest", props);
    const alias = this.#aliasOf(api, "rest", props, caching);
    new RestAuthorizers(place.scope, place.id, {
      ...place,
      api,
      alias,
      contract,
      caching,
      type: "REQUEST",
      tokenSources,
      publicRoutes: this.#publicRoutes(props),
    });
  }

  /** Gives every route of an HTTP API an authorizer, as `attachToHttpApi` of `PolicyAuthorizer` does. */
  attachToHttpApi(api: V2ApiOfApp, props: ImportedAttachment): void {
    const { contract, caching, tokenSources } = this.#settingsOf("http", props);
    const place = this.#apis.attach(api, "http", props);
    const alias = this.#aliasOf(api, "http", props, caching);
    const response = this.#apis.settings.httpResponse;
    const publicRoutes = this.#publicRoutes(props);
    const shared = { api, alias, contract, caching, tokenSources, response, publicRoutes };
    new HttpAuthorizers(place.scope, place.id, { ...place, ...shared });
  }

  #publicRoutes({ apiName }: ImportedAttachment): PublicRoutes {
    return { publicRules: this.dist.publicRules, apiName };
  }

  /** Gives `$connect` of a WebSocket API an authorizer. */
  attachToWebSocketApi(api: V2ApiOfApp, props: Pick<ImportedAttachment, "apiName">): void {
    this.#apis.checkTokenSources("websocket");
    const place = this.#apis.attach(api, "websocket", {});
    const alias = this.#aliasOf(api, "websocket", props, new Map());
    new WebSocketAuthorizer(place.scope, place.id, { ...place, api, alias, tokenSources: this.tokenSources });
  }

  /** Copies an OpenAPI document and writes the authorizers into the copy. Call {@link allow} with the API afterwards. */
  secure(document: unknown, api: CachingApi, props: SecuringProps & Pick<ImportedAttachment, "apiName">): object {
    return this.#documents.secure(document, api, props);
  }

  /** Checks a document that has authorizers already. Call {@link allow} with its API afterwards. */
  check(document: unknown, api: CachingApi, props: ImportedAttachment): void {
    this.#documents.check(document, api, props);
  }

  /** Lets the deployments of an API that was made from a document follow its authorizers. */
  allow(api: RestApiOfApp | V2ApiOfApp, props: Pick<ImportedAttachment, "apiName">): void {
    this.#documents.allow(api, props);
  }

  #settingsOf(api: CachingApi, props: ImportedAttachment) {
    this.#apis.checkTokenSources(api);
    const contract = this.#apis.contractOf(props.apiName);
    return { contract, caching: this.#apis.resolveCaching(api, props, contract), tokenSources: this.tokenSources };
  }

  #aliasOf(
    api: IConstruct,
    kind: Api,
    { apiName }: Pick<ImportedAttachment, "apiName">,
    caching: ReadonlyMap<string, AuthorizerCaching>,
  ): InvokedAlias {
    const configuration = this.#apis.ofApi(apiName, this.#apis.configure(kind, cachedKeysOf(caching)));
    return this.#aliases.add(apiName, configuration, api.node.path);
  }
}
