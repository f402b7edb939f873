import { toTokenDocument } from "../../authorizer/gateway/token-document.ts";
import { toTokenResources } from "../../authorizer/policy/token-resources.ts";
import type { Entitlements } from "../../contract/entitlements.ts";
import type { CacheContract, TokenDocumentParts, TokenRule } from "../../contract/manifest.ts";
import { err, ok, type Result } from "../../contract/result.ts";
import { HTTP_METHODS, methodsOf, nameOfRoute } from "../../contract/route.ts";
import { arrivesEncoded, toPattern } from "../paths/iam-patterns.ts";
import { declaredPaths, type Fault, findFault } from "../paths/proof.ts";
import { overlaps } from "../paths/templates.ts";

/** The part of the compiled index that says what rules ask for, and of whom. */
export interface RuleIndex {
  readonly grants: Readonly<Record<string, GrantUse>>;
  readonly denials: Readonly<Record<string, DenialUse>>;
  readonly roles: Readonly<
    Record<"groups" | "scopes", Readonly<Record<string, readonly string[]>>> & {
      claims: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
    }
  >;
}

interface RuleOfRoles {
  readonly verbs: readonly string[];
  readonly path: string;
  readonly roles: readonly string[];
}

type GrantUse = RuleOfRoles & {
  readonly where: Readonly<Record<string, string>>;
  readonly when: readonly string[];
};

type DenialUse = RuleOfRoles & { readonly unless: readonly string[] };

/**
 * Makes what per-token documents are put together from, and proves that they say what the policy says.
 *
 * It is proved rule by rule, so that it holds for every principal, whatever rules concern it: a grant's resources match
 * every canonical path of a declared route that its template matches, and no other that its holders may not have anyway;
 * and a denial's likewise.
 *
 * @returns What is to be packed; or for each rule of which it is not so a line, with a path.
 */
export function toTokenAnswers(
  index: RuleIndex,
  routes: CacheContract["routes"],
): Result<TokenDocumentParts, readonly string[]> {
  const served = routes.filter((route) => route.class === "token");
  if (served.length === 0) return err(["no route is of the class token, so no answer can hold for one"]);
  const proofs = new Map<string, readonly string[]>();
  const faults: string[] = [];
  const universes = new Map(
    HTTP_METHODS.map((verb) => {
      const paths = served.filter((route) => methodsOf(route.verb).includes(verb)).map(({ path }) => path);
      return [verb, { ...declaredPaths(paths), paths }];
    }),
  );
  const ruleOf = (name: string, rule: GrantUse | DenialUse, may: readonly (GrantUse | DenialUse)[]) => {
    const verbs = [...new Set(rule.verbs.flatMap(methodsOf))].sort().filter((verb) => {
      const universe = universes.get(verb);
      const near = universe?.paths.filter((path) => overlaps(path, rule.path)) ?? [];
      if (universe === undefined || near.length === 0) return false;
      if (arrivesEncoded(rule.path)) {
        faults.push(
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
      const found = proofs.get(key) ?? describe(rule.path, findFault(rule, universe, allowed));
      proofs.set(key, found);
      faults.push(...found.map((fault) => `${name}: ${verb} ${fault}`));
      return true;
    });
    return { verbs, path: toPattern(rule.path, whereOf(rule)) };
  };
  const closures = closuresOf(index);
  const grants = Object.entries(index.grants).map(([name, grant]) => {
    const implied = Object.values(index.grants).filter((other) => isImplied(other, grant, closures));
    return [name, ruleOf(name, grant, implied)] as const;
  });
  const denials = Object.entries(index.denials).map(([name, denial]) => {
    const implied = Object.values(index.denials).filter((other) => isAlsoForbidden(other, denial, closures));
    return [name, ruleOf(name, denial, implied)] as const;
  });
  if (faults.length > 0) return err([...new Set(faults)]);
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
function findOversized(held: ReadonlySet<string>, index: RuleIndex, answers: TokenDocumentParts): readonly string[] {
  const holds = (roles: readonly string[]) => roles.includes("authenticated") || roles.some((role) => held.has(role));
  const value = "x".repeat(CLAIM_CHARS);
  const entitlements: Entitlements = {
    grants: Object.fromEntries(
      Object.entries(index.grants).map(([name, { roles, where }]) => [
        name,
        {
          status: holds(roles) ? "granted" : "not_held",
          unmet: [],
          where: Object.fromEntries(Object.keys(where).map((parameter) => [parameter, value])),
        },
      ]),
    ),
    denials: Object.fromEntries(
      Object.entries(index.denials).map(([name, { roles }]) => [
        name,
        { status: roles.length === 0 || holds(roles) ? "denied" : "not_held", unmet: [] },
      ]),
    ),
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

function describe(path: string, fault: Fault | undefined): readonly string[] {
  switch (fault?.code) {
    case undefined:
      return [];
    case "too_many_claims":
      return ["has too many claims in `where` to be proved"];
    case "too_wide":
      return [`${fault.path} would be matched by ${fault.resource}, though it is not of ${path}`];
    case "too_narrow":
      return [`${fault.path} would not be matched by ${fault.resource}`];
    default:
      return fault satisfies never;
  }
}

function whereOf(rule: GrantUse | DenialUse): Readonly<Record<string, string>> {
  return "where" in rule ? rule.where : {};
}

/** Sets of roles that are held together, whatever gave them; everybody holds `authenticated`. */
function closuresOf({ roles }: RuleIndex): readonly ReadonlySet<string>[] {
  const lists = [
    ...Object.values(roles.groups),
    ...Object.values(roles.scopes),
    ...Object.values(roles.claims).flatMap(Object.values),
  ];
  return lists.map((list: readonly string[]) => new Set(list));
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

/** Whoever has a grant has the other: its roles, its conditions and its `where` ask for no more. */
function isImplied(other: GrantUse, grant: GrantUse, closures: readonly ReadonlySet<string>[]): boolean {
  const claims = Object.values(grant.where);
  return (
    implies(grant.roles, other.roles, closures) &&
    other.when.every((name) => grant.when.includes(name)) &&
    Object.values(other.where).every((claim) => claims.includes(claim))
  );
}

/** Whomever a denial concerns, the other does too, and it is not lifted unless this one is. */
function isAlsoForbidden(other: DenialUse, denial: DenialUse, closures: readonly ReadonlySet<string>[]): boolean {
  const isForAll = other.roles.length === 0;
  const concerns = isForAll || (denial.roles.length > 0 && implies(denial.roles, other.roles, closures));
  const isKept =
    other.unless.length === 0 ||
    (denial.unless.length > 0 && denial.unless.every((name) => other.unless.includes(name)));
  return concerns && isKept;
}
