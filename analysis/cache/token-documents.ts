import { toTokenDocument } from "../../authorizer/gateway/token-document.ts";
import { toTokenResources } from "../../authorizer/policy/token-resources.ts";
import type { Entitlements } from "../../contract/entitlements.ts";
import { MAX_ISSUER_NAME_CHARS } from "../../contract/limits.ts";
import type { CacheContract, TokenDocumentParts, TokenRule, TrailingSlash } from "../../contract/manifest.ts";
import type { IndexedDenial, IndexedGrant, NoOtherKeys, PolicyIndex } from "../../contract/policy-index.ts";
import { err, ok, type Result } from "../../contract/result.ts";
import { listRoleWays } from "../../contract/role-ways.ts";
import { HTTP_METHODS, methodsOf, methodsOfAll, nameOfRoute } from "../../contract/route.ts";
import { isForAllOf, listRuleApis } from "../../contract/rule-apis.ts";
import { createGlobIndex } from "../paths/glob-index.ts";
import { arrivesEncoded, globOfPattern, globOfTemplate, toPattern } from "../paths/iam-patterns.ts";
import type { Glob } from "../paths/language.ts";
import { createProofs, findMismatch, type Mismatch } from "../paths/mismatch.ts";
import { declaredPaths, type Universe } from "../paths/proof.ts";
import { TOO_LONG } from "../paths/search.ts";

/** The parts of a grant or denial that decide which requests it matches. A denial has no `where`. */
type GrantOrDenial = Pick<IndexedGrant, "verbs" | "path"> & Partial<Pick<IndexedGrant, "where">>;

/**
 * Makes the parts of per-token policy documents, and proves that the documents decide as the policy does.
 *
 * The proof is for each grant and denial alone, so it holds for every principal. On the declared routes, the resources of a
 * grant match every canonical path that its template matches, and otherwise only paths that its holders are granted
 * anyway. The same holds for denials.
 *
 * A slash at the end of a path changes nothing in the proof: with `same`, the documents match it exactly where they match the path
 * without it.
 *
 * @param index - The rules for the one API that the documents are for.
 * @returns The parts to pack; or a line for each grant and denial that the proof fails for, with a path.
 */
export function toTokenDocumentParts(
  index: PolicyIndex,
  routes: CacheContract["routes"],
  trailingSlash: TrailingSlash = "denied",
): Result<TokenDocumentParts, readonly string[]> {
  const apis = listRuleApis(index);
  if (apis.length > 0) return err([`the policy has rules for ${apis.join(", ")}; ${NEEDS_NAME}`]);
  const served = routes.filter((route) => route.class === "token");
  if (served.length === 0) return err(["no route is of the class token; build without --cache-scope token"]);
  const made = createProofs();
  const proofs = new Map<string, readonly string[]>();
  const mismatches: string[] = [];
  // Methods with the same paths share one value, so that a proof for one of them holds for the others.
  const ids = new Map<string, Universe & { readonly id: number }>();
  const universes = new Map(
    HTTP_METHODS.map((verb) => {
      const paths = served.filter((route) => methodsOf(route.verb).includes(verb)).map(({ path }) => path);
      const id = JSON.stringify(paths);
      const known = ids.get(id) ?? { ...declaredPaths(paths), id: ids.size };
      ids.set(id, known);
      return [verb, known];
    }),
  );
  const prove = (name: string, one: GrantOrDenial, may: readonly GrantOrDenial[]) => {
    const verbs = methodsOfAll(one.verbs).filter((verb) => {
      const universe = universes.get(verb);
      if (universe === undefined || universe.near(globOfTemplate(one.path)).length === 0) return false;
      if (arrivesEncoded(one.path)) {
        mismatches.push(
          `${name}: ${one.path} has a character that arrives percent-encoded, and IAM patterns can't tell such characters apart`,
        );
      }
      const allowed = may.filter((other) => other.verbs.flatMap(methodsOf).includes(verb));
      const key = JSON.stringify([
        one.path,
        whereOf(one),
        universe.id,
        allowed.map((other) => [other.path, whereOf(other)]),
      ]);
      const found =
        proofs.get(key) ?? describe(one.path, findMismatch({ template: one, universe, may: allowed }, made));
      proofs.set(key, found);
      mismatches.push(...found.map((mismatch) => `${name}: ${verb} ${mismatch}`));
      return true;
    });
    return { verbs, path: toPattern(one.path, whereOf(one)) };
  };
  const { grants: allGrants, denials: allDenials, roles, ...others } = index;
  others satisfies NoOtherKeys;
  const closures = closuresOf(roles);
  const grantsNear = createGlobIndex(Object.values(allGrants), ({ path }) => globOfTemplate(path));
  const grants = Object.entries(allGrants).map(([name, grant]) => {
    const implied = grantsNear.near(widestOf(grant)).filter((other) => isImplied({ other, grant, closures }));
    return [name, prove(name, grant, implied)] as const;
  });
  const denialsNear = createGlobIndex(Object.values(allDenials), ({ path }) => globOfTemplate(path));
  const denials = Object.entries(allDenials).map(([name, denial]) => {
    const implied = denialsNear.near(widestOf(denial)).filter((other) => isAlsoForbidden({ other, denial, closures }));
    return [name, prove(name, denial, implied)] as const;
  });
  if (mismatches.length > 0) return err([...new Set(mismatches)]);
  const isUsed = ([, { verbs }]: readonly [string, TokenRule]) => verbs.length > 0;
  const parts = {
    routes: Object.fromEntries(routes.map((route) => [nameOfRoute(route), route.class === "token"])),
    grants: Object.fromEntries(grants.filter(isUsed)),
    denials: Object.fromEntries(denials.filter(isUsed)),
  };
  const oversized = [new Set<string>(), ...closures].flatMap((held) =>
    findOversized(held, index, parts, trailingSlash),
  );
  return oversized.length > 0 ? err([...new Set(oversized)]) : ok(parts);
}

const NEEDS_NAME = "a document holds what its own API grants, so name the API: --openapi NAME=FILE";

/** An ARN of the usual length; a stage's name may be longer. */
const ARN = { partition: "aws", region: "eu-central-1", accountId: "123456789012", apiId: "abcdefghij", stage: "prod" };

/** The assumed length of a claim in `where`: that of a UUID, and of most identifiers or more. */
const CLAIM_CHARS = 36;

/**
 * Finds out whether the policy document of principals with exactly these roles would be too long. The authorizer would deny
 * them everything, so the build refuses the policy.
 */
function findOversized(
  held: ReadonlySet<string>,
  index: PolicyIndex,
  parts: TokenDocumentParts,
  trailingSlash: TrailingSlash,
): readonly string[] {
  const holds = (roles: readonly string[]) => roles.includes("authenticated") || roles.some((role) => held.has(role));
  const value = "x".repeat(CLAIM_CHARS);
  const toGranted = (grant: IndexedGrant): Entitlements["grants"][string] => {
    // A principal who meets every condition has the longest document.
    const { roles, where, when: conditions, verbs, path, params: _params, tail: _tail, api: _api, ...others } = grant;
    others satisfies NoOtherKeys;
    const status = holds(roles) ? "granted" : "not_held";
    const values = Object.fromEntries(Object.keys(where).map((parameter) => [parameter, value]));
    return { verbs, path, status, conditions, unmet: [], where: values };
  };
  const toDenied = (denial: IndexedDenial): Entitlements["denials"][string] => {
    // So has a principal for whom no condition lifts a denial.
    const { roles, unless: conditions, verbs, path, params: _params, tail: _tail, api: _api, ...others } = denial;
    others satisfies NoOtherKeys;
    const status = roles.length === 0 || holds(roles) ? "denied" : "not_held";
    return { verbs, path, status, conditions, unmet: [] };
  };
  const entitlements: Entitlements = {
    grants: Object.fromEntries(Object.entries(index.grants).map(([name, grant]) => [name, toGranted(grant)])),
    denials: Object.fromEntries(Object.entries(index.denials).map(([name, denial]) => [name, toDenied(denial)])),
    roles: [],
  };
  const resources = toTokenResources(entitlements, parts);
  const roleNames = ["authenticated", ...held].join(" ");
  const context = { roles: roleNames, revision: "0".repeat(64), issuer: "x".repeat(MAX_ISSUER_NAME_CHARS) };
  const arn = { ...ARN, verb: "GET", path: "/" };
  if (resources === undefined || toTokenDocument(arn, value, resources, context, trailingSlash) !== undefined)
    return [];
  const roles = held.size === 0 ? "no roles" : `the roles ${[...held].sort().join(", ")}`;
  return [
    `the policy document of a principal with ${roles} allows ${resources.allowed.length} resources and denies ${resources.denied.length}. ` +
      "It is longer than 8 kB, or one resource is longer than 512 characters, so the authorizer would deny everything; " +
      "grant wider paths, or build without --cache-scope token",
  ];
}

function describe(path: string, mismatch: Mismatch | undefined): readonly string[] {
  switch (mismatch?.code) {
    case undefined:
      return [];
    case "too_many_claims":
      return ["`where` has too many claims for a proof"];
    case "too_long":
      return [TOO_LONG];
    case "too_wide":
      return [`${mismatch.path} would be matched by ${mismatch.resource}, though ${path} does not match it`];
    case "too_narrow":
      return [`${mismatch.path} would not be matched by ${mismatch.resource}, though ${path} matches it`];
    default:
      return mismatch satisfies never;
  }
}

/** Describes the paths that the pattern of a rule matches at most, whatever its claims are. A proof is about these alone. */
function widestOf({ path }: GrantOrDenial): Glob {
  return globOfPattern(toPattern(path, {}).join(""));
}

function whereOf({ where = {} }: GrantOrDenial): Readonly<Record<string, string>> {
  return where;
}

/** Lists the sets of roles that one group, scope, kind or claim value gives. Everybody has `authenticated` besides. */
function closuresOf(roles: PolicyIndex["roles"]): readonly ReadonlySet<string>[] {
  return listRoleWays(roles).map(({ roles: held }) => new Set(held));
}

/** Tells whether every principal with one of `roles` has one of `others`, too. */
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

/** Two grants of a policy, and the sets of roles that principals get together. */
interface TwoGrants {
  readonly other: IndexedGrant;
  readonly grant: IndexedGrant;
  readonly closures: readonly ReadonlySet<string>[];
}

const isProvedByPath = () => true;

/** Tells for each key whether the other grant requires no more than this one. Verbs and paths are compared path by path. */
const REQUIRES_NO_MORE: Readonly<Record<keyof IndexedGrant, (two: TwoGrants) => boolean>> = {
  api: ({ other, grant }) => isForAllOf(other, grant),
  roles: ({ other, grant, closures }) => implies(grant.roles, other.roles, closures),
  when: ({ other, grant }) => other.when.every((name) => grant.when.includes(name)),
  where: ({ other, grant }) => {
    const claims = Object.values(grant.where);
    return Object.values(other.where).every((claim) => claims.includes(claim));
  },
  verbs: isProvedByPath,
  path: isProvedByPath,
  params: isProvedByPath,
  tail: isProvedByPath,
};

/** Tells whether everybody with one grant has the other grant, too, on the other's paths. */
function isImplied(two: TwoGrants): boolean {
  return Object.values(REQUIRES_NO_MORE).every((holds) => holds(two));
}

/** Two denials of a policy, and the sets of roles that principals get together. */
interface TwoDenials {
  readonly other: IndexedDenial;
  readonly denial: IndexedDenial;
  readonly closures: readonly ReadonlySet<string>[];
}

/** Tells for each key whether the other denial applies whenever this one does. */
const FORBIDS_NO_LESS: Readonly<Record<keyof IndexedDenial, (two: TwoDenials) => boolean>> = {
  api: ({ other, denial }) => isForAllOf(other, denial),
  roles: ({ other, denial, closures }) =>
    other.roles.length === 0 || (denial.roles.length > 0 && implies(denial.roles, other.roles, closures)),
  // All that lifts the other denial lifts this one, too.
  unless: ({ other, denial }) =>
    other.unless.length === 0 ||
    (denial.unless.length > 0 && denial.unless.every((name) => other.unless.includes(name))),
  verbs: isProvedByPath,
  path: isProvedByPath,
  params: isProvedByPath,
  tail: isProvedByPath,
};

/** Tells whether the other denial applies to every principal that this one applies to, on the other's paths. */
function isAlsoForbidden(two: TwoDenials): boolean {
  return Object.values(FORBIDS_NO_LESS).every((holds) => holds(two));
}
