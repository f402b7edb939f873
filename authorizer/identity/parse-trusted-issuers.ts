import { err, ok, type Result } from "../../contract/result.ts";
import type { TrustedIssuer } from "./trusted-issuer.ts";

const EXAMPLE = '[{"userPoolId": "eu-west-1_Abc123", "clientIds": ["…"], "tokenUse": "access"}]';
const POOL_KEYS = ["userPoolId", "clientIds", "tokenUse", "jwksUri"];
const OIDC_KEYS = ["issuer", "audience", "jwksUri", "groupsClaim"];
const USER_POOL_ID = /^([a-z]{2,4}(?:-[a-z]+)+-\d)_[A-Za-z0-9]+$/;

/** Reads one key of an entry; reports what it must be if it is not. */
type Read = <Value>(key: string, is: (value: unknown) => value is Value, must: string) => Value | undefined;

/**
 * Reads `TRUSTED_ISSUERS`, a JSON list of Cognito user pools and of other OpenID Connect issuers.
 *
 * A user pool stands for both of its issuer formats. Its key set is where Cognito has it, unless `jwksUri` is given.
 *
 * @returns The issuers by the value of `iss`, or a line for every fault. A line repeats no value.
 */
export function parseTrustedIssuers(
  text: string | undefined,
): Result<ReadonlyMap<string, TrustedIssuer>, readonly string[]> {
  const entries = parseList(text);
  if (entries === undefined) return err([`TRUSTED_ISSUERS: must be a JSON list of issuers, like ${EXAMPLE}`]);
  const faults: string[] = [];
  const issuers = new Map<string, TrustedIssuer>();
  for (const [at, entry] of entries.entries()) {
    const name = `TRUSTED_ISSUERS[${at}]`;
    if (!isObject(entry)) {
      faults.push(`${name}: must be an object, like the one in ${EXAMPLE}`);
      continue;
    }
    const isPool = Object.hasOwn(entry, "userPoolId");
    for (const key of Object.keys(entry)) {
      const keys = isPool ? POOL_KEYS : OIDC_KEYS;
      if (!keys.includes(key)) faults.push(`${name}: has an unknown key; the keys are ${keys.join(", ")}`);
    }
    const read: Read = (key, is, must) => {
      const value = entry[key];
      if (is(value)) return value;
      faults.push(`${name}.${key}: must be ${must}`);
      return undefined;
    };
    const found = isPool ? readPool(read) : readOidc(read);
    if (found.some(({ issuer }) => issuers.has(issuer))) {
      faults.push(`${name}: is an issuer that stands further up already`);
    }
    for (const issuer of found) issuers.set(issuer.issuer, issuer);
  }
  return faults.length === 0 ? ok(issuers) : err(faults);
}

function parseList(text: string | undefined): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text ?? "");
    return Array.isArray(value) && value.length > 0 ? value : undefined;
  } catch {
    return undefined;
  }
}

function readPool(read: Read): readonly TrustedIssuer[] {
  const pool = read("userPoolId", isUserPoolId, "a user pool id, like eu-west-1_Abc123");
  const audience = read("clientIds", isNames, "a list of the app clients whose tokens are taken");
  const tokenUse = read("tokenUse", isTokenUse, '"access", "id" or "any"');
  const jwksUri = read("jwksUri", isMissingOr(isFetchable), "an https URL, if it is given");
  if (pool === undefined || audience === undefined || tokenUse === undefined) return [];
  const region = pool.slice(0, pool.indexOf("_"));
  const domain = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  return ["cognito-idp", "issuer-cognito-idp"].map((service) => {
    const issuer = `https://${service}.${region}.${domain}/${pool}`;
    const keys = jwksUri ?? `${issuer}/.well-known/jwks.json`;
    return { issuer, jwksUri: keys, audience, tokenUse, groupsClaim: "cognito:groups" };
  });
}

function readOidc(read: Read): readonly TrustedIssuer[] {
  const issuer = read(
    "issuer",
    isOtherIssuer,
    "an https URL, exactly as it stands in the tokens; a Cognito pool goes by its userPoolId",
  );
  const audience = read("audience", isNames, "a list of the audiences whose tokens are taken");
  const jwksUri = read("jwksUri", isFetchable, "the https URL of the issuer's key set");
  const groupsClaim = read("groupsClaim", isMissingOr(isName), "the name of a claim, if it is given");
  if (issuer === undefined || audience === undefined || jwksUri === undefined) return [];
  return [{ issuer, jwksUri, audience, tokenUse: undefined, groupsClaim }];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
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

function isTokenUse(value: unknown): value is "access" | "id" | "any" {
  return value === "access" || value === "id" || value === "any";
}

/** Plain http only where nobody can stand between: on this very machine. */
function isFetchable(value: unknown): value is string {
  if (typeof value !== "string" || !URL.canParse(value)) return false;
  const { protocol, hostname } = new URL(value);
  return protocol === "https:" || (protocol === "http:" && (hostname === "127.0.0.1" || hostname === "[::1]"));
}

/** As an issuer like any other, a pool would lose its groups and `cognito:` claims. */
function isOtherIssuer(value: unknown): value is string {
  return (
    isFetchable(value) && !/^(issuer-)?cognito-idp\.[a-z0-9-]+\.amazonaws\.com(\.cn)?$/.test(new URL(value).hostname)
  );
}

function isMissingOr<Value>(is: (value: unknown) => value is Value): (value: unknown) => value is Value | undefined {
  return (value): value is Value | undefined => value === undefined || is(value);
}
