import { isIssuerName, NAME_FORM } from "../../contract/issuer-names.ts";
import type { IssuerSetting } from "../../contract/issuer-settings.ts";
import type { PolicyIssuers } from "../../contract/manifest.ts";
import { formatChoice } from "../../contract/nearest.ts";
import type { IndexedGrant, IndexedRoles, PolicyIndex } from "../../contract/policy-index.ts";
import { listRoleWays, type RoleWay } from "../../contract/role-ways.ts";
import { isStandardClaim } from "../../contract/standard-claims.ts";
import type { ParsedFile } from "../rego/files.ts";
import { nameOfRule, type Term } from "../rego/syntax-tree.ts";
import { CLAIMS_FILE, type DeclaredClaims } from "./declared-claims.ts";
import { locateRule } from "./engine-queries.ts";
import type { Problem } from "./problem.ts";
import { fieldOfTerm } from "./rule-values.ts";

/** An issuer that the company has declared. */
interface DeclaredIssuer {
  /** Undefined for an entry without a name. */
  readonly name: string | undefined;
  /** Undefined if its tokens may have any claim. */
  readonly claims: readonly string[] | undefined;
}

/**
 * Lists the issuers that a company has declared: those of `claims.yaml`, and those of the file of trusted issuers that the build
 * packs. Without `claims.yaml`, tokens may have any claim.
 */
export function toDeclaredIssuers(
  { claims, issuers }: DeclaredClaims,
  packed: readonly IssuerSetting[] = [],
): readonly DeclaredIssuer[] {
  const declared = [...issuers].map(([name, own]): DeclaredIssuer => ({ name, claims: own }));
  const others = packed.filter(({ name }) => (claims === undefined ? true : name !== undefined && !issuers.has(name)));
  return [...declared, ...others.map(({ name }) => ({ name, claims: undefined }))];
}

function issuersWith(declared: readonly DeclaredIssuer[], claims: readonly string[]): readonly DeclaredIssuer[] {
  // The claim `iss` is itself what tells issuers apart.
  if (claims.includes("iss")) return [];
  return declared.filter((one) =>
    claims.every((claim) => isStandardClaim(claim) || one.claims === undefined || one.claims.includes(claim)),
  );
}

/** Finds roles that are tied to names which no issuer can have, or does have where the company has declared its issuers. */
export function checkIssuerNames(
  sources: readonly ParsedFile[],
  { claims, issuers }: DeclaredClaims,
): readonly Problem[] {
  return rolesIn(sources).flatMap(({ where, file, line, value }) =>
    textsIn(fieldOfTerm(value, "issuers")).flatMap((name): readonly Problem[] => {
      const text = JSON.stringify(name);
      const message = isIssuerName(name)
        ? claims === undefined || issuers.has(name)
          ? undefined
          : `${CLAIMS_FILE.replace("policies/", "")} has no issuer ${text}; ${formatChoice(name, [...issuers.keys()])}`
        : `${text} can't be the name of an issuer; write ${NAME_FORM.replace(", if it is given", "")}`;
      return message === undefined
        ? []
        : [{ code: "role.unknown_issuer", file, line, message: `${where}: ${message}` }];
    }),
  );
}

/** Finds roles that the tokens of several declared issuers give, though the role does not say whose are meant. */
export function checkRoleIssuers(
  sources: readonly ParsedFile[],
  declared: readonly DeclaredIssuer[],
): readonly Problem[] {
  return rolesIn(sources).flatMap(({ where, file, line, value }): readonly Problem[] => {
    if (fieldOfTerm(value, "issuers") !== undefined) return [];
    const ways = [
      ...(fieldOfTerm(value, "groups") === undefined ? [] : [["groups", "cognito:groups"] as const]),
      ...(fieldOfTerm(value, "scopes") === undefined ? [] : [["scopes", "scope"] as const]),
      ...keysOf(fieldOfTerm(value, "claims")).map((claim) => [`the claim ${claim}`, claim] as const),
    ].filter(([, claim]) => issuersWith(declared, [claim]).length > 1);
    if (ways.length === 0) return [];
    const having = declared.filter((one) => ways.some(([, claim]) => issuersWith([one], [claim]).length > 0));
    const message =
      `${where}: ${ways.map(([text]) => text).join(" and ")} of ${formatNames(having)} give this role alike; ` +
      `say whose are meant with ${toExample(having)}, or name them all`;
    return [{ code: "role.any_issuer", file, line, message }];
  });
}

/**
 * Finds grants whose `where` several declared issuers' principals could meet. Two issuers may give one value of a claim, such as a
 * `sub`, to two people. A principal has its roles and its claims from one token, so roles of one issuer settle it.
 */
export function checkWhereIssuers(
  { roles, grants }: PolicyIndex,
  declared: readonly DeclaredIssuer[],
  sources: readonly ParsedFile[],
): readonly Problem[] {
  return Object.entries(grants).flatMap(([name, grant]): readonly Problem[] => {
    const claims = Object.values(grant.where);
    if (claims.length === 0) return [];
    const holders = issuersOf(grant, roles);
    const having = issuersWith(declared, claims).filter((one) => holders === undefined || holders.has(one.name ?? ""));
    if (having.length < 2) return [];
    const message =
      `${name}: "where" compares ${[...new Set(claims)].join(" and ")}, which the tokens of ${formatNames(having)} have, and ` +
      `a principal of each can hold its roles; give it roles that are tied to one issuer, like ${toExample(having)}, and each issuer a grant of its own`;
    return [{ code: "where.any_issuer", ...locateRule(name, sources), message }];
  });
}

function formatNames(issuers: readonly DeclaredIssuer[]): string {
  return issuers.map(({ name = "an issuer without a name" }) => name).join(" and ");
}

function toExample(issuers: readonly DeclaredIssuer[]): string {
  return `"issuers": {"${issuers.find(({ name }) => name !== undefined)?.name ?? "name"}"}`;
}

function rolesIn(sources: readonly ParsedFile[]) {
  return sources
    .filter(({ part }) => part === "roles")
    .flatMap(({ file, module }) => (module.rules ?? []).map((rule) => ({ file, rule })))
    .map(({ file, rule }) => ({
      where: `roles.${nameOfRule(rule)}`,
      file,
      line: rule.location.row,
      value: rule.head.value,
    }));
}

function textsIn(term: Term | undefined): readonly string[] {
  if (term?.type !== "set" && term?.type !== "array") return [];
  return term.value.flatMap((item) => (item.type === "string" ? [item.value] : []));
}

function keysOf(term: Term | undefined): readonly string[] {
  if (term?.type !== "object") return [];
  return term.value.flatMap(([key]) => (key.type === "string" ? [key.value] : []));
}

/** Describes whose principals the policy's roles, and its grants with `where`, are for. */
export function toPolicyIssuers({ roles, grants }: PolicyIndex): PolicyIssuers {
  const untied = listRoleWays(roles)
    .filter((way) => issuerOf(way) === undefined)
    .flatMap((way) => way.roles);
  const compared = Object.entries(grants)
    .filter(([, { where }]) => Object.values(where).some((claim) => claim !== "iss"))
    .filter(([, grant]) => !isOfOneIssuer(issuersOf(grant, roles)));
  const ofAny = [...new Set([...untied.map((role) => `roles.${role}`), ...compared.map(([name]) => name)])].sort();
  const more = ofAny.length - MAX_OF_ANY;
  return {
    named: Object.keys(roles.issuers).sort(),
    of_any: ofAny.slice(0, MAX_OF_ANY),
    ...(more > 0 && { of_any_more: more }),
  };
}

/** The most roles and grants that a warning of the authorizer names. A policy may have thousands, which each start would read. */
const MAX_OF_ANY = 10;

/** The issuers whose principals can hold a grant, by what tells them apart; undefined: those of every trusted issuer. */
type Holders = ReadonlySet<string> | undefined;

/** Finds the issuers whose principals can hold one of a grant's roles. */
function issuersOf({ roles: names }: IndexedGrant, roles: IndexedRoles): Holders {
  if (names.includes("authenticated")) return undefined;
  const ways = listRoleWays(roles).filter((way) => way.roles.some((role) => names.includes(role)));
  const issuers = ways.map(issuerOf);
  return issuers.includes(undefined) ? undefined : new Set(issuers.filter((issuer) => issuer !== undefined));
}

function isOfOneIssuer(holders: Holders): boolean {
  return holders !== undefined && holders.size <= 1;
}

/** Gives what tells the issuer of a way from others: its name, or the claim `iss` itself. A user pool has two forms of it. */
function issuerOf({ claim, value, issuer }: RoleWay): string | undefined {
  if (issuer !== undefined) return issuer;
  return claim === "iss" ? value.replace("https://issuer-cognito-idp.", "https://cognito-idp.") : undefined;
}
