import type { Construct, IConstruct } from "constructs";
import type { Api } from "../../contract/api-kinds.ts";
import type { ApiConfiguration } from "../../contract/contract-id.ts";
import type { CacheContract } from "../../contract/manifest.ts";
import type { PublicRoutes } from "../../openapi/public-operations.ts";
import type { ApiConfigurations } from "./api-configurations.ts";
import { toApiName } from "./api-name.ts";
import type { RestApiOfApp, V2ApiOfApp } from "./apis.ts";
import { type AuthorizerCaching, cachedKeysOf, type NamedApi } from "./caching.ts";
import type { AliasSource } from "./deployment-aliases.ts";
import { HttpAuthorizers } from "./http-authorizers.ts";
import type { HttpAttachment, RestAttachment, WebSocketAttachment } from "./policy-authorizer-props.ts";
import { RestAuthorizers } from "./rest-authorizers.ts";
import { checkTokenType, NO_CACHE, toTokenCaching } from "./token-caching.ts";
import { WebSocketAuthorizer } from "./websocket-authorizer.ts";

/** The form of an API's authorizers, what they cache, and the configuration by which their alias is named. */
interface Invocation {
  readonly type: "REQUEST" | "TOKEN";
  readonly caching: ReadonlyMap<string, AuthorizerCaching>;
  readonly configuration: ApiConfiguration;
}

/** The props of an attachment that the alias follows from. */
type InvocationProps = Pick<RestAttachment, "ttl" | "ttlByAuthorizer" | "multipleDomains" | "type"> & {
  readonly reportOnly?: true | undefined;
};

/** The APIs whose methods get authorizers. {@link PolicyAuthorizer} and {@link ImportedPolicyAuthorizer} have its methods. */
export class AttachedApis {
  readonly #authorizer: Construct;
  readonly #apis: ApiConfigurations;
  readonly #aliases: AliasSource;

  constructor(authorizer: Construct, apis: ApiConfigurations, aliases: AliasSource) {
    this.#authorizer = authorizer;
    this.#apis = apis;
    this.#aliases = aliases;
  }

  /** Attaches to a REST API. */
  attachToRestApi(api: RestApiOfApp, props: RestAttachment): void {
    const { contract, shared } = this.#shared(api, props);
    const { configuration, ...invocation } = this.invoke("rest", contract, props);
    const place = this.#apis.attach(api, "rest", props);
    const alias = this.#aliasOf(api, props, configuration);
    new RestAuthorizers(place.scope, place.id, { ...place, ...shared, ...invocation, api, alias });
  }

  /** Attaches to an HTTP API. */
  attachToHttpApi(api: V2ApiOfApp, props: HttpAttachment): void {
    const { contract, shared } = this.#shared(api, props);
    const { configuration, caching } = this.invoke("http", contract, props);
    const place = this.#apis.attach(api, "http", props);
    const alias = this.#aliasOf(api, props, configuration);
    const response = this.#apis.settings.httpResponse;
    new HttpAuthorizers(place.scope, place.id, { ...place, ...shared, api, alias, caching, response });
  }

  /** Attaches to `$connect` of a WebSocket API. */
  attachToWebSocketApi(api: V2ApiOfApp, { apiName, reportOnly }: WebSocketAttachment): void {
    const { configuration } = this.invoke("websocket", undefined, { reportOnly });
    const place = this.#apis.attach(api, "websocket", { reportOnly });
    const alias = this.#aliasOf(api, apiName === undefined ? {} : { apiName }, configuration);
    const { tokenSources } = this.#apis.settings;
    new WebSocketAuthorizer(place.scope, place.id, { ...place, api, alias, tokenSources });
  }

  /**
   * Resolves how the authorizers of an API invoke the function.
   *
   * @param contract - The contract of the API; undefined for a WebSocket API, which caches nothing.
   */
  invoke(api: Api, contract: CacheContract | undefined, props: InvocationProps): Invocation {
    this.#apis.checkTokenSources(api);
    const { mode } = this.#apis.select(props);
    const { type = "REQUEST" } = props;
    const caching = mode === "report" || contract === undefined ? new Map() : this.#cachingOf(api, contract, props);
    return { type, caching, configuration: this.#apis.configure(api, cachedKeysOf(caching), type, mode) };
  }

  #cachingOf(api: Api, contract: CacheContract, props: InvocationProps): ReadonlyMap<string, AuthorizerCaching> {
    if (api === "websocket") return new Map();
    if (props.type !== "TOKEN") return this.#apis.resolveCaching(api, props, contract);
    checkTokenType(this.#authorizer, contract, this.#apis.settings.tokenSources, props);
    // The cache key of a TOKEN authorizer is the token alone, so only a per-token policy document may be cached under it.
    const requested = contract.token_documents === undefined ? NO_CACHE : props;
    return toTokenCaching(this.#apis.resolveCaching(api, requested, contract), contract);
  }

  #shared(api: IConstruct, { apiName = toApiName(api, this.#authorizer) }: NamedApi) {
    const { dist, tokenSources } = this.#apis.settings;
    const publicRoutes: PublicRoutes = { publicRules: dist.publicRules, apiName };
    const contract = this.#apis.contractOf(apiName);
    return { contract, shared: { contract, tokenSources, publicRoutes } };
  }

  #aliasOf(api: IConstruct, { apiName }: NamedApi, configuration: ApiConfiguration) {
    const name = apiName ?? toApiName(api, this.#authorizer);
    return this.#aliases.add(name, this.#apis.ofApi(name, configuration), api.node.path);
  }
}
