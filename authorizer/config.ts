import type { HttpResponse } from "../contract/api-kinds.ts";
import { type DeployedContract, parseCacheContract } from "../contract/cache-contract.ts";
import { err, ok, type Result } from "../contract/result.ts";
import { areSameTokenSources, fitsCacheKey, parseTokenSources, type TokenSource } from "../contract/token-source.ts";
import { parseTrustedIssuers } from "../contract/trusted-issuers.ts";
import type { TokenTimes } from "./identity/claim-checks.ts";
import { type TrustedIssuer, toTrustedIssuers } from "./identity/trusted-issuer.ts";

/** The configuration of the authorizer, from the environment. */
export interface Config {
  /** The trusted issuers, by the value of the claim `iss`. */
  readonly issuers: ReadonlyMap<string, TrustedIssuer>;
  /** `TOKEN_SOURCE`: the parts of a request of which exactly one carries the token. Default: `header:Authorization`. */
  readonly tokenSources: readonly TokenSource[];
  /** `HTTP_RESPONSE`: the form of response that an HTTP API with payload 2.0 expects. Default: `iam`. */
  readonly httpResponse: HttpResponse;
  /**
   * `MAX_TOKEN_LIFETIME_S`: the longest time from `iat` to `exp`; default: 86,400, the longest that Cognito issues.
   * `CLOCK_TOLERANCE_S`: how far the clocks of issuer and Lambda may differ; default: 0.
   */
  readonly tokenTimes: TokenTimes;
  /** `CACHE_CONTRACT`; undefined if the deployment does not say how it caches responses. */
  readonly deployedContract: DeployedContract | undefined;
}

const DAY_S = 86_400;

/**
 * Reads the configuration from environment variables.
 *
 * @returns The configuration, or a line for every error. A line names the variable, says what to do, and repeats no value.
 */
export function parseConfig(
  environment: Readonly<Record<string, string | undefined>>,
): Result<Config, readonly string[]> {
  const issuers = parseTrustedIssuers(environment["TRUSTED_ISSUERS"]);
  const tokenSources = parseTokenSources(environment["TOKEN_SOURCE"]);
  const httpResponse = parseHttpResponse(environment["HTTP_RESPONSE"] ?? "iam");
  const maxLifetime = parseSeconds(environment, "MAX_TOKEN_LIFETIME_S", DAY_S, 60, 30 * DAY_S);
  const tolerance = parseSeconds(environment, "CLOCK_TOLERANCE_S", 0, 0, 300);
  const contract = parseCacheContract(environment["CACHE_CONTRACT"]);
  if (issuers.ok && tokenSources.ok && httpResponse.ok && maxLifetime.ok && tolerance.ok && contract.ok) {
    const conflicts = findConflicts(httpResponse.value, tokenSources.value, contract.value);
    if (conflicts.length > 0) return err(conflicts);
    return ok({
      deployedContract: contract.value,
      issuers: toTrustedIssuers(issuers.value),
      tokenSources: tokenSources.value,
      httpResponse: httpResponse.value,
      tokenTimes: { maxLifetimeS: maxLifetime.value, toleranceS: tolerance.value },
    });
  }
  const parts = [issuers, tokenSources, httpResponse, maxLifetime, tolerance, contract];
  return err(parts.flatMap((part) => (part.ok ? [] : [part.error].flat())));
}

/** Finds settings that are right by themselves and wrong together. */
function findConflicts(
  httpResponse: HttpResponse,
  tokenSources: readonly TokenSource[],
  contract: DeployedContract | undefined,
): readonly string[] {
  if (contract === undefined) return [];
  const conflicts: string[] = [];
  if (httpResponse === "simple" && contract.http !== undefined)
    conflicts.push("simple responses must not be cached, since a cached one allows every route; set the TTL to 0");
  const { tokenSources: deployed = tokenSources } = contract;
  if (!areSameTokenSources(deployed, tokenSources))
    conflicts.push("the cache keys take the token from another place than TOKEN_SOURCE; deploy both together");
  for (const api of ["rest", "http"] as const) {
    if (contract[api] === undefined || fitsCacheKey(api, tokenSources)) continue;
    conflicts.push(
      `no cache key can hold the token that TOKEN_SOURCE names, so responses must not be cached; set the TTL to 0, and leave ${api} out`,
    );
  }
  return conflicts.map((conflict) => `CACHE_CONTRACT: ${conflict}`);
}

/** Parses whole seconds. The result is a number, since adding a text to a time would concatenate. */
function parseSeconds(
  environment: Readonly<Record<string, string | undefined>>,
  name: string,
  preset: number,
  least: number,
  most: number,
): Result<number, readonly string[]> {
  const text = environment[name] ?? String(preset);
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  return seconds >= least && seconds <= most
    ? ok(seconds)
    : err([`${name}: must be a whole number from ${least} to ${most}`]);
}

function parseHttpResponse(text: string): Result<HttpResponse, readonly string[]> {
  return text === "iam" || text === "simple" ? ok(text) : err(["HTTP_RESPONSE: must be iam or simple"]);
}
