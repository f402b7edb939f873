import type { PolicyIndex } from "../contract/policy-index.ts";
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
  const toUser = (word: string, groups: readonly string[], claims: Claims): User => ({
    name: takeUserName(word),
    groups,
    claims,
    accessClaims: {},
  });
  return {
    users: [
      ...Object.keys(roles.groups).map((group) => toUser(group, [group], own)),
      ...settable(Object.keys(roles.claims)).flatMap((claim) =>
        Object.keys(roles.claims[claim] ?? {}).map((value) =>
          toUser(value, [], { ...own, [claim]: toValue(claim, value) }),
        ),
      ),
      toUser("nobody", [], {}),
    ],
    machines: Object.keys(roles.scopes).map((scope) => ({ name: takeMachineName(scope), scopes: [scope], claims: {} })),
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
