import { join } from "node:path";
import { toAliases, toApiContractsVariable } from "../analysis/cache/aliases.ts";
import { toCacheContractVariable } from "../analysis/cache/settings.ts";
import type { LogEntry } from "../contract/log-entry.ts";
import type { CacheContract } from "../contract/manifest.ts";
import { formatTokenSources, type TokenSource } from "../contract/token-source.ts";
import { formatTrustedIssuers } from "../contract/trusted-issuers.ts";
import type { SimulatedApi } from "../simulator/simulated-api.ts";
import { createSimulator, type Simulator } from "../simulator/simulator.ts";
import { type LocalKind, toApi, toCachedApi } from "./api.ts";
import { type Lambda, startLambda } from "./lambda.ts";
import type { ContractedApi } from "./local-apis.ts";
import { withOpenParts } from "./open-parts.ts";
import { LOCAL_ISSUER, userPoolIdOf } from "./tokens.ts";

/** The parts and settings of a deployment. */
export interface DeploymentOptions {
  /** The folder with the package. */
  readonly dist: string;
  /** The contract of all APIs together. */
  readonly contract: CacheContract;
  readonly apis: readonly ContractedApi[];
  readonly kind: LocalKind;
  /** How long responses are cached; if undefined, they are not cached. */
  readonly cacheTtlS: number | undefined;
  /** The places of the token in a request, of which exactly one has it. */
  readonly tokenSources: readonly TokenSource[];
  /** The origin whose preflights are answered on every path. */
  readonly corsOrigin: string | undefined;
  /** The authorizer's variables for the claims that responses pass on. */
  readonly passedOn: Readonly<Record<string, string>>;
  /** The URL of the issuer's key set. */
  readonly jwksUri: string;
  /** The names of the issuers that the policy's roles are tied to. */
  readonly issuerNames: readonly string[];
  /** The app clients whose tokens are accepted. */
  readonly clientIds: readonly string[];
  /** Called for each entry of the decision log, before its response arrives. */
  readonly onDecision: (entry: LogEntry) => void;
}

/** A running handler behind APIs with empty caches. */
export interface Deployment {
  readonly lambda: Lambda;
  /** By the name of the API. */
  readonly simulators: ReadonlyMap<string, Simulator>;
}

/** Starts the handler of a package, behind APIs with empty caches. */
export async function deploy(options: DeploymentOptions): Promise<Deployment> {
  const { dist, contract, apis, kind, cacheTtlS, tokenSources, corsOrigin, passedOn } = options;
  const { jwksUri, issuerNames, clientIds, onDecision } = options;
  const trusted = { clientIds, tokenUse: "any", jwksUri } as const;
  const names = issuerNames.length === 1 ? issuerNames : [...new Set([LOCAL_ISSUER, ...issuerNames])];
  const named = names.map((name) => ({ name, userPoolId: userPoolIdOf(name, issuerNames), ...trusted }));
  const issuers = issuerNames.length === 0 ? [{ userPoolId: userPoolIdOf(undefined, []), ...trusted }] : named;
  const all = { common: contract, apis: Object.fromEntries(apis.map((api) => [api.name, api.contract])) };
  const deployed = { apis: [kind], ttlS: cacheTtlS ?? 0, tokenSources, all } as const;
  const lambda = await startLambda({
    handler: join(dist, "authorizer", "index.mjs"),
    environment: {
      ...passedOn,
      TRUSTED_ISSUERS: formatTrustedIssuers(issuers),
      CACHE_CONTRACT: toCacheContractVariable(contract, cacheTtlS === undefined ? [] : [kind], tokenSources),
      API_CONTRACTS: toApiContractsVariable(contract, deployed),
      TOKEN_SOURCE: formatTokenSources(tokenSources),
      // `--json` prints whole entries, which `opa eval` can repeat.
      DECISION_LOG: "opa",
    },
    onDecision,
  });
  const simulators = apis.map(({ name, contract: own, openParts }) => {
    const [alias] = toAliases(own, { ...deployed, apiName: name });
    const api = cacheTtlS === undefined ? toApi(kind) : toCachedApi(kind, own, cacheTtlS, tokenSources);
    const whole = withOpenParts(kind, withAlias(api, alias?.aliasName), openParts, corsOrigin);
    return [name, createSimulator(whole, lambda.invoke)] as const;
  });
  return { lambda, simulators: new Map(simulators) };
}

/** Lets all authorizers of an API name an alias in their URI, as a deployment does. */
function withAlias(api: SimulatedApi, alias: string | undefined): SimulatedApi {
  if (alias === undefined) return api;
  const authorizers = Object.entries(api.authorizers).map(([name, one]) => [name, { ...one, alias }] as const);
  return { ...api, authorizers: Object.fromEntries(authorizers) };
}
