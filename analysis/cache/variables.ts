import type { CacheContract } from "../../contract/manifest.ts";
import { formatTokenSources, type TokenSource } from "../../contract/token-source.ts";
import type { DescribedApi } from "./described-apis.ts";
import { toCacheContractVariable } from "./settings.ts";

/** Makes the variables of the function that its APIs invoke, besides the trusted issuers. */
export function toVariables(
  contract: CacheContract,
  apis: readonly DescribedApi[],
  tokenSources: readonly TokenSource[],
): Readonly<Record<"API_CONTRACTS" | "CACHE_CONTRACT" | "TOKEN_SOURCE", string>> {
  const kinds = [...new Set(apis.map(({ kind }) => kind))].filter((kind) => kind !== "websocket");
  const sorted = [...apis].sort((one, other) => (one.contract < other.contract ? -1 : 1));
  return {
    API_CONTRACTS: JSON.stringify(Object.fromEntries(sorted.map((one) => [one.contract, one.api_contract]))),
    CACHE_CONTRACT: toCacheContractVariable(contract, kinds, tokenSources),
    TOKEN_SOURCE: formatTokenSources(tokenSources),
  };
}
