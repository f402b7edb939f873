import { type ApiContract, parseApiContracts, toDeployedContract } from "../contract/api-contracts.ts";
import type { HttpResponse } from "../contract/api-kinds.ts";
import { type CachingSetting, type DeployedContract, parseCacheContract } from "../contract/cache-contract.ts";
import type { ClaimPath } from "../contract/claim-path.ts";
import { parseContextClaims } from "../contract/context-claims.ts";
import type { LogFormat } from "../contract/decision-log.ts";
import { own } from "../contract/json.ts";
import { err, ok, type Result } from "../contract/result.ts";
import { areSameTokenSources, fitsCacheKey, parseTokenSources, type TokenSource } from "../contract/token-source.ts";
import { type IssuerFile, parseTrustedIssuers } from "../contract/trusted-issuers.ts";
import { parseUsageKeyClaim } from "../contract/usage-key-claim.ts";
import { AHEAD_TOLERANCE_S, type TokenTimes } from "./identity/claim-checks.ts";
import { type TrustedIssuer, toTrustedIssuers } from "./identity/trusted-issuer.ts";
import type { PassedOn } from "./passed-on.ts";

/** The configuration of the authorizer, from the environment. */
export interface Config {
  /** The trusted issuers, by the value of the claim `iss`. */
  readonly issuers: ReadonlyMap<string, TrustedIssuer>;
  /** The name of each entry of `TRUSTED_ISSUERS`; undefined for one without a name. */
  readonly issuerNames: readonly (string | undefined)[];
  /** `TOKEN_SOURCE`: the parts of a request of which exactly one carries the token. Default: `header:Authorization`. */
  readonly tokenSources: readonly TokenSource[];
  /** `HTTP_RESPONSE`: the form of response that an HTTP API with payload 2.0 expects. Default: `iam`. */
  readonly httpResponse: HttpResponse;
  /**
   * `MAX_TOKEN_LIFETIME_S`: the longest time from `iat` to `exp`; default: 86,400, the longest that Cognito issues.
   * `CLOCK_TOLERANCE_S`: how far the clocks of issuer and Lambda may differ; default: 0 for `exp`, 300 for `nbf` and `iat`.
   */
  readonly tokenTimes: TokenTimes;
  /** `KEYS`: `packed` if nothing may be fetched, since the network has no way out; default: `fetched`. */
  readonly keys: "fetched" | "packed";
  /** `CACHE_CONTRACT`; undefined if the deployment does not say how it caches responses. */
  readonly deployedContract: DeployedContract | undefined;
  /** `API_CONTRACTS`: the contracts of the APIs that may invoke this version, by the ids that their aliases have. */
  readonly apiContracts: ReadonlyMap<string, ApiContract>;
  /**
   * `UNQUALIFIED_CONTRACT`: the id of the cache contract that authorizers rely on whose URI names no contract; undefined if
   * these get no responses. It is for the deployment that replaces such URIs.
   */
  readonly unqualifiedContract: string | undefined;
  /**
   * `CONTEXT_CLAIMS`: the claims that the context passes on to the back end; default: none.
   * `USAGE_KEY_CLAIM`: the claim with the API key of a REST API's usage plan; default: responses have no key.
   */
  readonly passedOn: PassedOn;
  /** `DECISION_LOG`: the form of the decision log's lines. Default: `compact`. */
  readonly logFormat: LogFormat;
}

const DAY_S = 86_400;

/** The settings that are right, also if others are not, so that all of them can be compared with the package. */
export type KnownSettings = Partial<
  Pick<
    Config,
    "issuers" | "issuerNames" | "keys" | "deployedContract" | "apiContracts" | "unqualifiedContract" | "passedOn"
  >
>;

/** A configuration or all its errors, and the settings that are right. */
export interface ParsedEnvironment {
  readonly config: Result<Config, readonly string[]>;
  readonly known: KnownSettings;
}

/** Reads the configuration from environment variables, as {@link parseEnvironment} does. */
export function parseConfig(
  environment: Readonly<Record<string, string | undefined>>,
  packed?: IssuerFile,
): Result<Config, readonly string[]> {
  return parseEnvironment(environment, packed).config;
}

/**
 * Reads the settings from environment variables.
 *
 * @param packed - The issuers that the build has packed, if it has.
 * @returns The configuration, or a line for every error. A line names the variable, says what to do, and repeats no value.
 */
export function parseEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  packed?: IssuerFile,
): ParsedEnvironment {
  const issuers = parseTrustedIssuers(environment["TRUSTED_ISSUERS"], packed);
  const tokenSources = parseTokenSources(environment["TOKEN_SOURCE"]);
  const httpResponse = parseHttpResponse(environment["HTTP_RESPONSE"] ?? "iam");
  const maxLifetime = parseSeconds(environment, "MAX_TOKEN_LIFETIME_S", DAY_S, 60, 30 * DAY_S);
  const tolerance = parseSeconds(environment, "CLOCK_TOLERANCE_S", 0, 0, AHEAD_TOLERANCE_S);
  const keys = parseKeys(environment["KEYS"] ?? "fetched");
  const tls = checkTls(environment["NODE_TLS_REJECT_UNAUTHORIZED"]);
  const contract = parseCacheContract(environment["CACHE_CONTRACT"]);
  const apiContracts = parseApiContracts(environment["API_CONTRACTS"]);
  const unqualifiedContract = environment["UNQUALIFIED_CONTRACT"];
  const passedOn = parsePassedOn(environment);
  const logFormat = parseLogFormat(environment["DECISION_LOG"]);
  const trusted = toTrustedIssuers(issuers.ok ? issuers.value : []);
  const conflicts = [
    ...findConflicts(valueIfRight(httpResponse), valueIfRight(tokenSources), valueIfRight(contract)),
    ...findApiConflicts(valueIfRight(httpResponse), valueIfRight(tokenSources), contract, valueIfRight(apiContracts)),
    ...(passedOn.ok ? findShownKey(trusted, passedOn.value) : []),
  ];
  const issuerNames = issuers.ok ? issuers.value.map(({ name }) => name) : [];
  const known: KnownSettings = {
    ...(issuers.ok && { issuers: trusted, issuerNames }),
    ...(keys.ok && { keys: keys.value }),
    ...(contract.ok && { deployedContract: contract.value }),
    ...(apiContracts.ok && { apiContracts: apiContracts.value }),
    ...{ unqualifiedContract },
    ...(passedOn.ok && { passedOn: passedOn.value }),
  };
  const areOk =
    keys.ok && logFormat.ok && tls.ok && apiContracts.ok && maxLifetime.ok && tolerance.ok && conflicts.length === 0;
  if (issuers.ok && tokenSources.ok && httpResponse.ok && contract.ok && passedOn.ok && areOk) {
    const config = ok({
      deployedContract: contract.value,
      apiContracts: apiContracts.value,
      unqualifiedContract,
      passedOn: passedOn.value,
      issuers: trusted,
      issuerNames,
      tokenSources: tokenSources.value,
      httpResponse: httpResponse.value,
      keys: keys.value,
      logFormat: logFormat.value,
      tokenTimes: {
        maxLifetimeS: maxLifetime.value,
        toleranceS: tolerance.value,
        aheadToleranceS: environment["CLOCK_TOLERANCE_S"] === undefined ? AHEAD_TOLERANCE_S : tolerance.value,
      },
    });
    return { config, known };
  }
  const parts = [
    issuers,
    tokenSources,
    httpResponse,
    maxLifetime,
    tolerance,
    contract,
    apiContracts,
    passedOn,
    keys,
    logFormat,
    tls,
  ];
  return { config: err([...parts.flatMap((part) => (part.ok ? [] : [part.error].flat())), ...conflicts]), known };
}

/** Gives the value of a setting that has no error, so that it is compared with others although some setting has one. */
function valueIfRight<Value>(setting: Result<Value, unknown>): Value | undefined {
  return setting.ok ? setting.value : undefined;
}

function parsePassedOn(environment: Readonly<Record<string, string | undefined>>): Result<PassedOn, readonly string[]> {
  const contextClaims = parseContextClaims(environment["CONTEXT_CLAIMS"]);
  const usageKeyClaim = parseUsageKeyClaim(environment["USAGE_KEY_CLAIM"]);
  if (!contextClaims.ok || !usageKeyClaim.ok) {
    return err([contextClaims, usageKeyClaim].flatMap((part) => (part.ok ? [] : [part.error].flat())));
  }
  return ok({ contextClaims: contextClaims.value, usageKeyClaim: usageKeyClaim.value });
}

/** Lists the names of claims that hold the API key: that of `USAGE_KEY_CLAIM`, and of those from which issuers' settings take it. */
export function secretClaimsOf(issuers: Config["issuers"], { usageKeyClaim }: PassedOn): readonly string[] {
  if (usageKeyClaim === undefined) return [];
  const sources = [...issuers.values()].flatMap(({ claims }) => headOf(own(claims, usageKeyClaim)));
  return [...new Set([usageKeyClaim, ...sources])];
}

/** Finds out whether the claim with the API key would be logged or passed on under another name: as a group or an id, for example. */
function findShownKey(issuers: Config["issuers"], passedOn: PassedOn): readonly string[] {
  const secrets = secretClaimsOf(issuers, passedOn);
  const isSecret = (path: ClaimPath) => headOf(path).some((name) => secrets.includes(name));
  const isLogged = [...issuers.values()].some((issuer) => {
    const {
      groupsClaim = [],
      scopesClaim,
      machineScopesClaim = [],
      machineIdClaim = [],
      clientClaims,
      claims,
    } = issuer;
    const others = Object.entries(claims).flatMap(([name, path]) => (name === passedOn.usageKeyClaim ? [] : [path]));
    return [groupsClaim, scopesClaim, machineScopesClaim, machineIdClaim, ...clientClaims, ...others].some(isSecret);
  });
  const isPassedOn = passedOn.contextClaims.some(({ claim }) => secrets.includes(claim));
  return [
    ...(isPassedOn ? ["CONTEXT_CLAIMS: names the claim of USAGE_KEY_CLAIM, which is a secret; leave it out"] : []),
    ...(isLogged
      ? [
          "USAGE_KEY_CLAIM: is a claim that an issuer's settings give the policy, and what the policy reads is logged; name another claim",
        ]
      : []),
  ];
}

/** Lists the one claim of a token that a path begins with; none without a path. */
function headOf(path: ClaimPath | undefined): readonly string[] {
  return [path ?? []].flat().slice(0, 1);
}

/** Finds contracts of APIs that are wrong together with other settings. */
function findApiConflicts(
  httpResponse: HttpResponse | undefined,
  tokenSources: readonly TokenSource[] | undefined,
  common: Result<DeployedContract | undefined, unknown>,
  apiContracts: ReadonlyMap<string, ApiContract> = new Map(),
): readonly string[] {
  if (apiContracts.size === 0 || !common.ok) return [];
  const { value } = common;
  if (value === undefined)
    return ["API_CONTRACTS: needs CACHE_CONTRACT, whose id says which policy the APIs were deployed for; set both"];
  const conflicts = [...apiContracts.values()].flatMap((one) =>
    findConflicts(httpResponse, tokenSources, toDeployedContract(one, value), "API_CONTRACTS"),
  );
  return [...new Set(conflicts)];
}

/** Finds settings that are right by themselves and wrong together. */
function findConflicts(
  httpResponse: HttpResponse | undefined,
  tokenSources: readonly TokenSource[] | undefined,
  contract: DeployedContract | undefined,
  name: CachingSetting = "CACHE_CONTRACT",
): readonly string[] {
  if (contract === undefined) return [];
  const conflicts: string[] = [];
  const toLine = (conflict: string) => `${name}: ${conflict}`;
  if (httpResponse === "simple" && contract.http !== undefined)
    conflicts.push("simple responses must not be cached, since a cached one allows every route; set the TTL to 0");
  if (tokenSources === undefined) return conflicts.map(toLine);
  const { tokenSources: deployed = tokenSources } = contract;
  if (!areSameTokenSources(deployed, tokenSources))
    conflicts.push("the cache keys take the token from another place than TOKEN_SOURCE; deploy both together");
  for (const api of ["rest", "http"] as const) {
    if (contract[api] === undefined || fitsCacheKey(api, tokenSources)) continue;
    conflicts.push(
      `no cache key can hold the token that TOKEN_SOURCE names, so responses must not be cached; set the TTL to 0, and leave ${name === "API_CONTRACTS" ? "key" : api} out`,
    );
  }
  return conflicts.map(toLine);
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

function parseKeys(text: string): Result<Config["keys"], readonly string[]> {
  return text === "fetched" || text === "packed" ? ok(text) : err(["KEYS: must be fetched or packed"]);
}

/** Parses `DECISION_LOG`. */
function parseLogFormat(text = "compact"): Result<LogFormat, readonly string[]> {
  return text === "compact" || text === "opa" ? ok(text) : err(["DECISION_LOG: must be compact or opa"]);
}

/** Refuses the variable that makes Node.js accept every certificate, since keys could then come from anybody. */
function checkTls(text: string | undefined): Result<void, readonly string[]> {
  return text !== "0"
    ? ok(undefined)
    : err([
        "NODE_TLS_REJECT_UNAUTHORIZED: must not be 0, since anybody in the network could then give keys in an issuer's name; name the certificate to trust in NODE_EXTRA_CA_CERTS",
      ]);
}
