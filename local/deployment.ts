import { join } from "node:path";
import { toAliases, toApiContractsVariable } from "../analysis/cache/aliases.ts";
import { toCacheContractVariable } from "../analysis/cache/settings.ts";
import type { LogEntry } from "../contract/log-entry.ts";
import type { CacheContract } from "../contract/manifest.ts";
import type { Route } from "../contract/route.ts";
import { formatTokenSources, type TokenSource } from "../contract/token-source.ts";
import { formatTrustedIssuers } from "../contract/trusted-issuers.ts";
import type { OpenParts } from "../openapi/read-open-parts.ts";
import type { SimulatedApi } from "../simulator/simulated-api.ts";
import { createSimulator, type Simulator } from "../simulator/simulator.ts";
import { type LocalKind, toApi, toCachedApi } from "./api.ts";
import { type Lambda, startLambda } from "./lambda.ts";
import { withOpenParts, withPublicRoutes } from "./open-parts.ts";
import { LOCAL_ISSUER, userPoolIdOf } from "./tokens.ts";

/** The name of the API in its alias. */
const LOCAL_API = "local";

/** The parts and settings of a deployment. */
export interface DeploymentOptions {
  /** The folder with the package. */
  readonly dist: string;
  readonly contract: CacheContract;
  readonly kind: LocalKind;
  /** How long responses are cached; if undefined, they are not cached. */
  readonly cacheTtlS: number | undefined;
  /** The places of the token in a request, of which exactly one has it. */
  readonly tokenSources: readonly TokenSource[];
  readonly openParts: OpenParts | undefined;
  /** The routes that the policy opens to everybody. */
  readonly publicRoutes: readonly Route[];
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

/** A running handler behind an API with empty caches. */
export interface Deployment {
  readonly lambda: Lambda;
  readonly simulator: Simulator;
}

/** Starts the handler of a package, behind an API with empty caches. */
export async function deploy(options: DeploymentOptions): Promise<Deployment> {
  const { dist, contract, kind, cacheTtlS, tokenSources, openParts, publicRoutes, corsOrigin, passedOn } = options;
  const { jwksUri, issuerNames, clientIds, onDecision } = options;
  const trusted = { clientIds, tokenUse: "any", jwksUri } as const;
  const names = issuerNames.length === 1 ? issuerNames : [...new Set([LOCAL_ISSUER, ...issuerNames])];
  const named = names.map((name) => ({ name, userPoolId: userPoolIdOf(name, issuerNames), ...trusted }));
  const issuers = issuerNames.length === 0 ? [{ userPoolId: userPoolIdOf(undefined, []), ...trusted }] : named;
  const deployed = { apis: [kind], ttlS: cacheTtlS ?? 0, tokenSources, apiName: LOCAL_API } as const;
  const [alias] = toAliases(contract, deployed);
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
  const api = cacheTtlS === undefined ? toApi(kind) : toCachedApi(kind, contract, cacheTtlS, tokenSources);
  const whole = withOpenParts(
    kind,
    withPublicRoutes(withAlias(api, alias?.aliasName), publicRoutes),
    openParts,
    corsOrigin,
  );
  return { lambda, simulator: createSimulator(whole, lambda.invoke) };
}

/** Lets all authorizers of an API name an alias in their URI, as a deployment does. */
function withAlias(api: SimulatedApi, alias: string | undefined): SimulatedApi {
  if (alias === undefined) return api;
  const authorizers = Object.entries(api.authorizers).map(([name, one]) => [name, { ...one, alias }] as const);
  return { ...api, authorizers: Object.fromEntries(authorizers) };
}
