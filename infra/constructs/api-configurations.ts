import { Annotations } from "aws-cdk-lib";
import type { Construct, IConstruct } from "constructs";
import { toCacheContractVariable } from "../../analysis/cache/settings.ts";
import type { Dist } from "../../build/package/dist.ts";
import { type Api, type CachingApi, hasKind } from "../../contract/api-kinds.ts";
import type { ApiConfiguration } from "../../contract/contract-id.ts";
import { type CacheContract, contractOf } from "../../contract/manifest.ts";
import {
  type AttachmentMode,
  type MethodSelection,
  parseSelection,
  type Selection,
} from "../../contract/method-selection.ts";
import { findUnusableSources, type TokenSource } from "../../contract/token-source.ts";
import type { RaisedQuotas } from "../../gateway-rules/rule.ts";
import { type ApiAttachments, type Attachment, createAttachments } from "./api-attachments.ts";
import { type AuthorizerCaching, type CachingProps, resolveCaching } from "./caching.ts";
import { checkGatewayRules } from "./gateway-check.ts";
import { checkKeySource, checkKeySourceOf } from "./passed-on.ts";
import { toSynthesisError } from "./synthesis-error.ts";

/** The name of the construct in messages, and the id of its part of an API. */
export const KIND = "PolicyAuthorizer";

/** The props of an attachment, as far as all kinds of API have them. */
type AnyAttachment = MethodSelection & {
  readonly reportOnly?: true | undefined;
  readonly ttl?: unknown;
  readonly ttlByAuthorizer?: unknown;
  readonly multipleDomains?: unknown;
  readonly type?: unknown;
};

/** The place of one attachment to an API. */
export interface Place {
  readonly scope: Construct;
  readonly id: string;
  readonly attachments: ApiAttachments;
  readonly attachment: Attachment;
}

/** The settings of an authorizer by which all its APIs are configured. */
export interface CommonSettings {
  readonly dist: Dist;
  readonly tokenSources: readonly TokenSource[];
  readonly httpResponse: "iam" | "simple";
  readonly hasUsageKey: boolean;
  readonly raisedQuotas: RaisedQuotas;
  /** The prop `contractGeneration`. */
  readonly generation: number | undefined;
}

/** The configurations of the APIs that invoke an authorizer: how each caches responses, and all else that its contract is made of. */
export class ApiConfigurations {
  readonly settings: CommonSettings;
  readonly #authorizer: IConstruct;
  readonly #caching = new Set<CachingApi>();
  readonly #attachments = new Map<IConstruct, ApiAttachments>();

  constructor(authorizer: IConstruct, settings: CommonSettings) {
    this.#authorizer = authorizer;
    this.settings = settings;
  }

  /** Makes an error of synthesis. */
  fail(cause: string): Error {
    return toSynthesisError(this.#authorizer, KIND, cause);
  }

  /** Warns of public routes that something authorizes all the same, and of others whose authorizer is taken away. */
  warn(id: string, lines: readonly string[]): void {
    for (const line of lines)
      Annotations.of(this.#authorizer).addWarningV2(`rego-authorizer:${id}`, `${KIND}: ${line}`);
  }

  /**
   * Resolves how an API caches.
   *
   * @throws An error of synthesis if its requests can't have the token, or responses must not be cached like this.
   */
  resolveCaching(
    api: CachingApi,
    props: CachingProps,
    contract: CacheContract,
  ): ReadonlyMap<string, AuthorizerCaching> {
    this.checkTokenSources(api);
    const caching = resolveCaching(this.#authorizer, contract, api, props, this.settings.tokenSources);
    if ([...caching.values()].some(({ ttlS }) => ttlS > 0)) this.addCaching(api);
    return caching;
  }

  /**
   * Notes that an API of this kind caches responses.
   *
   * @throws An error of synthesis if these are simple responses.
   */
  addCaching(api: CachingApi): void {
    if (hasKind(api, ({ hasSimpleResponse }) => hasSimpleResponse) && this.settings.httpResponse === "simple") {
      const cause =
        "a cached simple response would open every route to its token; leave the TTL out, or set httpResponse to iam";
      throw this.fail(cause);
    }
    this.#caching.add(api);
  }

  /** Formats `CACHE_CONTRACT`. */
  toContractVariable(): string {
    const caching = [...this.#caching].sort().reverse();
    return toCacheContractVariable(this.settings.dist.manifest.cache_contract, caching, undefined);
  }

  /** Describes everything that API Gateway is configured with for an API, and that responses rely on. */
  configure(
    api: Api,
    authorizers: ApiConfiguration["authorizers"],
    type: "REQUEST" | "TOKEN" = "REQUEST",
    mode: AttachmentMode = "enforce",
  ): ApiConfiguration {
    const { dist, tokenSources, httpResponse, hasUsageKey, generation } = this.settings;
    const { id, token_documents: documents } = dist.manifest.cache_contract;
    return {
      ...{ cacheContract: id, api, type, generation, tokenSources, authorizers },
      response: api === "http" ? httpResponse : "iam",
      hasUsageKey: api === "rest" && hasUsageKey,
      cacheScope: api === "rest" && documents !== undefined && mode === "enforce" ? "token" : "request",
      ...(mode === "report" && { mode }),
    };
  }

  /**
   * Finds the contract of an API by its name.
   *
   * @throws An error of synthesis if the build was given APIs by name, and this is not one of them.
   */
  contractOf(apiName: string): CacheContract {
    const { manifest } = this.settings.dist;
    const contract = contractOf(manifest, apiName);
    if (contract !== undefined) return contract;
    const known = Object.keys(manifest.apis ?? {}).join(", ");
    throw this.fail(
      `dist/ was built for the APIs ${known}, and this one is called ${apiName}; give it one of these names with apiName, or build with --openapi ${apiName}=FILE, too`,
    );
  }

  /** Gives a configuration the contract of its API, so that no change of another API makes another alias. */
  ofApi(apiName: string, configuration: ApiConfiguration): ApiConfiguration {
    if (this.settings.dist.manifest.apis === undefined) return configuration;
    // Nothing of a WebSocket API is cached, and no document has one.
    if (configuration.api === "websocket") return { ...configuration, cacheContract: "" };
    const { id, token_documents: documents } = this.contractOf(apiName);
    const isOfToken = configuration.api === "rest" && documents !== undefined && configuration.authorizers.size > 0;
    return { ...configuration, cacheContract: id, cacheScope: isOfToken ? "token" : configuration.cacheScope };
  }

  /** Checks that requests to a kind of API can have the token. */
  checkTokenSources(api: Api): void {
    const unusable = findUnusableSources(api, this.settings.tokenSources);
    if (unusable !== undefined) throw this.fail(`tokenSource: ${unusable}`);
  }

  /** Checks that a document takes no API keys from the authorizer, unless its responses have them. */
  checkKeySource(document: unknown): void {
    if (!this.settings.hasUsageKey) checkKeySourceOf(document, this.#authorizer, KIND);
  }

  /**
   * Parses which methods or operations get an authorizer, and in which mode.
   *
   * @throws An error of synthesis if the selection is wrong, or does not go with report-only.
   */
  select(props: AnyAttachment): { readonly selection: Selection; readonly mode: AttachmentMode } {
    const selection = parseSelection(props);
    if (typeof selection === "string") throw this.fail(selection);
    const { reportOnly, ttl, ttlByAuthorizer, multipleDomains, type } = props;
    if (reportOnly === true && [ttl, ttlByAuthorizer, multipleDomains, type].some((one) => one !== undefined))
      throw this.fail(
        "a report-only authorizer caches nothing, and is of type REQUEST; leave ttl, ttlByAuthorizer, multipleDomains and type out",
      );
    return { selection, mode: reportOnly === true ? "report" : "enforce" };
  }

  /**
   * Adds an attachment to an API, and finds the place for it: in the API's stack.
   *
   * @throws An error of synthesis if the selection is wrong, or the API was made from a document.
   */
  attach(api: IConstruct, kind: Api, props: AnyAttachment): Place {
    const { selection, mode } = this.select(props);
    const known = this.#attachments.get(api);
    const attachments = known ?? createAttachments(api, (cause) => this.fail(cause));
    const scope = known === undefined ? this.scopeOf(api, kind) : (api as Construct);
    this.#attachments.set(api, attachments);
    const attachment = attachments.add(selection, mode);
    const id = api.node.tryFindChild(KIND) === undefined ? KIND : `${KIND}-${api.node.children.length}`;
    return { scope, id, attachments, attachment };
  }

  /** Finds the place for authorizers and permissions: in the API's stack, so that the Lambda's stack does not depend on it. */
  scopeOf(api: IConstruct, kind: Api): Construct {
    if (api.node.tryFindChild(KIND) !== undefined)
      throw this.fail(`${api.node.path} has a PolicyAuthorizer already; attach or allow it once`);
    if (!this.settings.hasUsageKey) checkKeySource(api, KIND);
    checkGatewayRules(api, KIND, kind, this.settings.raisedQuotas);
    return api as Construct;
  }
}
