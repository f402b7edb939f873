import { isObject, parseJson } from "./json.ts";
import { MAX_ISSUER_NAME_CHARS } from "./limits.ts";
import { err, ok, type Result } from "./result.ts";

/** What every entry may have. */
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

/** Another OpenID Connect issuer whose tokens are accepted, as `TRUSTED_ISSUERS` has it. */
export interface OidcSetting extends NamedSetting {
  /** The exact value of the claim `iss`. */
  readonly issuer: string;
  /** Values of the claim `aud`; at least one. */
  readonly audience: readonly string[];
  readonly jwksUri: string;
  /** The claim that lists the groups; default: the issuer has no groups. */
  readonly groupsClaim?: string;
}

export type IssuerSetting = UserPoolSetting | OidcSetting;

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
const OIDC_KEYS = [
  "name",
  "issuer",
  "audience",
  "jwksUri",
  "groupsClaim",
] as const satisfies readonly (keyof OidcSetting)[];
/** Matches the names of issuers: words that stand in a policy, a log and a header without quotes. */
const NAME = new RegExp(`^[A-Za-z0-9][A-Za-z0-9._-]{0,${MAX_ISSUER_NAME_CHARS - 1}}$`);
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
  const names = new Set<string>();
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
    const issuerName = read("name", isMissingOr(isIssuerName), NAME_FORM);
    if (issuerName !== undefined && names.has(issuerName))
      errors.push(`${name}.name: is the name of an issuer that is further up in the list; each issuer needs its own`);
    if (issuerName !== undefined) names.add(issuerName);
    const setting = isPool ? readPool(read) : readOidc(read);
    if (setting === undefined) continue;
    const urls = issuersOf(setting);
    if (urls.some((url) => seen.has(url)))
      errors.push(`${name}: repeats an issuer that is further up in the list; name each issuer once`);
    for (const url of urls) seen.add(url);
    settings.push({ ...(issuerName !== undefined && { name: issuerName }), ...setting });
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
  const groupsClaim = read("groupsClaim", isMissingOr(isName), "the name of a claim, if it is given");
  if (issuer === undefined || audience === undefined || jwksUri === undefined) return undefined;
  return { issuer, audience, jwksUri, ...(groupsClaim !== undefined && { groupsClaim }) };
}

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
