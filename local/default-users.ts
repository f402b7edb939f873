import type { PolicyIndex } from "../contract/policy-index.ts";
import { listRoleWays, type RoleWay } from "../contract/role-ways.ts";
import { type Accounts, CLAIMS_OF_ISSUER, CLIENT_ID, type Claims, type User } from "./users.ts";

/** The value of claims that a path must equal. */
const SAMPLE_VALUE = "1";

/**
 * Derives users and machines from a policy, for a company that names none: a user for each group and for each value of a claim that
 * gives a role, a user without a group, and a machine for each scope. The users with a role have every claim that the `where` of a
 * grant names, with the value `1`.
 */
export function toDefaultUsers({ roles, grants }: PolicyIndex): Accounts {
  const named = Object.values(grants).flatMap(({ where }) => Object.values(where));
  const own = Object.fromEntries(settable(named).map((claim) => [claim, SAMPLE_VALUE]));
  const takeUserName = createNames([]);
  const takeMachineName = createNames([CLIENT_ID]);
  const toUser = (
    word: string,
    groups: readonly string[],
    claims: Claims,
    { issuer }: Partial<RoleWay> = {},
  ): User => ({
    name: takeUserName(word),
    ...(issuer !== undefined && { issuer }),
    groups,
    claims,
    accessClaims: {},
  });
  const ways = listRoleWays(roles);
  const byClaim = ways.filter(({ by }) => by === "claim");
  return {
    users: [
      ...ways.flatMap((way) => (way.by === "group" ? [toUser(way.value, [way.value], own, way)] : [])),
      ...settable(byClaim.map(({ claim }) => claim)).flatMap((claim) =>
        byClaim
          .filter((way) => way.claim === claim)
          .map((way) => toUser(way.value, [], { ...own, [claim]: toValue(claim, way.value) }, way)),
      ),
      toUser("nobody", [], {}),
    ],
    machines: ways.flatMap(({ by, value, issuer }) =>
      by !== "scope"
        ? []
        : [{ name: takeMachineName(value), ...(issuer !== undefined && { issuer }), scopes: [value], claims: {} }],
    ),
  };
}

/** Lists the claims that the issuer does not set itself, each once, sorted. */
function settable(claims: readonly string[]): readonly string[] {
  return [...new Set(claims)].filter((claim) => !CLAIMS_OF_ISSUER.includes(claim)).sort();
}

/** Makes the value of a claim as Cognito does, which lists the IAM roles of a user's groups. */
function toValue(claim: string, value: string): unknown {
  return claim === "cognito:roles" ? [value] : value;
}

/**
 * Creates a function that makes a name of a word: in lower case, with a number behind it if another has this name. Of an ARN it takes
 * the last part.
 */
function createNames(taken: readonly string[]): (word: string) => string {
  const names = new Set(taken);
  return (word) => {
    const last = word.startsWith("arn:") ? (word.split(/[:/]/).at(-1) ?? word) : word;
    const plain =
      last
        .toLowerCase()
        .replace(/[^a-z0-9_.]+/g, "-")
        .replace(/^-+|-+$/g, "")
        .slice(0, 100) || "user";
    let name = plain;
    for (let count = 2; names.has(name); count += 1) name = `${plain}-${count}`;
    names.add(name);
    return name;
  };
}
