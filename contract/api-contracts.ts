import type { Api } from "./api-kinds.ts";
import { type CacheScope, checkKeyParts, type DeployedContract } from "./cache-contract.ts";
import { BASE_CACHE_KEY, type CacheKeyPart } from "./cache-key.ts";
import { isContractId } from "./deployment-alias.ts";
import { isObject, isTexts, parseJson } from "./json.ts";
import { err, ok, type Result } from "./result.ts";

/** The caching of one API, as far as its responses rely on it. */
export interface ApiContract {
  readonly api: Api;
  readonly cacheScope: CacheScope;
  /** The parts of a request that are in the cache keys of all its caching authorizers; undefined if nothing is cached. */
  readonly key: readonly CacheKeyPart[] | undefined;
  /** `report` if its authorizers let every request through; missing if they enforce decisions. An alias says the same. */
  readonly mode?: "report";
}

const NAME = "API_CONTRACTS";
const KEYS = ["api", "key", "cache_scope", "mode"];

/**
 * Parses `API_CONTRACTS`: the contract of each API that may invoke this version of the Lambda, by the id that its alias has:
 * `{"0123456789ab": {"api": "rest", "key": ["token", "method", "path"]}, "ba9876543210": {"api": "websocket"}}`. An API without
 * `key` caches nothing; with `"cache_scope": "token"` it caches per-token policy documents; with `"mode": "report"` its authorizers only
 * report what they would decide.
 *
 * @returns The contracts, none if the variable is not set, or a line for every error.
 */
export function parseApiContracts(
  text: string | undefined,
): Result<ReadonlyMap<string, ApiContract>, readonly string[]> {
  if (text === undefined) return ok(new Map());
  const value = parseJson(text);
  if (!isObject(value)) return err([`${NAME}: must be a JSON object; rego-authorizer cache-contract prints it`]);
  const entries = Object.entries(value).map(([id, contract], at) => parseEntry(id, contract, at));
  const errors = entries.flatMap((entry) => (entry.ok ? [] : entry.error));
  if (errors.length > 0) return err(errors.map((error) => `${NAME}: ${error}`));
  return ok(new Map(entries.flatMap((entry) => (entry.ok ? [entry.value] : []))));
}

function parseEntry(
  id: string,
  contract: unknown,
  at: number,
): Result<readonly [string, ApiContract], readonly string[]> {
  const where = `the contract at position ${at + 1}`;
  if (!isContractId(id)) return err([`${where} must have an id of 12 hexadecimal digits, as the alias has it`]);
  if (!isObject(contract)) return err([`${where} must be an object with ${KEYS.join(", ")}`]);
  const { api, key, cache_scope: cacheScope = "request", mode } = contract;
  if (Object.keys(contract).some((name) => !KEYS.includes(name)))
    return err([`${where} has an unknown key; its keys are ${KEYS.join(", ")}`]);
  if (api !== "rest" && api !== "http" && api !== "websocket")
    return err([`api of ${where} must be rest, http or websocket`]);
  if (cacheScope !== "request" && cacheScope !== "token")
    return err([`cache_scope of ${where} must be request or token`]);
  if (cacheScope === "token" && (api !== "rest" || key === undefined))
    return err([`cache_scope of ${where} is for REST APIs that cache; leave it out`]);
  if (api === "websocket" && key !== undefined)
    return err([`${where} has a key, but WebSocket APIs cache nothing; leave it out`]);
  if (mode !== undefined && mode !== "report")
    return err([`mode of ${where} must be report; leave it out if decisions are enforced`]);
  if (mode === "report" && key !== undefined)
    return err([
      `${where} is report-only and has a key, but a report-only authorizer caches nothing; leave the key out`,
    ]);
  const base = api === "websocket" || cacheScope === "token" ? ["token"] : BASE_CACHE_KEY[api];
  const errors = checkKeyParts(`key of ${where}`, key, base);
  if (errors.length > 0) return err(errors);
  return ok([id, { api, cacheScope, key: isTexts(key) ? key : undefined, ...(mode && { mode }) }] as const);
}

/** Formats contracts for `API_CONTRACTS`; the inverse of {@link parseApiContracts}. */
export function formatApiContracts(contracts: ReadonlyMap<string, ApiContract>): string {
  const sorted = [...contracts].sort(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify(
    Object.fromEntries(
      sorted.map(([id, { api, cacheScope, key, mode }]) => [
        id,
        {
          api,
          ...(key !== undefined && { key }),
          ...(cacheScope === "token" && { cache_scope: cacheScope }),
          ...(mode !== undefined && { mode }),
        },
      ]),
    ),
  );
}

/**
 * Converts the contract of one API to what the checks of caching read.
 *
 * @param common - `CACHE_CONTRACT`, which has what is the same for all APIs: for which policy they were deployed, and where the
 *   token is.
 */
export function toDeployedContract({ api, cacheScope, key }: ApiContract, common: DeployedContract): DeployedContract {
  const { id, tokenSources } = common;
  return {
    ...{ id, cacheScope, tokenSources },
    rest: api === "rest" ? key : undefined,
    http: api === "http" ? key : undefined,
  };
}
