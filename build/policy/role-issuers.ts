import type { PolicyIssuers } from "../../contract/manifest.ts";
import type { IndexedGrant, IndexedRoles, PolicyIndex } from "../../contract/policy-index.ts";
import { listRoleWays, type RoleWay } from "../../contract/role-ways.ts";

/** Describes whose principals the policy's roles, and its grants with `where`, are for. */
export function toPolicyIssuers({ roles, grants }: PolicyIndex): PolicyIssuers {
  const untied = listRoleWays(roles)
    .filter((way) => issuerOf(way) === undefined)
    .flatMap((way) => way.roles);
  const compared = Object.entries(grants)
    .filter(([, { where }]) => Object.values(where).some((claim) => claim !== "iss"))
    .filter(([, grant]) => !isOfOneIssuer(issuersOf(grant, roles)));
  return {
    named: Object.keys(roles.issuers).sort(),
    of_any: [...new Set([...untied.map((role) => `roles.${role}`), ...compared.map(([name]) => name)])].sort(),
  };
}

/** The issuers whose principals can hold a grant, by what tells them apart; undefined: those of every trusted issuer. */
export type Holders = ReadonlySet<string> | undefined;

/** Finds the issuers whose principals can hold one of a grant's roles. */
export function issuersOf({ roles: names }: IndexedGrant, roles: IndexedRoles): Holders {
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
