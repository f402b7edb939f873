import type { UserTokenUse } from "../../contract/manifest.ts";
import { createOverlapIndex } from "../../contract/overlap-index.ts";
import type { PolicyIndex } from "../../contract/policy-index.ts";
import { formatRoleWay, listRoleWays, type RoleWay } from "../../contract/role-ways.ts";
import { methodsOfAll } from "../../contract/route.ts";
import type { ParsedFile } from "../rego/files.ts";
import { locateRule } from "./engine-queries.ts";
import type { Problem } from "./problem.ts";

/** The kinds of tokens that one principal can present: a user's ID token and access token, or a machine's access token. */
type TokenKind = UserTokenUse | "machine";

/** A value of a token that gives roles. */
interface Way {
  /** `group Admins`, `custom:department Audit` */
  readonly text: string;
  /** The name of the issuer whose tokens alone carry it; undefined: those of any trusted issuer do. */
  readonly issuer: string | undefined;
  /** The roles that it gives, with those that they include. */
  readonly roles: readonly string[];
  /** The kinds of tokens that can carry it. */
  readonly carriers: readonly TokenKind[];
  /** Whether every token of these kinds carries it, so that no principal can leave it out. */
  readonly isInEvery?: true;
}

/**
 * Matches claims that Cognito writes into ID tokens only: the attributes of users, and what `cognito:` tells besides groups.
 *
 * @see Cognito developer guide, "Understanding the identity (ID) token", "Understanding the access token"
 */
const OF_ID_TOKENS =
  /^(custom:.*|cognito:(?!groups$).*|address|birthdate|email|email_verified|family_name|gender|given_name|identities|locale|middle_name|name|nickname|phone_number|phone_number_verified|picture|preferred_username|profile|website|zoneinfo)$/s;
/** Matches claims that Cognito writes into access tokens only. */
const OF_ACCESS_TOKENS = /^(client_id|username)$/;

/** Which kind of Cognito token is accepted of users, and what was found about it. */
export interface TokenUseDecision {
  readonly tokenUse: UserTokenUse | undefined;
  readonly problems: readonly Problem[];
  readonly notices: readonly Problem[];
}

/**
 * Decides which kind of token is accepted of users, so that no principal escapes a denial for roles by another token: one that
 * lacks what gives the denial's role, and has what gives the role of a grant.
 *
 * If the policy does not say, and all such escapes are by one kind of token, the other kind alone is accepted, and a notice says
 * so. Escapes that this can't prevent are problems. The engine reports a denial beside a grant for `authenticated`, which every
 * token gives.
 *
 * @param declared - The only kind of token that the policy accepts of users, if it says so.
 */
export function decideTokenUse(
  index: PolicyIndex,
  declared: UserTokenUse | undefined,
  sources: readonly ParsedFile[],
): TokenUseDecision {
  const escapes = findEscapes(index, declared);
  const kinds = new Set(escapes.flatMap(({ by }) => (by === "machine" ? [] : [by])));
  const [refused, ...others] = [...kinds];
  const isDecided = declared === undefined && refused !== undefined && others.length === 0;
  const tokenUse = isDecided ? OTHER_USE[refused] : declared;
  const toProblem = (found: Escape, remedy: string): Problem => ({
    code: "denial.escaped",
    ...locateRule(found.denial, sources),
    message: `${describe(found)}; ${remedy}`,
  });
  return {
    tokenUse,
    problems: escapes
      .filter(({ by }) => !isDecided || by === "machine")
      .map((found) => toProblem(found, REMEDIES[found.by])),
    notices: escapes
      .filter(({ by }) => isDecided && by !== "machine")
      .map((found) => toProblem(found, `so ${PREVENTED[found.by]}`)),
  };
}

const OTHER_USE: Readonly<Record<UserTokenUse, UserTokenUse>> = { id: "access", access: "id" };

/** A way that gives a denial's role and one that does not, where a principal who has both can show the second one alone. */
interface EscapingPair {
  /** The token that the principal presents. */
  readonly by: TokenKind;
  readonly lacked: Way;
  readonly held: Way;
}

/** One way past a denial. */
interface Escape extends EscapingPair {
  readonly denial: string;
  readonly grant: string;
}

/** Finds the first way past each denial for roles. */
function findEscapes(index: PolicyIndex, tokenUse: UserTokenUse | undefined): readonly Escape[] {
  const accepted: readonly TokenKind[] = [
    ...(tokenUse === undefined ? (["id", "access"] as const) : [tokenUse]),
    "machine",
  ];
  const ways = waysOf(index.roles);
  const isOf = (way: Way, roles: readonly string[]) => way.roles.some((role) => roles.includes(role));
  const toPairs = (roles: readonly string[]): readonly EscapingPair[] => {
    const others = ways.filter((way) => !isOf(way, roles));
    return ways
      .filter((way) => isOf(way, roles))
      .flatMap((lacked) =>
        others.flatMap((held) => {
          const by = findEscape(lacked, held, accepted);
          return by === undefined ? [] : [{ by, lacked, held }];
        }),
      );
  };
  // Hundreds of denials are for the same few roles.
  const known = new Map<string, readonly EscapingPair[]>();
  const grants = Object.entries(index.grants).map(([name, rule], at) => ({ name, at, ...rule }));
  const grantsNear = createOverlapIndex(grants);
  return Object.entries(index.denials).flatMap(([denial, { roles, verbs, path }]): readonly Escape[] => {
    const pairs = known.get(roles.join()) ?? toPairs(roles);
    known.set(roles.join(), pairs);
    if (pairs.length === 0) return [];
    const kinds = new Set(pairs.map(({ by }) => by));
    const methods = methodsOfAll(verbs);
    const found = new Map<TokenKind, Escape>();
    for (const rule of [...grantsNear(path)].sort((one, other) => one.at - other.at)) {
      if (!methodsOfAll(rule.verbs).some((method) => methods.includes(method))) continue;
      for (const pair of pairs) {
        if (isOf(pair.held, rule.roles) && !found.has(pair.by))
          found.set(pair.by, { denial, grant: rule.name, ...pair });
      }
      if (found.size === kinds.size) break;
    }
    return [...found.values()];
  });
}

/** Finds the kind of token by which a principal who has both ways shows only the one that is held. */
function findEscape(lacked: Way, held: Way, accepted: readonly TokenKind[]): TokenKind | undefined {
  if (lacked.isInEvery) return undefined;
  // All tokens of one principal are of one issuer.
  if (lacked.issuer !== undefined && held.issuer !== undefined && lacked.issuer !== held.issuer) return undefined;
  // A machine chooses the scopes of its token among those of its client. It is nobody else than itself.
  const isOfMachine = ({ carriers }: Way) => carriers.every((kind) => kind === "machine");
  if (isOfMachine(lacked)) return isOfMachine(held) ? "machine" : undefined;
  const isDenied = accepted.some((kind) => kind !== "machine" && lacked.carriers.includes(kind));
  if (!isDenied) return undefined;
  return accepted.find((kind) => kind !== "machine" && held.carriers.includes(kind) && !lacked.carriers.includes(kind));
}

function describe({ denial, grant, by, lacked, held }: Escape): string {
  return `${denial}: ${BY[by](lacked.text)} escapes it through ${grant}, which ${held.text} gives`;
}

const BY: Readonly<Record<TokenKind, (lacked: string) => string>> = {
  access: (lacked) => `a user whose access token lacks ${lacked}, which only ID tokens have,`,
  id: (lacked) => `a user whose ID token lacks ${lacked}, which only access tokens have,`,
  machine: (lacked) => `a machine that asks for a token without ${lacked}`,
};

const OF_USERS = (use: string) =>
  `accept one kind of token, with \`token_use: ${use}\` under "custom" in the METADATA of package access.roles, or leave "roles" out`;

const REMEDIES: Readonly<Record<TokenKind, string>> = {
  access: OF_USERS("id"),
  id: OF_USERS("access"),
  machine: 'leave "roles" out, or take the scope from the client\'s other roles',
};

const PREVENTED_BY = (use: string, other: string) =>
  `the authorizer refuses users' ${other} tokens; say so with \`token_use: ${use}\` under "custom" in the METADATA of package access.roles`;

const PREVENTED: Readonly<Record<TokenKind, string>> = {
  access: PREVENTED_BY("id", "access"),
  id: PREVENTED_BY("access", "ID"),
  machine: "",
};

/** Lists the values of tokens that give roles. */
function waysOf(roles: PolicyIndex["roles"]): readonly Way[] {
  return listRoleWays(roles).map((way) => {
    const carriers = CARRIERS[way.by](way);
    const text = formatRoleWay(way);
    return { text, issuer: way.issuer, roles: way.roles, carriers, ...(way.by === "kind" && { isInEvery: true }) };
  });
}

const CARRIERS: Readonly<Record<RoleWay["by"], (way: RoleWay) => readonly TokenKind[]>> = {
  group: () => ["id", "access"],
  scope: () => ["machine"],
  kind: ({ value }) => (value === "machine" ? ["machine"] : ["id", "access"]),
  claim: ({ claim }) => carriersOf(claim),
};

function carriersOf(claim: string): readonly TokenKind[] {
  if (OF_ID_TOKENS.test(claim)) return ["id"];
  return OF_ACCESS_TOKENS.test(claim) ? ["access"] : ["id", "access"];
}
