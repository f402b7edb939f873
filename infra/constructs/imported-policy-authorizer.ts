import { Construct } from "constructs";
import type { Dist } from "../../build/package/dist.ts";
import type { CachingApi } from "../../contract/api-kinds.ts";
import { parseTokenSources, type TokenSource } from "../../contract/token-source.ts";
import type { RaisedQuotas } from "../../gateway-rules/rule.ts";
import { ApiConfigurations, KIND } from "./api-configurations.ts";
import { ApiDocuments } from "./api-documents.ts";
import type { RestApiOfApp, V2ApiOfApp } from "./apis.ts";
import { AttachedApis } from "./attached-apis.ts";
import { builtFor } from "./built-policy.ts";
import { createImportedAliases, type ImportedFunction } from "./imported-aliases.ts";
import type { HttpAttachment, RestAttachment, SecuringProps, WebSocketAttachment } from "./policy-authorizer-props.ts";
import { toSynthesisError } from "./synthesis-error.ts";
import { prepareVisits } from "./visit-resources.ts";

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

/** An API of this app. */
export interface ImportedApi {
  /** The name by which the function's app serves it. */
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
  readonly #attached: AttachedApis;
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
    const aliases = createImportedAliases(this, KIND, attributes);
    this.#apis = new ApiConfigurations(this, {
      ...{ dist: this.dist, tokenSources: this.tokenSources, httpResponse, hasUsageKey: usageKeyClaim !== undefined },
      ...{ raisedQuotas: raisedQuotas ?? {}, generation: contractGeneration },
    });
    this.#attached = new AttachedApis(this, this.#apis, aliases);
    this.#documents = new ApiDocuments(this.#apis, aliases);
  }

  /** Gives the methods of a REST API, or those that are selected, an authorizer, as `attachToRestApi` of `PolicyAuthorizer` does. */
  attachToRestApi(api: RestApiOfApp, props: RestAttachment & ImportedApi): void {
    this.#attached.attachToRestApi(api, props);
  }

  /** Gives the routes of an HTTP API, or those that are selected, an authorizer, as `attachToHttpApi` of `PolicyAuthorizer` does. */
  attachToHttpApi(api: V2ApiOfApp, props: HttpAttachment & ImportedApi): void {
    this.#attached.attachToHttpApi(api, props);
  }

  /** Gives `$connect` of a WebSocket API an authorizer. */
  attachToWebSocketApi(api: V2ApiOfApp, props: WebSocketAttachment & ImportedApi): void {
    this.#attached.attachToWebSocketApi(api, props);
  }

  /** Copies an OpenAPI document and writes the authorizers into the copy. Call {@link allow} with the API afterwards. */
  secure(document: unknown, api: CachingApi, props: SecuringProps & ImportedApi): object {
    return this.#documents.secure(document, api, props);
  }

  /** Checks a document that has authorizers already. Call {@link allow} with its API afterwards. */
  check(document: unknown, api: CachingApi, props: ImportedApi): void {
    this.#documents.check(document, api, props);
  }

  /** Lets the deployments of an API that was made from a document follow its authorizers. */
  allow(api: RestApiOfApp | V2ApiOfApp, props: ImportedApi): void {
    this.#documents.allow(api, props);
  }
}
