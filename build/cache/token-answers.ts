import { toTokenAnswer } from "../../authorizer/gateway/token-answer.ts";
import type { Entitlements } from "../../authorizer/policy/entitlements.ts";
import type { CacheContract, Route, TokenAnswers, TokenRule } from "../../authorizer/policy/manifest.ts";
import { toTokenResources } from "../../authorizer/policy/token-resources.ts";
import { err, ok, type Result } from "../../authorizer/result.ts";
import { type Automaton, createAutomaton, findCounterexample, type Glob, ONE, RUN } from "./language.ts";
import { HTTP_METHODS, methodsOf, overlaps, segmentsOf } from "./routes.ts";

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

/** More combinations of values of `where` than anybody needs, and as many as can be gone through. */
const MAX_COMBINATIONS = 20_000;

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
): Result<TokenAnswers, readonly string[]> {
  const served = routes.filter((route) => route.class === "token");
  if (served.length === 0) return err(["no route is of the class token, so no answer can hold for one"]);
  const proofs = new Map<string, readonly string[]>();
  const faults: string[] = [];
  const rules = [...Object.values(index.grants), ...Object.values(index.denials)];
  const segments = new Set([...served, ...rules].flatMap(({ path }) => segmentsOf(path)));
  const other = ["x", "y", "z"].find((segment) => !segments.has(segment)) ?? [...segments].join("");
  const universes = new Map(
    HTTP_METHODS.map((verb) => {
      const paths = served.filter((route) => methodsOf(route.verb).includes(verb)).map(({ path }) => path);
      return [verb, { paths, automaton: createAutomaton(paths.map((path) => ofTemplate(path))), other }];
    }),
  );
  const ruleOf = (name: string, rule: GrantUse | DenialUse, may: readonly (GrantUse | DenialUse)[]) => {
    const verbs = [...new Set(rule.verbs.flatMap(methodsOf))].sort().filter((verb) => {
      const universe = universes.get(verb);
      const near = universe?.paths.filter((path) => overlaps(path, rule.path)) ?? [];
      if (universe === undefined || near.length === 0) return false;
      if (/[^\w.~!$&'()+,=:@/{}-]/.test(rule.path)) {
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
      const found = proofs.get(key) ?? prove(rule, universe, allowed);
      proofs.set(key, found);
      faults.push(...found.map((fault) => `${name}: ${verb} ${fault}`));
      return true;
    });
    return { verbs, path: toPattern(rule) };
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
function findOversized(held: ReadonlySet<string>, index: RuleIndex, answers: TokenAnswers): readonly string[] {
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
  if (resources === undefined || toTokenAnswer(arn, value, resources, context) !== undefined) return [];
  const who = held.size === 0 ? "everybody" : `whoever holds ${[...held].sort().join(", ")}`;
  return [
    `the document of ${who} has ${resources.allowed.length} resources to allow and ${resources.denied.length} to deny, ` +
      "which is more than 8 kB or a resource of more than 512 characters; grant wider paths, or give answers for one request",
  ];
}

/** `GET /customers/{}`: how a parameter is called does not matter. */
function nameOfRoute({ verb, path }: Route): string {
  return `${verb} ${path.replaceAll(/\{[^{}+]*(\+?)\}/g, "{$1}")}`;
}

/** `["/customers/", "customer_id", "/orders"]`: at every second place is a parameter that has to equal its claim. */
function toPattern(rule: GrantUse | DenialUse): readonly string[] {
  const where = whereOf(rule);
  const parts = [""];
  const add = (text: string) => parts.push(`${parts.pop() ?? ""}${text}`);
  const segments = segmentsOf(rule.path);
  if (segments.length === 0) add("/");
  for (const [at, segment] of segments.entries()) {
    add("/");
    const [, name] = /^\{([^{}+]+)\+?\}$/.exec(segment) ?? [];
    if (name !== undefined && where[name] !== undefined) parts.push(name, "");
    // At the end `?*` rather than `*`, which would take in the path without this segment.
    else add(name === undefined ? segment : at === segments.length - 1 ? "?*" : "*");
  }
  return parts;
}

/** The routes that a verb can take, and the paths on them. */
interface Universe {
  readonly paths: readonly string[];
  readonly automaton: Automaton;
  /** A segment that stands for all that no path names. */
  readonly other: string;
}

/** Tries a rule with every value of its claims that could make a difference: any, and each literal that is in a path. */
function prove(
  rule: GrantUse | DenialUse,
  universe: Universe,
  may: readonly (GrantUse | DenialUse)[],
): readonly string[] {
  const where = whereOf(rule);
  const claims = [...new Set(Object.values(where))];
  const paths = [...universe.paths, ...may.map(({ path }) => path)].filter((path) => startsAlike(path, rule.path));
  const literals = [rule.path, ...paths].flatMap(segmentsOf);
  const values = [...new Set(literals)].filter((segment) => !segment.startsWith("{"));
  const combinations = combine(claims, values);
  if (combinations === undefined) return ["has too many claims in `where` to be proved"];
  for (const held of combinations) {
    const fill = (one: GrantUse | DenialUse) =>
      ofTemplate(
        one.path,
        Object.fromEntries(Object.entries(whereOf(one)).map(([name, claim]) => [name, held[claim] ?? ""])),
      );
    const resource = toPattern(rule)
      .map((part, at) => (at % 2 === 0 ? part : (held[where[part] ?? ""] ?? "")))
      .join("");
    const found = findCounterexample(
      {
        universe: universe.automaton,
        matched: createAutomaton([ofPattern(resource)]),
        must: createAutomaton([fill(rule)]),
        may: createAutomaton(may.map(fill)),
      },
      universe.other,
    );
    if (found !== undefined) {
      const path = `/${found.text.join("/")}`;
      return [
        found.isMatched
          ? `${path} would be matched by ${resource}, though it is not of ${rule.path}`
          : `${path} would not be matched by ${resource}`,
      ];
    }
  }
  return [];
}

/** They do not part ways before a parameter comes: behind one, a wildcard may lead anywhere. */
function startsAlike(one: string, other: string): boolean {
  const others = segmentsOf(other);
  for (const [at, segment] of segmentsOf(one).entries()) {
    const facing = others[at];
    if (facing === undefined || segment.startsWith("{") || facing.startsWith("{")) return true;
    if (segment !== facing) return false;
  }
  return true;
}

/** The paths that a template matches, as lists of segments: a parameter is one, a greedy one any number but none. */
function ofTemplate(template: string, values: Readonly<Record<string, string>> = {}): Glob {
  return segmentsOf(template).flatMap((segment) => {
    const [, name = "", plus] = /^\{([^{}+]+)(\+?)\}$/.exec(segment) ?? [];
    if (plus === undefined) return [{ literal: segment }];
    const value = values[name];
    if (value !== undefined) return [{ literal: value }];
    return plus === "" ? [ONE] : [ONE, RUN];
  });
}

/** The canonical paths that a pattern of {@link toPattern} matches: IAM's wildcards take in slashes. */
function ofPattern(pattern: string): Glob {
  return segmentsOf(pattern).flatMap((segment) =>
    segment === "*" || segment === "?*" ? [ONE, RUN] : [{ literal: segment }],
  );
}

/** Values that no path names; one for each claim, so that they differ. */
const SOME_VALUES = ["<one>", "<another>", "<a third>", "<a fourth>"];

function combine(
  claims: readonly string[],
  values: readonly string[],
): readonly Readonly<Record<string, string>>[] | undefined {
  const some = SOME_VALUES.slice(0, claims.length);
  if (claims.length > SOME_VALUES.length || (values.length + some.length) ** claims.length > MAX_COMBINATIONS)
    return undefined;
  return claims.reduce<readonly Readonly<Record<string, string>>[]>(
    (combinations, claim) =>
      combinations.flatMap((combination) => [...some, ...values].map((value) => ({ ...combination, [claim]: value }))),
    [{}],
  );
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
