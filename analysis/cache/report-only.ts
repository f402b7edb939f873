import { formatApiContracts } from "../../contract/api-contracts.ts";
import type { Api } from "../../contract/api-kinds.ts";
import { type ApiConfiguration, toApiContract, toContractId } from "../../contract/contract-id.ts";
import { formatDeploymentAlias } from "../../contract/deployment-alias.ts";
import type { CacheContract } from "../../contract/manifest.ts";
import type { TokenSource } from "../../contract/token-source.ts";
import { type DeployedApis, toAliases } from "./aliases.ts";

/** The settings of APIs that are deployed without the constructs and only report decisions. */
export interface ReportOnlySettings {
  /** The alias of each API, which its authorizer's URI names. */
  readonly aliases: Partial<Readonly<Record<Api, string>>>;
  /** The settings of the authorizer of each API, in the words of CloudFormation. It has no identity sources, and caches nothing. */
  readonly authorizers: Partial<Readonly<Record<Api, Readonly<Record<string, string | number | boolean>>>>>;
  /** The contracts to add to `API_CONTRACTS` of the function. */
  readonly API_CONTRACTS: string;
}

/** Lists the settings of report-only authorizers, for a deployment without the constructs. */
export function toReportOnlySettings(
  contract: CacheContract,
  deployed: Omit<DeployedApis, "ttlS">,
): ReportOnlySettings {
  const { tokenSources } = deployed;
  const all = toAliases(contract, { ...deployed, ttlS: 0 }).map(({ api, apiName }) => {
    const configuration = toReportOnlyConfiguration(contract, api, tokenSources);
    const id = toContractId(configuration);
    const alias = formatDeploymentAlias({ api: apiName, contract: id, mode: "report" });
    return { api, id, alias, configuration };
  });
  return {
    aliases: Object.fromEntries(all.map(({ api, alias }) => [api, alias])),
    authorizers: Object.fromEntries(all.map(({ api, id }) => [api, { Name: `report-${id}`, ...SETTINGS[api] }])),
    API_CONTRACTS: formatApiContracts(new Map(all.map(({ id, configuration }) => [id, toApiContract(configuration)]))),
  };
}

const SETTINGS: Readonly<Record<Api, Readonly<Record<string, string | number | boolean>>>> = {
  rest: { Type: "REQUEST", AuthorizerResultTtlInSeconds: 0 },
  http: {
    ...{ AuthorizerType: "REQUEST", AuthorizerResultTtlInSeconds: 0 },
    ...{ AuthorizerPayloadFormatVersion: "2.0", EnableSimpleResponses: false },
  },
  websocket: { AuthorizerType: "REQUEST" },
};

/** Describes the report-only authorizer of an API. It caches nothing, so that each request is decided. */
export function toReportOnlyConfiguration(
  contract: CacheContract,
  api: Api,
  tokenSources: readonly TokenSource[],
): ApiConfiguration {
  return {
    ...{ cacheContract: contract.id, api, type: "REQUEST", response: "iam", hasUsageKey: false, tokenSources },
    ...{ cacheScope: "request", authorizers: new Map(), mode: "report" },
  };
}

/** Formats these settings for people. */
export function formatReportOnlySettings({ aliases, authorizers, API_CONTRACTS }: ReportOnlySettings): string {
  const apis = ["rest", "http", "websocket"] as const;
  const lines = apis.flatMap((api) => {
    const alias = aliases[api];
    if (alias === undefined) return [];
    return [
      `${api}: an alias ${alias} of the Lambda, a permission for the API to invoke it, and an authorizer`,
      `  AuthorizerUri  arn:...:lambda:path/2015-03-31/functions/<ARN of the function>:${alias}/invocations`,
      ...Object.entries(authorizers[api] ?? {}).map(([name, value]) => `  ${name}  ${value}`),
      "  without IdentitySource, since API Gateway would refuse a request without a token",
      "",
    ];
  });
  return [...lines, "Add these contracts to API_CONTRACTS of the Lambda:", API_CONTRACTS].join("\n");
}
