import type { HeldRoles, IndexedRoles, NoOtherKeys } from "./policy-index.ts";

/** Something that a token carries, and the roles that it gives, with those that they include. */
export interface RoleWay {
  readonly by: "group" | "scope" | "kind" | "claim";
  /** The claim that carries it: `cognito:groups` for a group, `scope` for a scope; empty for a kind, which the whole token proves. */
  readonly claim: string;
  /** The group, the scope, the kind of principal, or the value of the claim. */
  readonly value: string;
  /** The name of the issuer whose tokens alone give the roles; undefined: those of any trusted issuer do. */
  readonly issuer: string | undefined;
  readonly roles: readonly string[];
}

/** Lists everything that gives roles. */
export function listRoleWays({ issuers, ...ofAny }: IndexedRoles): readonly RoleWay[] {
  return [
    ...waysIn(ofAny, undefined),
    ...Object.entries(issuers).flatMap(([issuer, ofIssuer]) => waysIn(ofIssuer, issuer)),
  ];
}

function waysIn(
  { groups, scopes, kinds, claims, ...others }: HeldRoles,
  issuer: string | undefined,
): readonly RoleWay[] {
  others satisfies NoOtherKeys;
  const toWays = (by: RoleWay["by"], claim: string, table: HeldRoles["groups"]) =>
    Object.entries(table).map(([value, roles]): RoleWay => ({ by, claim, value, issuer, roles }));
  return [
    ...toWays("group", "cognito:groups", groups),
    ...toWays("scope", "scope", scopes),
    ...toWays("kind", "", kinds),
    ...Object.entries(claims).flatMap(([claim, byValue]) => toWays("claim", claim, byValue)),
  ];
}

/** Formats a way for people to read: `group Admins`, `group Admins of the issuer staff`, `custom:department Audit`. */
export function formatRoleWay({ by, claim, value, issuer }: RoleWay): string {
  return `${by === "claim" ? claim : by} ${value}${issuer === undefined ? "" : ` of the issuer ${issuer}`}`;
}
