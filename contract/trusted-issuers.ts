import { type ClaimPath, isClaimPath } from "./claim-path.ts";
import { isPresetName, PRESETS, type PresetName } from "./issuer-presets.ts";
import { isObject, parseJson } from "./json.ts";
import { implies, isKindRules, KIND_RULE_FORMS, type KindRule } from "./kind-rules.ts";
import { err, ok, type Result } from "./result.ts";

/** A Cognito user pool whose tokens are accepted, as `TRUSTED_ISSUERS` has it. */
export interface UserPoolSetting {
  readonly userPoolId: string;
  /** The app clients whose tokens are accepted; at least one. */
  readonly clientIds: readonly string[];
  readonly tokenUse: TokenUse;
  /** The URL of its key set; default: Cognito's own URL. */
  readonly jwksUri?: string;
}

/** Another OpenID Connect issuer whose tokens are accepted, as `TRUSTED_ISSUERS` has it. */
export interface OidcSetting {
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
}

export type IssuerSetting = UserPoolSetting | OidcSetting;

/** The kinds of Cognito tokens that are accepted. */
export type TokenUse = "access" | "id" | "any";

const EXAMPLE = '[{"userPoolId": "eu-west-1_Abc123", "clientIds": ["…"], "tokenUse": "access"}]';
const POOL_KEYS = [
  "userPoolId",
  "clientIds",
  "tokenUse",
  "jwksUri",
] as const satisfies readonly (keyof UserPoolSetting)[];
const OIDC_KEYS = [
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
] as const satisfies readonly (keyof OidcSetting)[];
const CLAIM = "the name of a claim, or a path as a list of names";
const CLAIMS =
  "an object, if it is given, from the names that the policy uses to claims, each a name or a path as a list of names; sub, " +
  "scope, cognito:groups and others with a meaning of their own can't be used";
const USER_POOL_ID = /^([a-z]{2,4}(?:-[a-z]+)+-\d)_[A-Za-z0-9]+$/;

/** Reads one key of an entry; if the value is wrong, reports what it must be and gives undefined. */
type Read = <Value>(key: string, is: (value: unknown) => value is Value, must: string) => Value | undefined;

/**
 * Parses `TRUSTED_ISSUERS`, a JSON list of Cognito user pools and of other OpenID Connect issuers.
 *
 * @returns The settings, or a line for every error. A line repeats no value.
 */
export function parseTrustedIssuers(text: string | undefined): Result<readonly IssuerSetting[], readonly string[]> {
  const entries = parseJson(text ?? "");
  if (!Array.isArray(entries) || entries.length === 0)
    return err([`TRUSTED_ISSUERS: must be a JSON list of issuers, like ${EXAMPLE}`]);
  const errors: string[] = [];
  const settings: IssuerSetting[] = [];
  const seen = new Set<string>();
  for (const [at, entry] of entries.entries()) {
    const name = `TRUSTED_ISSUERS[${at}]`;
    if (!isObject(entry)) {
      errors.push(`${name}: must be an object, like the one in ${EXAMPLE}`);
      continue;
    }
    const isPool = Object.hasOwn(entry, "userPoolId");
    const keys: readonly string[] = isPool ? POOL_KEYS : OIDC_KEYS;
    for (const key of Object.keys(entry)) {
      if (!keys.includes(key)) errors.push(`${name}: has an unknown key; the keys are ${keys.join(", ")}`);
    }
    const read: Read = (key, is, must) => {
      const value = entry[key];
      if (is(value)) return value;
      errors.push(`${name}.${key}: must be ${must}`);
      return undefined;
    };
    const setting = isPool ? readPool(read) : readOidc(read);
    if (!isPool && provesOpposites(entry))
      errors.push(
        `${name}: a token would prove both a machine and a user; no rule of machines may hold with one of users`,
      );
    if (!isPool) errors.push(...listPresetErrors(entry).map((line) => `${name}${line}`));
    if (setting === undefined) continue;
    const urls = issuersOf(setting);
    if (urls.some((url) => seen.has(url)))
      errors.push(`${name}: repeats an issuer that is further up in the list; name each issuer once`);
    for (const url of urls) seen.add(url);
    settings.push(setting);
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
  if (!("userPoolId" in setting)) return [setting.issuer];
  const region = setting.userPoolId.slice(0, setting.userPoolId.indexOf("_"));
  const domain = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  return ["cognito-idp", "issuer-cognito-idp"].map(
    (service) => `https://${service}.${region}.${domain}/${setting.userPoolId}`,
  );
}

function readPool(read: Read): UserPoolSetting | undefined {
  const userPoolId = read("userPoolId", isUserPoolId, "a user pool id, like eu-west-1_Abc123");
  const clientIds = read("clientIds", isNames, "a list of the app clients whose tokens are accepted");
  const tokenUse = read("tokenUse", isTokenUse, '"access", "id" or "any"');
  const jwksUri = read("jwksUri", isMissingOr(isFetchable), "an https URL, if it is given");
  if (userPoolId === undefined || clientIds === undefined || tokenUse === undefined) return undefined;
  return { userPoolId, clientIds, tokenUse, ...(jwksUri !== undefined && { jwksUri }) };
}

function readOidc(read: Read): OidcSetting | undefined {
  const must = "an https URL, exactly as in the tokens; name a Cognito pool by its userPoolId";
  const issuer = read("issuer", isOtherIssuer, must);
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
  if (issuer === undefined || audience === undefined || jwksUri === undefined) return undefined;
  return {
    ...{ issuer, audience, jwksUri },
    ...(preset !== undefined && { preset }),
    ...(groupsClaim !== undefined && { groupsClaim }),
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
  return isClaimPath(value) && value !== "sub";
}

/** Tells whether a token can prove a machine and a user by one claim. */
function provesOpposites({ machines, users }: Readonly<Record<string, unknown>>): boolean {
  if (!isKindRules(machines) || !isKindRules(users)) return false;
  return machines.some((one) => users.some((other) => implies(one, other) || implies(other, one)));
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

function isTokenUse(value: unknown): value is TokenUse {
  return value === "access" || value === "id" || value === "any";
}

/** Accepts plain http only for loopback, where there is no man in the middle. */
function isFetchable(value: unknown): value is string {
  if (typeof value !== "string" || !URL.canParse(value)) return false;
  const { protocol, hostname } = new URL(value);
  return protocol === "https:" || (protocol === "http:" && (hostname === "127.0.0.1" || hostname === "[::1]"));
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
