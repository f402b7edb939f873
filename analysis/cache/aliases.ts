import { formatApiContracts } from "../../contract/api-contracts.ts";
import type { Api, CachingApi } from "../../contract/api-kinds.ts";
import { toApiContract, toContractId } from "../../contract/contract-id.ts";
import { formatDeploymentAlias } from "../../contract/deployment-alias.ts";
import type { CacheContract } from "../../contract/manifest.ts";
import type { Route } from "../../contract/route.ts";
import type { TokenSource } from "../../contract/token-source.ts";
import type { ContractsOfApis } from "./api-contracts.ts";
import { toCacheContractVariable, toConfiguration } from "./settings.ts";

/** The settings of APIs that are deployed without the constructs. */
export interface DeployedApis {
  readonly apis: readonly CachingApi[];
  readonly ttlS: number;
  /** The places of the token in a request, the value of `TOKEN_SOURCE`. */
  readonly tokenSources: readonly TokenSource[];
  /** The name of the API in its alias; default: its kind. */
  readonly apiName: string | undefined;
  /** The contracts of all APIs of the Lambda; undefined if it has the one that is described, or one for each kind. */
  readonly all?: ContractsOfApis | undefined;
  /** The public routes of each API by its name; of the only one by `undefined`. */
  readonly publicRoutes?: ReadonlyMap<string | undefined, readonly Route[]>;
}

/** The variables of a Lambda that say how the APIs which invoke it cache responses. */
interface CachingVariables {
  readonly CACHE_CONTRACT: string;
  readonly API_CONTRACTS: string;
}

/** The alias by which the authorizers of one API invoke the Lambda. */
export interface ApiAlias {
  readonly api: Api;
  /** The name of the API in the alias. */
  readonly apiName: string;
  readonly aliasName: string;
  readonly contractId: string;
}

/**
 * Lists the alias of each API.
 *
 * @param kinds - Default: those of the APIs, and a WebSocket API if the policy has routes of one.
 */
export function toAliases(
  contract: CacheContract,
  deployed: DeployedApis,
  kinds: readonly Api[] = withWebSocket(contract, deployed.apis),
): readonly ApiAlias[] {
  const { apis, ttlS, tokenSources, apiName, all } = deployed;
  // A document is for one API, whatever its kind, so that its alias has the name as it is.
  const isAlone = all !== undefined || apis.length === 1;
  return kinds.map((api) => {
    const contractId = toContractId(toConfiguration(contract, api, ttlS, tokenSources));
    const name = apiName === undefined ? api : !isAlone || api === "websocket" ? `${apiName}-${api}` : apiName;
    return { api, apiName: name, contractId, aliasName: formatDeploymentAlias({ api: name, contract: contractId }) };
  });
}

/** Formats the variables of the Lambda for these APIs. */
export function toCachingVariables(contract: CacheContract, deployed: Omit<DeployedApis, "apiName">): CachingVariables {
  const { apis, tokenSources, all } = deployed;
  return {
    CACHE_CONTRACT: toCacheContractVariable(all?.common ?? contract, apis, tokenSources),
    API_CONTRACTS: toApiContractsVariable(contract, deployed),
  };
}

/** Formats `API_CONTRACTS` for these APIs. */
export function toApiContractsVariable(
  contract: CacheContract,
  { apis, ttlS, tokenSources, all }: Omit<DeployedApis, "apiName">,
): string {
  const contracts = all === undefined ? [contract] : Object.values(all.apis);
  const configurations = contracts.flatMap((one) =>
    withWebSocket(one, apis).map((api) => toConfiguration(one, api, ttlS, tokenSources)),
  );
  return formatApiContracts(new Map(configurations.map((one) => [toContractId(one), toApiContract(one)])));
}

function withWebSocket({ routes }: CacheContract, apis: readonly CachingApi[]): readonly Api[] {
  return [...apis, ...(routes.some(({ verb }) => verb === "CONNECT") ? (["websocket"] as const) : [])];
}
