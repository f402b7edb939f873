import { formatApiContracts } from "../../contract/api-contracts.ts";
import type { Api } from "../../contract/api-kinds.ts";
import { type ApiConfiguration, toApiContract, toContractId } from "../../contract/contract-id.ts";
import { formatDeploymentAlias } from "../../contract/deployment-alias.ts";
import { formatIdentitySource, ofToken } from "../../contract/identity-sources.ts";
import type { CacheContract } from "../../contract/manifest.ts";
import { type DeployedApis, toAliases } from "./aliases.ts";
import { toReportOnlyConfiguration } from "./report-only.ts";
import { type AuthorizerSettings, toConfiguration, toSettings } from "./settings.ts";

/** An API as it has to be deployed; the Terraform module reads it, and the parts for AWS SAM are made from it. */
export interface DescribedApi {
  readonly kind: Api;
  /** The id of its contract, which the alias and the names of its authorizers end in. */
  readonly contract: string;
  readonly alias: string;
  /** Its authorizers, by the name that {@link methods} uses. */
  readonly authorizers: Readonly<Record<string, DescribedAuthorizer>>;
  /** Its part of `API_CONTRACTS`. */
  readonly api_contract: unknown;
  /** The authorizer of each method or route, such as `GET /home` or `$connect`. */
  readonly methods: Readonly<Record<string, string>>;
  /** The methods or routes that the policy opens to everybody, so that they have no authorizer: `GET /health`. */
  readonly public: readonly string[];
  /** The alias and the authorizer for its methods that only report what the policy decides. */
  readonly report_only: DescribedReport;
}

/** The report-only authorizer of an API, which has no identity sources and the TTL 0. */
interface DescribedReport {
  readonly contract: string;
  readonly alias: string;
  readonly authorizer: string;
  readonly api_contract: unknown;
}

interface DescribedAuthorizer {
  /** The name with the contract, so that a new contract has a new authorizer with an empty cache. */
  readonly name: string;
  readonly ttl_s: number;
  readonly identity_sources: readonly string[];
}

/** The name of a WebSocket API's only authorizer. */
const CONNECT = "connect";

/**
 * Describes the APIs of a contract, by their names in the aliases. A WebSocket API is always there, since an OpenAPI document does not
 * show whether there is one.
 */
export function describeApis(contract: CacheContract, deployed: DeployedApis): Readonly<Record<string, DescribedApi>> {
  return Object.fromEntries(
    toAliases(contract, deployed, [...deployed.apis, "websocket"]).map(
      ({ api, apiName: name, aliasName, contractId }) => {
        const settings = toAuthorizers(contract, api, deployed);
        const authorizers = settings.map(({ name, ttlS, identitySources }) => [
          name,
          { name: `${name}-${contractId}`, ttl_s: ttlS, identity_sources: identitySources },
        ]);
        const described: DescribedApi = {
          kind: api,
          contract: contractId,
          alias: aliasName,
          api_contract: toContractEntry(toConfiguration(contract, api, deployed.ttlS, deployed.tokenSources)),
          authorizers: Object.fromEntries(authorizers),
          methods: toMethods(contract, api),
          public: toPublicMethods(deployed, api),
          report_only: toReport(toReportOnlyConfiguration(contract, api, deployed.tokenSources), name),
        };
        // The kind of an API that a document names is not known unless it is chosen. Both kinds have its name in their alias.
        const isOneOfKinds = deployed.all !== undefined && deployed.apis.length > 1 && api !== "websocket";
        return [isOneOfKinds ? `${name}-${api}` : name, described];
      },
    ),
  );
}

function toReport(configuration: ApiConfiguration, apiName: string): DescribedReport {
  const contract = toContractId(configuration);
  return {
    contract,
    alias: formatDeploymentAlias({ api: apiName, contract, mode: "report" }),
    authorizer: `report-${contract}`,
    api_contract: toContractEntry(configuration),
  };
}

function toContractEntry(configuration: ApiConfiguration): unknown {
  const text = formatApiContracts(new Map([[toContractId(configuration), toApiContract(configuration)]]));
  return Object.values(JSON.parse(text))[0];
}

/** Lists the authorizers of one kind of API, a WebSocket API's among them, which caches nothing. */
function toAuthorizers(
  contract: CacheContract,
  api: Api,
  { ttlS, tokenSources }: DeployedApis,
): readonly AuthorizerSettings[] {
  if (api !== "websocket") return toSettings(contract, api, ttlS, tokenSources);
  const source = ofToken(api, tokenSources);
  const identitySources = source === undefined ? [] : [formatIdentitySource(api, source)];
  return [{ name: CONNECT, ttlS: 0, identitySources }];
}

function toMethods({ routes }: CacheContract, api: Api): Readonly<Record<string, string>> {
  if (api === "websocket") return { $connect: CONNECT };
  const own = routes.filter(({ verb }) => verb !== "CONNECT");
  return Object.fromEntries(own.map(({ verb, path, authorizer }) => [`${verb} ${path}`, authorizer]));
}

function toPublicMethods({ publicRoutes, apiName, all }: DeployedApis, api: Api): readonly string[] {
  if (api === "websocket") return [];
  const own = publicRoutes?.get(all === undefined ? undefined : apiName) ?? [];
  return own.map(({ verb, path }) => `${verb} ${path}`).sort();
}
