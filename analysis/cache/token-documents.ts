import { toTokenDocument } from "../../authorizer/gateway/token-document.ts";
import { toTokenResources } from "../../authorizer/policy/token-resources.ts";
import type { Entitlements } from "../../contract/entitlements.ts";
import type { CacheContract, TokenDocumentParts, TokenRule } from "../../contract/manifest.ts";
import type { IndexedDenial, IndexedGrant, NoOtherKeys, PolicyIndex } from "../../contract/policy-index.ts";
import { err, ok, type Result } from "../../contract/result.ts";
import { HTTP_METHODS, methodsOf, methodsOfAll, nameOfRoute } from "../../contract/route.ts";
import { arrivesEncoded, toPattern } from "../paths/iam-patterns.ts";
import { declaredPaths, findMismatch, type Mismatch } from "../paths/proof.ts";
import { overlaps } from "../paths/templates.ts";

/** What of a grant or denial is matched with paths; a denial has no `where`. */
type PathRule = Pick<IndexedGrant, "verbs" | "path"> & Partial<Pick<IndexedGrant, "where">>;

/**
 * Makes what per-token documents are put together from, and proves that they say what the policy says.
 *
 * It is proved rule by rule, so that it holds for every principal, whatever rules concern it: a grant's resources match
 * every canonical path of a declared route that its template matches, and no other that its holders may not have anyway;
 * and a denial's likewise.
 *
 * @returns What is to be packed; or for each rule of which it is not so a line, with a path.
 */
export function toTokenDocumentParts(
  index: PolicyIndex,
  routes: CacheContract["routes"],
): Result<TokenDocumentParts, readonly string[]> {
  const served = routes.filter((route) => route.class === "token");
  if (served.length === 0) return err(["no route is of the class token, so no answer can hold for one"]);
  const proofs = new Map<string, readonly string[]>();
  const mismatches: string[] = [];
  const universes = new Map(
    HTTP_METHODS.map((verb) => {
      const paths = served.filter((route) => methodsOf(route.verb).includes(verb)).map(({ path }) => path);
      return [verb, { ...declaredPaths(paths), paths }];
    }),
  );
  const ruleOf = (name: string, rule: PathRule, may: readonly PathRule[]) => {
    const verbs = methodsOfAll(rule.verbs).filter((verb) => {
      const universe = universes.get(verb);
      const near = universe?.paths.filter((path) => overlaps(path, rule.path)) ?? [];
      if (universe === undefined || near.length === 0) return false;
      if (arrivesEncoded(rule.path)) {
        mismatches.push(
          `${name}: ${rule.path} has a character that arrives percent-encoded, which no document can tell apart`,
        );
      }
      const allowed = may.filter((other) => other.verbs.flatMap(methodsOf).includes(verb));
      const key = JSON.stringify([
        rule.path,
        whereOf(rule),
        universe.paths,
        allowed.map((other) => [other.path, whereOf(other)]),
      ]);
      const found = proofs.get(key) ?? describe(rule.path, findMismatch(rule, universe, allowed));
      proofs.set(key, found);
      mismatches.push(...found.map((mismatch) => `${name}: ${verb} ${mismatch}`));
      return true;
    });
    return { verbs, path: toPattern(rule.path, whereOf(rule)) };
  };
  const { grants: allGrants, denials: allDenials, roles, exact: _exact, greedy: _greedy, ...others } = index;
  others satisfies NoOtherKeys;
  const closures = closuresOf(roles);
  const grants = Object.entries(allGrants).map(([name, grant]) => {
    const implied = Object.values(allGrants).filter((other) => isImplied({ other, grant, closures }));
    return [name, ruleOf(name, grant, implied)] as const;
  });
  const denials = Object.entries(allDenials).map(([name, denial]) => {
    const implied = Object.values(allDenials).filter((other) => isAlsoForbidden({ other, denial, closures }));
    return [name, ruleOf(name, denial, implied)] as const;
  });
  if (mismatches.length > 0) return err([...new Set(mismatches)]);
  const isUsed = ([, { verbs }]: readonly [string, TokenRule]) => verbs.length > 0;
  const answers = {
    routes: Object.fromEntries(routes.map((route) => [nameOfRoute(route), route.class === "token"])),
    grants: Object.fromEntries(grants.filter(isUsed)),
    denials: Object.fromEntries(denials.filter(isUsed)),
  };
  const oversized = [new Set<string>(), ...closures].flatMap((held) => findOversized(held, index, answers));
  return oversized.length > 0 ? err([...new Set(oversized)]) : ok(answers);
}

/** An ARN of the usual length; a stage's name may be longer. */
const ARN = { partition: "aws", region: "eu-central-1", accountId: "123456789012", apiId: "abcdefghij", stage: "prod" };

/** As long as most identifiers, a UUID among them. */
const CLAIM_CHARS = 36;

/**
 * Whether the document of those who hold certain roles together, and no more, would be too long. Each of them would be
 * denied everything, so it had better be known now.
 */
function findOversized(held: ReadonlySet<string>, index: PolicyIndex, answers: TokenDocumentParts): readonly string[] {
  const holds = (roles: readonly string[]) => roles.includes("authenticated") || roles.some((role) => held.has(role));
  const value = "x".repeat(CLAIM_CHARS);
  const toGranted = (grant: IndexedGrant): Entitlements["grants"][string] => {
    // The longest document is that of a principal who meets every condition.
    const { roles, where, when: conditions, verbs, path, params: _params, tail: _tail, ...others } = grant;
    others satisfies NoOtherKeys;
    const status = holds(roles) ? "granted" : "not_held";
    const values = Object.fromEntries(Object.keys(where).map((parameter) => [parameter, value]));
    return { verbs, path, status, conditions, unmet: [], where: values };
  };
  const toDenied = (denial: IndexedDenial): Entitlements["denials"][string] => {
    // And the longest is that of a principal for whom no denial is lifted.
    const { roles, unless: conditions, verbs, path, params: _params, tail: _tail, ...others } = denial;
    others satisfies NoOtherKeys;
    const status = roles.length === 0 || holds(roles) ? "denied" : "not_held";
    return { verbs, path, status, conditions, unmet: [] };
  };
  const entitlements: Entitlements = {
    grants: Object.fromEntries(Object.entries(index.grants).map(([name, grant]) => [name, toGranted(grant)])),
    denials: Object.fromEntries(Object.entries(index.denials).map(([name, denial]) => [name, toDenied(denial)])),
    roles: [],
  };
  const resources = toTokenResources(entitlements, answers);
  const context = { roles: ["authenticated", ...held].join(" "), revision: "0".repeat(64) };
  const arn = { ...ARN, verb: "GET", path: "/" };
  if (resources === undefined || toTokenDocument(arn, value, resources, context) !== undefined) return [];
  const who = held.size === 0 ? "everybody" : `whoever holds ${[...held].sort().join(", ")}`;
  return [
    `the document of ${who} has ${resources.allowed.length} resources to allow and ${resources.denied.length} to deny, ` +
      "which is more than 8 kB or a resource of more than 512 characters; grant wider paths, or give answers for one request",
  ];
}

function describe(path: string, mismatch: Mismatch | undefined): readonly string[] {
  switch (mismatch?.code) {
    case undefined:
      return [];
    case "too_many_claims":
      return ["has too many claims in `where` to be proved"];
    case "too_wide":
      return [`${mismatch.path} would be matched by ${mismatch.resource}, though it is not of ${path}`];
    case "too_narrow":
      return [`${mismatch.path} would not be matched by ${mismatch.resource}`];
    default:
      return mismatch satisfies never;
  }
}

function whereOf({ where = {} }: PathRule): Readonly<Record<string, string>> {
  return where;
}

/** Sets of roles that are held together, whatever gave them; everybody holds `authenticated`. */
function closuresOf(roles: PolicyIndex["roles"]): readonly ReadonlySet<string>[] {
  const { groups, scopes, claims, ...others } = roles;
  others satisfies NoOtherKeys;
  const byClaim = Object.values(claims).flatMap((byValue) => Object.values(byValue));
  return [...Object.values(groups), ...Object.values(scopes), ...byClaim].map((list) => new Set(list));
}

/** Whoever holds one of these roles holds one of those. */
function implies(
  roles: readonly string[],
  others: readonly string[],
  closures: readonly ReadonlySet<string>[],
): boolean {
  if (others.includes("authenticated")) return true;
  return roles.every(
    (role) =>
      role !== "authenticated" && closures.every((held) => !held.has(role) || others.some((other) => held.has(other))),
  );
}

/** Two grants of a policy, and the sets of roles that are held together. */
interface TwoGrants {
  readonly other: IndexedGrant;
  readonly grant: IndexedGrant;
  readonly closures: readonly ReadonlySet<string>[];
}

const isNotAsked = () => true;

/** Whether, by each key, whoever has a grant has the other too. On which paths they have it is proved path by path. */
const ASKS_FOR_NO_MORE: Readonly<Record<keyof IndexedGrant, (two: TwoGrants) => boolean>> = {
  roles: ({ other, grant, closures }) => implies(grant.roles, other.roles, closures),
  when: ({ other, grant }) => other.when.every((name) => grant.when.includes(name)),
  where: ({ other, grant }) => {
    const claims = Object.values(grant.where);
    return Object.values(other.where).every((claim) => claims.includes(claim));
  },
  verbs: isNotAsked,
  path: isNotAsked,
  params: isNotAsked,
  tail: isNotAsked,
};

/** Whoever has a grant has the other, on the other's paths. */
function isImplied(two: TwoGrants): boolean {
  return Object.values(ASKS_FOR_NO_MORE).every((holds) => holds(two));
}

/** Two denials of a policy, and the sets of roles that are held together. */
interface TwoDenials {
  readonly other: IndexedDenial;
  readonly denial: IndexedDenial;
  readonly closures: readonly ReadonlySet<string>[];
}

/** Whether, by each key, whomever a denial forbids something the other does too. */
const FORBIDS_NO_LESS: Readonly<Record<keyof IndexedDenial, (two: TwoDenials) => boolean>> = {
  roles: ({ other, denial, closures }) =>
    other.roles.length === 0 || (denial.roles.length > 0 && implies(denial.roles, other.roles, closures)),
  // The other is not lifted unless this one is.
  unless: ({ other, denial }) =>
    other.unless.length === 0 ||
    (denial.unless.length > 0 && denial.unless.every((name) => other.unless.includes(name))),
  verbs: isNotAsked,
  path: isNotAsked,
  params: isNotAsked,
  tail: isNotAsked,
};

/** Whomever a denial concerns, the other does too, on the other's paths, and it is not lifted unless this one is. */
function isAlsoForbidden(two: TwoDenials): boolean {
  return Object.values(FORBIDS_NO_LESS).every((holds) => holds(two));
}
