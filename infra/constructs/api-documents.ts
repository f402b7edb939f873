import { Token } from "aws-cdk-lib";
import type { CfnApi } from "aws-cdk-lib/aws-apigatewayv2";
import { Construct, type IConstruct } from "constructs";
import { type AuthorizerSettings, toConfiguration, toSettings } from "../../analysis/cache/settings.ts";
import { type CachingApi, showsCacheKey } from "../../contract/api-kinds.ts";
import { BASE_CACHE_KEY } from "../../contract/cache-key.ts";
import type { ApiConfiguration } from "../../contract/contract-id.ts";
import { CLOSED_BY_POLICY, closesByPolicy } from "../../contract/resource-policy.ts";
import { modeOf } from "../../gate/aliases.ts";
import { checkDocument } from "../../openapi/check-document.ts";
import { withEdits } from "../../openapi/edits.ts";
import { findGatewayErrors } from "../../openapi/gateway-errors.ts";
import { contractOfName, describeEarlier } from "../../openapi/own-schemes.ts";
import type { PublicRoutes } from "../../openapi/public-operations.ts";
import { toEdits } from "../../openapi/secure-document.ts";
import { type ApiConfigurations, KIND } from "./api-configurations.ts";
import { isApiResource, type RestApiOfApp, type V2ApiOfApp } from "./apis.ts";
import { type AuthorizerCaching, cachedKeysOf, formatIdentitySources, type NamedApi } from "./caching.ts";
import type { AliasSource, InvokedAlias } from "./deployment-aliases.ts";
import { addToDeployments } from "./deployments.ts";
import { allowInvocation } from "./invoke-permission.ts";
import { toMarkOf } from "./of-any-copy.ts";
import type { SecuringProps } from "./policy-authorizer-props.ts";
import { templateOf } from "./template.ts";
import { visitResourcesOf } from "./visit-resources.ts";

/** The API that a document became. */
export interface ApiOfDocument extends NamedApi {
  /**
   * The id of an HTTP API that exists. Its document names a new alias at once, and with the id the permission to invoke that alias comes
   * first. Without it the API answers 500 until the permission follows, for seconds, whenever its contract has changed. A REST API does
   * not need it, since its stage comes last.
   *
   * @default - the permission is created after the API
   */
  readonly apiId?: string;
}

/** A document that was secured or checked. Its alias is made before its API. */
interface AliasOfDocument {
  readonly api: CachingApi;
  readonly apiName: string;
  readonly alias: InvokedAlias;
}

/** The form of an API's id. AWS does not document it; all ids that its documentation shows have it. */
const API_ID = /^[a-z0-9]{10}$/;

/** The authorizers of APIs that are made from OpenAPI documents. {@link PolicyAuthorizer} has its methods. */
export class ApiDocuments {
  readonly #apis: ApiConfigurations;
  readonly #aliases: AliasSource;
  readonly #ofDocuments: AliasOfDocument[] = [];

  constructor(apis: ApiConfigurations, aliases: AliasSource) {
    this.#apis = apis;
    this.#aliases = aliases;
  }

  /** Copies a document and writes the authorizers into the copy. */
  secure(document: unknown, api: CachingApi, props: SecuringProps): object {
    this.#apis.checkKeySource(document);
    const { tokenSources, httpResponse } = this.#apis.settings;
    const { selection, mode } = this.#apis.select(props);
    const contract = this.#apis.contractOf(props.apiName ?? api);
    const isReport = mode === "report";
    if (isReport) this.#apis.checkTokenSources(api);
    const resolved = isReport ? new Map() : this.#apis.resolveCaching(api, props, contract);
    const alias = this.#aliasOf(api, props, this.#apis.configure(api, cachedKeysOf(resolved), "REQUEST", mode));
    const { edits, errors, notices, earlier } = toEdits(document, {
      ...this.#publicRoutes(api, props),
      contract,
      api,
      selection,
      mode,
      settings: this.#settingsOf(api, [...resolved.values()]),
      tokenSources,
      authorizerUri: alias.uri,
      contractId: alias.contractId,
      isSimple: httpResponse === "simple",
      // A function of this app is in its assembly, where the gate finds it.
      ...(alias.isImported === true && { mark: toMarkOf(alias, this.#publicRoutes(api, props)) }),
    });
    const known = this.#ofDocuments.map((one) => one.alias.contractId);
    const unknown = earlier.filter((name) => !known.includes(contractOfName(name) ?? ""));
    this.#failOn([...errors, ...findGatewayErrors(document, api).errors]);
    this.#apis.warn("document", [...notices, ...unknown.map(describeEarlier)]);
    return withEdits(document, edits);
  }

  /** Checks a document that has authorizers already. */
  check(document: unknown, api: CachingApi, props: NamedApi): void {
    this.#apis.checkKeySource(document);
    this.#apis.checkTokenSources(api);
    const { tokenSources } = this.#apis.settings;
    const contract = this.#apis.contractOf(props.apiName ?? api);
    const wanted = toSettings(contract, api, 1, tokenSources);
    const checking = { ...this.#publicRoutes(api, props), contract, api, settings: wanted };
    const { errors, isCaching, uris, notices } = checkDocument(document, checking);
    this.#apis.warn("public-closed", notices);
    if (isCaching) this.#apis.addCaching(api);
    const { authorizers } = toConfiguration(contract, api, isCaching ? 1 : 0, tokenSources);
    const { aliasName } = this.#aliasOf(api, props, this.#apis.configure(api, authorizers));
    // A URI that is a variable of the document is known at deployment only.
    const others = uris.filter((uri) => uri.includes("/invocations") && !uri.includes(`:${aliasName}/invocations`));
    this.#failOn([
      ...errors,
      ...findGatewayErrors(document, api).errors,
      ...others.map(
        (uri) =>
          `the authorizerUri ${uri} does not name the alias ${aliasName}, which says how the API caches responses; let it end in :${aliasName}/invocations`,
      ),
    ]);
  }

  /** Lets an API that was made from a document invoke the Lambda. */
  allow(api: RestApiOfApp | V2ApiOfApp | CfnApi, { apiName, apiId: knownId }: ApiOfDocument): void {
    if (knownId !== undefined && (Token.isUnresolved(knownId) || !API_ID.test(knownId)))
      throw this.#apis.fail(
        `apiId: must be the id of ${api.node.path} as a text of ten small letters and digits; take it from the deployed stack, or leave it out until the API exists`,
      );
    const isRest = "restApiId" in api;
    const scope = new Construct(this.#apis.scopeOf(api, isRest ? "rest" : "http"), KIND);
    const aliases = this.#ofDocuments
      .filter((one) => (one.api === "rest") === isRest && (apiName === undefined || one.apiName === apiName))
      .map(({ alias }) => alias);
    if (aliases.length === 0)
      throw this.#apis.fail(
        `${api.node.path} is allowed before a document of it was secured or checked; call secure() or check() first`,
      );
    const apiId = isRest ? api.restApiId : "apiId" in api ? api.apiId : api.ref;
    const permissions = aliases.map((alias) => allowInvocation(scope, alias, apiId));
    // A permission that refers to the API can't come before it. With another id, such as one of an API that was replaced, the others still hold.
    const early = knownId === undefined ? [] : aliases.map((alias) => allowInvocation(scope, alias, knownId, "Known"));
    const isReport = aliases.some(({ aliasName }) => modeOf(aliasName) === "report");
    if (isReport) addPolicyCheck(scope, api);
    const first = [...aliases.map(({ resource }) => resource), ...early];
    // The API may be an imported one that stands for the resource with the document.
    visitResourcesOf(api, (resource) => {
      if (isApiResource(resource)) resource.node.addDependency(...first);
    });
    const uris = aliases.map(({ uri }) => uri);
    if (isRest) addToDeployments(api, uris, permissions);
  }

  #settingsOf(api: CachingApi, caching: readonly AuthorizerCaching[]): readonly AuthorizerSettings[] {
    const isCaching = caching.some(({ ttlS }) => ttlS > 0);
    return caching.map(({ name, ttlS, keyParts }) => {
      // If the API caches any response, the Lambda expects the whole cache key in events that show it.
      const isShown = showsCacheKey(api) && ttlS === 0 && isCaching;
      const shown = { name, ttlS, keyParts: isShown ? BASE_CACHE_KEY[api] : keyParts };
      return { name, ttlS, identitySources: formatIdentitySources(api, shown, this.#apis.settings.tokenSources) };
    });
  }

  #publicRoutes(api: CachingApi, { apiName = api }: NamedApi): PublicRoutes {
    return { publicRules: this.#apis.settings.dist.publicRules, apiName };
  }

  #aliasOf(api: CachingApi, { apiName = api }: NamedApi, configuration: ApiConfiguration): InvokedAlias {
    const alias = this.#aliases.add(apiName, this.#apis.ofApi(apiName, configuration), `the document of ${apiName}`);
    this.#ofDocuments.push({ api, apiName, alias });
    return alias;
  }

  #failOn(errors: readonly string[]): void {
    if (errors.length > 0) throw this.#apis.fail(errors.join("\n"));
  }
}

/** Reports a resource policy of an API, beside its document, whose silence the Allow of a report-only authorizer would turn into 200. */
function addPolicyCheck(scope: Construct, api: IConstruct): void {
  const policies: (() => unknown)[] = [];
  visitResourcesOf(api, (resource) => {
    if (isApiResource(resource)) policies.push(() => templateOf(resource)["Policy"]);
  });
  scope.node.addValidation({
    validate: () =>
      policies.some((policy) => closesByPolicy(policy())) ? [`${KIND}: ${api.node.path} ${CLOSED_BY_POLICY}`] : [],
  });
}
