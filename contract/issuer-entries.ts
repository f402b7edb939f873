import { ALGORITHMS, isAlgorithms } from "./algorithms.ts";
import { type ClaimPath, isClaimPath } from "./claim-path.ts";
import { isPresetName, PRESETS } from "./issuer-presets.ts";
import {
  type IssuerSetting,
  isUserPoolId,
  type OidcSetting,
  type TokenUse,
  type UserPoolSetting,
  type UserPoolsSetting,
} from "./issuer-settings.ts";
import { isObject } from "./json.ts";
import { implies, isKindRules, KIND_RULE_FORMS } from "./kind-rules.ts";

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
const CLAIMS =
  "an object, if it is given, from the names that the policy uses to claims, each a name or a path as a list of names; sub, " +
  "scope, cognito:groups and others with a meaning of their own can't be used";

/** An entry of `TRUSTED_ISSUERS`, not checked yet. */
type Entry = Readonly<Record<string, unknown>>;

/** Reads one key of an entry; if the value is wrong, reports what it must be and gives undefined. */
export type Read = <Value>(key: string, is: (value: unknown) => value is Value, must: string) => Value | undefined;

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

/** Matches the names of claims with a meaning of their own, which no other claim may take. */
const TAKEN_CLAIM = /^(iss|sub|aud|exp|nbf|iat|jti|scope|cognito:.*)$/s;

function isClaimNames(value: unknown): value is Readonly<Record<string, ClaimPath>> {
  if (!isObject(value) || Object.keys(value).length === 0) return false;
  return Object.entries(value).every(([name, path]) => isName(name) && !TAKEN_CLAIM.test(name) && isClaimPath(path));
}

function isMachineIdClaim(value: unknown): value is ClaimPath {
  return isClaimPath(value) && [value].flat().join("\n") !== "sub";
}

/** Lists what is wrong between keys of an entry that are right by themselves; each line goes after the entry's name. */
function findContradictions(entry: Entry): readonly string[] {
  return [
    ...(provesOpposites(entry)
      ? [": a token would prove both a machine and a user; no rule of machines may hold with one of users"]
      : []),
    ...findPresetErrors(entry),
  ];
}

/** Tells whether a token can prove a machine and a user by one claim. */
function provesOpposites({ machines, users }: Entry): boolean {
  if (!isKindRules(machines) || !isKindRules(users)) return false;
  return machines.some((one) => users.some((other) => implies(one, other) || implies(other, one)));
}

function findPresetErrors({ preset, issuer, ...others }: Entry): readonly string[] {
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

/** A form of an entry. */
interface EntryForm {
  /** The key that tells. */
  readonly key: string;
  readonly keys: readonly string[];
  readonly read: (read: Read) => IssuerSetting | undefined;
  readonly findContradictions: (entry: Entry) => readonly string[];
}

const OIDC_FORM: EntryForm = { key: "issuer", keys: OIDC_KEYS, read: readOidc, findContradictions };
const FORMS: readonly EntryForm[] = [
  { key: "userPoolId", keys: POOL_KEYS, read: readPool, findContradictions: () => [] },
  { key: "userPoolIds", keys: POOLS_KEYS, read: readPools, findContradictions: () => [] },
  OIDC_FORM,
];

/** Finds the form of an entry. One without any key that tells counts as a provider's, so that the message names its keys. */
export function formOf(entry: Entry): EntryForm {
  return FORMS.find(({ key }) => Object.hasOwn(entry, key)) ?? OIDC_FORM;
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every(isName);
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

/** Makes a check that accepts a missing value, too. */
export function isMissingOr<Value>(
  is: (value: unknown) => value is Value,
): (value: unknown) => value is Value | undefined {
  return (value): value is Value | undefined => value === undefined || is(value);
}
