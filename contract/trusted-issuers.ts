import { ALGORITHMS, type AlgorithmName, isAlgorithms } from "./algorithms.ts";
import { type ClaimPath, isClaimPath } from "./claim-path.ts";
import { isPresetName, PRESETS, type PresetName } from "./issuer-presets.ts";
import { isObject, parseJson } from "./json.ts";
import { implies, isKindRules, KIND_RULE_FORMS, type KindRule } from "./kind-rules.ts";
import { MAX_ISSUER_NAME_CHARS } from "./limits.ts";
import { err, ok, type Result } from "./result.ts";

/** The key that every entry may have. */
interface NamedSetting {
  /** The name by which roles, responses and conditions refer to the issuer; no other entry may have it. */
  readonly name?: string;
}

/** A Cognito user pool whose tokens are accepted, as `TRUSTED_ISSUERS` has it. */
export interface UserPoolSetting extends NamedSetting {
  readonly userPoolId: string;
  /** The app clients whose tokens are accepted; at least one. */
  readonly clientIds: readonly string[];
  readonly tokenUse: TokenUse;
  /** The URL of its key set; default: Cognito's own URL. */
  readonly jwksUri?: string;
}

/** User pools of one kind, such as one for each tenant, which share a name. */
export interface UserPoolsSetting extends Pick<UserPoolSetting, "name" | "clientIds" | "tokenUse"> {
  /** At least one. Each has its key set at Cognito's own URL. */
  readonly userPoolIds: readonly string[];
}

/** Another OpenID Connect issuer whose tokens are accepted, as `TRUSTED_ISSUERS` has it. */
export interface OidcSetting extends NamedSetting {
  /** The exact value of the claim `iss`. */
  readonly issuer: string;
  /** Values of the claim `aud`; at least one. */
  readonly audience: readonly string[];
  readonly jwksUri: string;
  /** The provider, whose documentation says what proves a user and a machine; default: `users` and `machines` say it. */
  readonly preset?: PresetName;
  /** The claim with the groups; default: that of the preset, or else the issuer has no groups. */
  readonly groupsClaim?: ClaimPath;
  /** The claim with the scopes; default: that of the preset, or else `scope`. */
  readonly scopesClaim?: ClaimPath;
  /** The claims that policies read by a name of their own, by that name. */
  readonly claims?: Readonly<Record<string, ClaimPath>>;
  /** Rules of which each alone proves that a token is a machine's; default: nothing proves it. */
  readonly machines?: readonly KindRule[];
  /** Rules of which each alone proves that a token is a user's; default: nothing proves it. */
  readonly users?: readonly KindRule[];
  /** The claim with a machine's id in a token without `sub`, which is a machine's then; default: every token has a `sub`. */
  readonly machineIdClaim?: ClaimPath;
  /** The algorithms that the issuer signs with, at most one for each type of key; default: RS256. */
  readonly algorithms?: readonly AlgorithmName[];
}

export type IssuerSetting = UserPoolSetting | UserPoolsSetting | OidcSetting;

/** The kinds of Cognito tokens that are accepted. */
export type TokenUse = "access" | "id" | "any";

const EXAMPLE = '[{"userPoolId": "eu-west-1_Abc123", "clientIds": ["…"], "tokenUse": "access"}]';
const POOL_KEYS = [
  "name",
  "userPoolId",
  "clientIds",
  "tokenUse",
  "jwksUri",
] as const satisfies readonly (keyof UserPoolSetting)[];
const POOLS_KEYS = [
  "name",
  "userPoolIds",
  "clientIds",
  "tokenUse",
] as const satisfies readonly (keyof UserPoolsSetting)[];
const OIDC_KEYS = [
  "name",
  "issuer",
  "audience",
  "jwksUri",
  "preset",
  "groupsClaim",
  "scopesClaim",
  "claims",
  "machines",
  "users",
  "machineIdClaim",
  "algorithms",
] as const satisfies readonly (keyof OidcSetting)[];
const CLAIM = "the name of a claim, or a path as a list of names";
const ALGORITHMS_FORM = `a list of ${Object.keys(ALGORITHMS).join(", ")}, if it is given, with one at most of those for RSA keys (RS and PS)`;
/** Matches the names of issuers: words that stand in a policy, a log and a header without quotes. */
const NAME = new RegExp(`^[A-Za-z0-9][A-Za-z0-9._-]{0,${MAX_ISSUER_NAME_CHARS - 1}}$`);
const CLAIMS =
  "an object, if it is given, from the names that the policy uses to claims, each a name or a path as a list of names; sub, " +
  "scope, cognito:groups and others with a meaning of their own can't be used";
const USER_POOL_ID = /^([a-z]{2,4}(?:-[a-z]+)+-\d)_[A-Za-z0-9]+$/;

/** Reads one key of an entry; if the value is wrong, reports what it must be and gives undefined. */
type Read = <Value>(key: string, is: (value: unknown) => value is Value, must: string) => Value | undefined;

/** Entries that come from a file, and the name of the file for messages. */
export interface IssuerFile {
  readonly file: string;
  readonly entries: readonly unknown[];
}

/**
 * Parses `TRUSTED_ISSUERS`, a JSON list of Cognito user pools and of other OpenID Connect issuers.
 *
 * @param packed - Further entries. If there are some, the variable may be missing.
 * @returns The settings, or a line for every error. A line repeats no value.
 */
export function parseTrustedIssuers(
  text: string | undefined,
  packed?: IssuerFile,
): Result<readonly IssuerSetting[], readonly string[]> {
  const own = text === undefined && packed !== undefined ? [] : parseJson(text ?? "");
  if (!Array.isArray(own) || (own.length === 0 && packed === undefined))
    return err([`TRUSTED_ISSUERS: must be a JSON list of issuers, like ${EXAMPLE}`]);
  const entries: readonly (readonly [name: string, entry: unknown])[] = [
    ...(packed?.entries ?? []).map((entry, at) => [`${packed?.file}[${at}]`, entry] as const),
    ...own.map((entry: unknown, at) => [`TRUSTED_ISSUERS[${at}]`, entry] as const),
  ];
  const errors: string[] = [];
  const settings: IssuerSetting[] = [];
  const seen = new Set<string>();
  const names = new Set<string>();
  for (const [name, entry] of entries) {
    if (!isObject(entry)) {
      errors.push(`${name}: must be an object, like the one in ${EXAMPLE}`);
      continue;
    }
    const form = FORMS.find(({ key }) => Object.hasOwn(entry, key)) ?? OIDC;
    const keys: readonly string[] = form.keys;
    for (const key of Object.keys(entry)) {
      if (!keys.includes(key)) errors.push(`${name}: has an unknown key; the keys are ${keys.join(", ")}`);
    }
    const read: Read = (key, is, must) => {
      const value = entry[key];
      if (is(value)) return value;
      errors.push(`${name}.${key}: must be ${must}`);
      return undefined;
    };
    const issuerName = read("name", isMissingOr(isIssuerName), NAME_FORM);
    if (issuerName !== undefined && names.has(issuerName))
      errors.push(`${name}.name: is the name of an issuer that is further up in the list; each issuer needs its own`);
    if (issuerName !== undefined) names.add(issuerName);
    const setting = form.read(read);
    if (form === OIDC && provesOpposites(entry))
      errors.push(
        `${name}: a token would prove both a machine and a user; no rule of machines may hold with one of users`,
      );
    if (form === OIDC) errors.push(...listPresetErrors(entry).map((line) => `${name}${line}`));
    const urls = issuersIn(entry);
    if (urls.some((url) => seen.has(url)))
      errors.push(`${name}: repeats an issuer that is further up in the list; name each issuer once`);
    for (const url of urls) seen.add(url);
    if (setting !== undefined) settings.push({ ...(issuerName !== undefined && { name: issuerName }), ...setting });
  }
  return errors.length === 0 ? ok(settings) : err(errors);
}

/** Formats settings for `TRUSTED_ISSUERS`; the inverse of {@link parseTrustedIssuers}. */
export function formatTrustedIssuers(settings: readonly IssuerSetting[]): string {
  return JSON.stringify(settings);
}

/**
 * Lists the values of `iss` that a setting stands for. A user pool has two issuer formats.
 *
 * @see Cognito developer guide, "Understanding user pool JSON web tokens"
 */
export function issuersOf(setting: IssuerSetting): readonly string[] {
  return issuersIn({ ...setting });
}

/** Lists the values of `iss` of an entry that may have errors, so that an issuer which is there twice is found in any case. */
function issuersIn({ issuer, userPoolId, userPoolIds }: Readonly<Record<string, unknown>>): readonly string[] {
  if (typeof issuer === "string") return [issuer];
  return [userPoolId, userPoolIds].flat().flatMap((pool) => (isUserPoolId(pool) ? issuersOfPool(pool) : []));
}

function issuersOfPool(pool: string): readonly string[] {
  const region = pool.slice(0, pool.indexOf("_"));
  const domain = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  return ["cognito-idp", "issuer-cognito-idp"].map((service) => `https://${service}.${region}.${domain}/${pool}`);
}

function readPool(read: Read): UserPoolSetting | undefined {
  const userPoolId = read("userPoolId", isUserPoolId, "a user pool id, like eu-west-1_Abc123");
  const clientIds = read("clientIds", isNames, "a list of the app clients whose tokens are accepted");
  const tokenUse = read("tokenUse", isTokenUse, '"access", "id" or "any"');
  const jwksUri = read("jwksUri", isMissingOr(isFetchable), "an https URL, if it is given");
  if (userPoolId === undefined || clientIds === undefined || tokenUse === undefined) return undefined;
  return { userPoolId, clientIds, tokenUse, ...(jwksUri !== undefined && { jwksUri }) };
}

function readPools(read: Read): UserPoolsSetting | undefined {
  const userPoolIds = read(
    "userPoolIds",
    isUserPoolIds,
    "a list of user pool ids, each once, without patterns: anybody can create a pool that matches one",
  );
  const clientIds = read("clientIds", isNames, "a list of the app clients whose tokens are accepted");
  const tokenUse = read("tokenUse", isTokenUse, '"access", "id" or "any"');
  if (userPoolIds === undefined || clientIds === undefined || tokenUse === undefined) return undefined;
  return { userPoolIds, clientIds, tokenUse };
}

function readOidc(read: Read): OidcSetting | undefined {
  const must = "an https URL, exactly as in the tokens; name a Cognito pool by its userPoolId";
  const exact = "exactly one issuer, without a pattern or placeholder: anybody can create a tenant that matches one";
  const isExact = read("issuer", isNoPattern, exact) !== undefined;
  const issuer = isExact ? read("issuer", isOtherIssuer, must) : undefined;
  const audience = read("audience", isNames, "a list of the audiences whose tokens are accepted");
  const jwksUri = read("jwksUri", isFetchable, "the https URL of the issuer's key set");
  const preset = read("preset", isMissingOr(isPresetName), `one of ${Object.keys(PRESETS).join(", ")}, if it is given`);
  const groupsClaim = read("groupsClaim", isMissingOr(isClaimPath), `${CLAIM}, if it is given`);
  const scopesClaim = read("scopesClaim", isMissingOr(isClaimPath), `${CLAIM}, if it is given`);
  const claims = read("claims", isMissingOr(isClaimNames), CLAIMS);
  const rules = `a list of rules, if it is given, each of the form ${KIND_RULE_FORMS}; a claim of every token proves nothing`;
  const machines = read("machines", isMissingOr(isKindRules), rules);
  const users = read("users", isMissingOr(isKindRules), rules);
  const machineIdClaim = read(
    "machineIdClaim",
    isMissingOr(isMachineIdClaim),
    `${CLAIM}, other than sub, if it is given`,
  );
  const algorithms = read("algorithms", isMissingOr(isAlgorithms), ALGORITHMS_FORM);
  if (issuer === undefined || audience === undefined || jwksUri === undefined) return undefined;
  return {
    ...{ issuer, audience, jwksUri },
    ...(preset !== undefined && { preset }),
    ...(groupsClaim !== undefined && { groupsClaim }),
    ...(algorithms !== undefined && { algorithms }),
    ...(scopesClaim !== undefined && { scopesClaim }),
    ...(claims !== undefined && { claims }),
    ...(machines !== undefined && { machines }),
    ...(users !== undefined && { users }),
    ...(machineIdClaim !== undefined && { machineIdClaim }),
  };
}

/** Lists what is wrong between a preset and the other settings. */
function listPresetErrors({ preset, issuer, ...others }: Readonly<Record<string, unknown>>): readonly string[] {
  if (!isPresetName(preset)) return [];
  const beside = ["machines", "users", "machineIdClaim"].filter((key) => Object.hasOwn(others, key));
  const { issuer: isFor, example } = PRESETS[preset];
  return [
    ...(beside.length > 0
      ? [`: has preset and ${beside.join(", ")}; the preset says this already, so leave one out`]
      : []),
    ...(typeof issuer === "string" && !isFor.test(issuer)
      ? [`.issuer: the preset ${preset} is for issuers like ${example}`]
      : []),
  ];
}

/** Matches the names of claims with a meaning of their own, which no other claim may take. */
const TAKEN_CLAIM = /^(iss|sub|aud|exp|nbf|iat|jti|scope|cognito:.*)$/s;

function isClaimNames(value: unknown): value is Readonly<Record<string, ClaimPath>> {
  if (!isObject(value) || Object.keys(value).length === 0) return false;
  return Object.entries(value).every(([name, path]) => isName(name) && !TAKEN_CLAIM.test(name) && isClaimPath(path));
}

function isMachineIdClaim(value: unknown): value is ClaimPath {
  return isClaimPath(value) && [value].flat().join("\n") !== "sub";
}

/** Tells whether a token can prove a machine and a user by one claim. */
function provesOpposites({ machines, users }: Readonly<Record<string, unknown>>): boolean {
  if (!isKindRules(machines) || !isKindRules(users)) return false;
  return machines.some((one) => users.some((other) => implies(one, other) || implies(other, one)));
}

/** The forms of an entry, by the key that tells. */
const OIDC = { key: "issuer", keys: OIDC_KEYS, read: readOidc };
const FORMS: readonly {
  readonly key: string;
  readonly keys: readonly string[];
  readonly read: (read: Read) => IssuerSetting | undefined;
}[] = [
  { key: "userPoolId", keys: POOL_KEYS, read: readPool },
  { key: "userPoolIds", keys: POOLS_KEYS, read: readPools },
  OIDC,
];

/** The form of the name of an issuer, for messages. */
export const NAME_FORM = `a name of letters, digits, ".", "_" and "-", at most ${MAX_ISSUER_NAME_CHARS} characters, if it is given`;

/** Tells whether a value can be the name of an issuer. */
export function isIssuerName(value: unknown): value is string {
  return typeof value === "string" && NAME.test(value);
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every(isName);
}

function isUserPoolId(value: unknown): value is string {
  return typeof value === "string" && USER_POOL_ID.test(value);
}

function isUserPoolIds(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every(isUserPoolId) && new Set(value).size === value.length;
}

/** Accepts all but text with a character of a wildcard, a placeholder or a regular expression, outside an IPv6 address. */
function isNoPattern(value: unknown): value is unknown {
  return typeof value !== "string" || !/[*{}^$|\\()[\]]/.test(value.replace(/^(https?:\/\/)\[[0-9a-f:.]+\]/i, "$1"));
}

function isTokenUse(value: unknown): value is TokenUse {
  return value === "access" || value === "id" || value === "any";
}

/** The hosts of this machine. A key set of `localhost` is fetched from loopback addresses, whatever the name resolves to. */
const LOOPBACK_HOSTS: readonly string[] = ["127.0.0.1", "[::1]", "localhost"];

/** Accepts plain http only for loopback, where there is no man in the middle. */
function isFetchable(value: unknown): value is string {
  if (typeof value !== "string" || !URL.canParse(value)) return false;
  const { protocol, hostname } = new URL(value);
  return protocol === "https:" || (protocol === "http:" && LOOPBACK_HOSTS.includes(hostname));
}

/** Refuses the URL of a user pool: as another issuer, the pool would lose its groups and its `cognito:` claims. */
function isOtherIssuer(value: unknown): value is string {
  return (
    isFetchable(value) && !/^(issuer-)?cognito-idp\.[a-z0-9-]+\.amazonaws\.com(\.cn)?$/.test(new URL(value).hostname)
  );
}

function isMissingOr<Value>(is: (value: unknown) => value is Value): (value: unknown) => value is Value | undefined {
  return (value): value is Value | undefined => value === undefined || is(value);
}
