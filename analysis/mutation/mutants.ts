import { parseTemplate } from "../../contract/path-template.ts";
import type { HeldRoles, IndexedDenial, IndexedGrant, IndexedRoles, PolicyIndex } from "../../contract/policy-index.ts";
import { listRoleWays, type RoleWay } from "../../contract/role-ways.ts";
import { methodsOfAll } from "../../contract/route.ts";

/** A rule of the index, changed. */
export type Changed =
  | { readonly kind: "grant"; readonly name: string; readonly rule: IndexedGrant }
  /** Without a rule: the denial is dropped. */
  | { readonly kind: "denial"; readonly name: string; readonly rule?: IndexedDenial }
  /** The ways to all roles; those to the role of this name differ. */
  | { readonly kind: "roles"; readonly name: string; readonly roles: IndexedRoles };

/** A policy that allows more than the policy under test, by one change. */
export interface Mutant {
  /** `orders.read_own`, `conditions.signed_in_recently` */
  readonly rule: string;
  /** The change: `opened to the role support`. */
  readonly change: string;
  /** The title of a case that notices the mutant. */
  readonly title: string;
  /** All rules that differ: one, or all that name a condition. */
  readonly changed: readonly Changed[];
  /** A role that a principal must hold, so that the change matters to it. */
  readonly role?: string;
  /** The methods at which the change matters. */
  readonly methods?: readonly string[];
}

type Change<Rule> = Pick<Mutant, "change" | "title" | "role" | "methods"> & { readonly rule?: Rule };

/** Lists the changes of a key. */
type ListGrantChanges = (name: string, grant: IndexedGrant, index: PolicyIndex) => readonly Change<IndexedGrant>[];
type ListDenialChanges = (name: string, denial: IndexedDenial) => readonly Change<IndexedDenial>[];

/** The positions of parameters follow from the path. */
const FOLLOWS = () => [];

/**
 * The changes of each key of a grant, so that a new key does not compile until it says what opens it. They all allow more; a wider one
 * of the same kind is noticed sooner.
 */
const GRANT_CHANGES: Readonly<Record<keyof IndexedGrant, ListGrantChanges>> = {
  api: openToApis,
  roles: openToRoles,
  verbs: openToVerbs,
  path: openPath,
  when: dropConditions,
  where: dropClaims,
  params: FOLLOWS,
  tail: FOLLOWS,
};

/** The changes of each key of a denial. They all forbid less. */
const DENIAL_CHANGES: Readonly<Record<keyof IndexedDenial, ListDenialChanges>> = {
  api: dropDenialApis,
  roles: dropDenialRoles,
  verbs: dropDenialVerbs,
  path: narrowDenialPath,
  unless: loosenDenial,
  params: FOLLOWS,
  tail: FOLLOWS,
};

/** Lists the mutants of a policy: each grant widened, each denial and each condition loosened, one change at a time. */
export function listMutants(index: PolicyIndex): readonly Mutant[] {
  return [
    ...Object.entries(index.grants).flatMap(([name, grant]) =>
      Object.values(GRANT_CHANGES)
        .flatMap((list) => list(name, grant, index))
        .map(
          ({ rule, ...change }): Mutant => ({
            ...change,
            rule: name,
            changed: rule === undefined ? [] : [{ kind: "grant", name, rule }],
          }),
        ),
    ),
    ...Object.entries(index.denials).flatMap(([name, denial]) =>
      [dropDenial, ...Object.values(DENIAL_CHANGES)]
        .flatMap((list) => list(name, denial))
        .map(
          ({ rule, ...change }): Mutant => ({
            ...change,
            rule: name,
            changed: [{ kind: "denial", name, ...(rule && { rule }) }],
          }),
        ),
    ),
    ...listConditionMutants(index),
    ...listIssuerMutants(index.roles),
  ];
}

function openToApis(name: string, grant: IndexedGrant): readonly Change<IndexedGrant>[] {
  if (grant.api.length === 0) return [];
  const names = grant.api.join(" and ");
  return [{ change: "opened to all APIs", title: `${name} is for ${names} only`, rule: { ...grant, api: [] } }];
}

function openToRoles(name: string, grant: IndexedGrant, index: PolicyIndex): readonly Change<IndexedGrant>[] {
  if (grant.roles.includes("authenticated")) return [];
  const ways = waysToRoles(index);
  // Whoever comes by one of these roles has a role of the grant, too, so that nobody could tell the mutant.
  const isCovered = (role: string) =>
    (ways.get(role) ?? []).every((held) => held.some((one) => grant.roles.includes(one)));
  return [...ways.keys(), "authenticated"]
    .filter((role) => role === "authenticated" || !isCovered(role))
    .map((role) => ({
      change: `opened to the role ${role}`,
      title: `${name} is not for ${role === "authenticated" ? "everybody who is signed in" : `the role ${role}`}`,
      role,
      rule: { ...grant, roles: [...grant.roles, role].sort() },
    }));
}

const waysOfIndexes = new WeakMap<PolicyIndex, ReadonlyMap<string, readonly (readonly string[])[]>>();

/** Lists for each role the sets of roles that come with it, by group, scope, kind or claim value. */
function waysToRoles(index: PolicyIndex): ReadonlyMap<string, readonly (readonly string[])[]> {
  const known = waysOfIndexes.get(index);
  if (known !== undefined) return known;
  const ways = new Map<string, (readonly string[])[]>();
  for (const { roles: held } of listRoleWays(index.roles)) {
    for (const role of held) ways.set(role, [...(ways.get(role) ?? []), held]);
  }
  waysOfIndexes.set(index, ways);
  return ways;
}

function openToVerbs(name: string, grant: IndexedGrant): readonly Change<IndexedGrant>[] {
  const own = methodsOfAll(grant.verbs);
  const others = methodsOfAll(grant.path === "/" ? ["ANY", "CONNECT"] : ["ANY"]).filter((verb) => !own.includes(verb));
  return others.map((verb) => ({
    change: `opened to the verb ${verb}`,
    title: `${name} does not allow ${verb}`,
    methods: [verb],
    rule: { ...grant, verbs: [...grant.verbs, verb].sort() },
  }));
}

function openPath(name: string, grant: IndexedGrant): readonly Change<IndexedGrant>[] {
  const segments = parseTemplate(grant.path);
  const texts = grant.path.slice(1).split("/");
  return segments.flatMap((segment, at): readonly Change<IndexedGrant>[] => {
    if (segment.kind === "literal") {
      const path = `/${texts.map((text, place) => (place === at ? `{any${at}}` : text)).join("/")}`;
      const params = { ...grant.params, [`any${at}`]: at };
      return [toPathChange(name, { ...grant, path, params })];
    }
    const isLast = at === segments.length - 1;
    if (segment.isGreedy || !isLast || Object.hasOwn(grant.where, segment.name)) return [];
    const { [segment.name]: _, ...params } = grant.params;
    const path = grant.path.replace(/\}$/, "+}");
    return [toPathChange(name, { ...grant, path, params, tail: { [segment.name]: at } })];
  });
}

function toPathChange(name: string, rule: IndexedGrant): Change<IndexedGrant> {
  return { change: `opened to the path ${rule.path}`, title: `${name} is not for ${rule.path}`, rule };
}

function dropConditions(name: string, grant: IndexedGrant): readonly Change<IndexedGrant>[] {
  return grant.when.map((condition) => ({
    change: `without the condition ${condition}`,
    title: `${name} asks for ${condition}`,
    rule: { ...grant, when: grant.when.filter((one) => one !== condition) },
  }));
}

function dropClaims(name: string, grant: IndexedGrant): readonly Change<IndexedGrant>[] {
  return Object.entries(grant.where).map(([parameter, claim]) => {
    const { [parameter]: _, ...where } = grant.where;
    return {
      change: `without the comparison of ${parameter} with ${claim}`,
      title: `${name} compares ${parameter} with ${claim}`,
      rule: { ...grant, where },
    };
  });
}

function dropDenial(name: string): readonly Change<IndexedDenial>[] {
  return [{ change: "dropped", title: `${name} forbids this` }];
}

function dropDenialApis(name: string, denial: IndexedDenial): readonly Change<IndexedDenial>[] {
  if (denial.api.length < 2) return [];
  return denial.api.map((api) => ({
    change: `dropped for the API ${api}`,
    title: `${name} is for ${api}`,
    rule: { ...denial, api: denial.api.filter((one) => one !== api) },
  }));
}

function dropDenialRoles(name: string, denial: IndexedDenial): readonly Change<IndexedDenial>[] {
  if (denial.roles.length < 2) return [];
  return denial.roles.map((role) => ({
    change: `dropped for the role ${role}`,
    title: `${name} is for the role ${role}`,
    role,
    rule: { ...denial, roles: denial.roles.filter((one) => one !== role) },
  }));
}

function dropDenialVerbs(name: string, denial: IndexedDenial): readonly Change<IndexedDenial>[] {
  const methods = methodsOfAll(denial.verbs);
  if (methods.length < 2) return [];
  return methods.map((verb) => ({
    change: `dropped for the verb ${verb}`,
    title: `${name} forbids ${verb}`,
    methods: [verb],
    rule: { ...denial, verbs: methods.filter((one) => one !== verb) },
  }));
}

function narrowDenialPath(name: string, denial: IndexedDenial): readonly Change<IndexedDenial>[] {
  const [[parameter, at] = [undefined, 0]] = Object.entries(denial.tail);
  if (parameter === undefined) return [];
  const path = denial.path.replace(/\+\}$/, "}");
  const rule = { ...denial, path, tail: {}, params: { ...denial.params, [parameter]: at } };
  return [{ change: `narrowed to the path ${path}`, title: `${name} forbids what is further below`, rule }];
}

function loosenDenial(name: string, denial: IndexedDenial): readonly Change<IndexedDenial>[] {
  if (denial.unless.length < 2) return [];
  return denial.unless.map((condition) => ({
    change: `lifted without the condition ${condition}`,
    title: `${name} is lifted by ${condition} alone`,
    rule: { ...denial, unless: denial.unless.filter((one) => one !== condition) },
  }));
}

/** Lists the mutants in which one condition is true of every request. */
function listConditionMutants({ grants, denials }: PolicyIndex): readonly Mutant[] {
  const names = [
    ...Object.values(grants).map(({ when }) => when),
    ...Object.values(denials).map(({ unless }) => unless),
  ];
  return [...new Set(names.flat())].sort().map((condition) => {
    const without = (conditions: readonly string[]) => conditions.filter((one) => one !== condition);
    const changed: readonly Changed[] = [
      ...Object.entries(grants).flatMap(([name, rule]): readonly Changed[] =>
        rule.when.includes(condition) ? [{ kind: "grant", name, rule: { ...rule, when: without(rule.when) } }] : [],
      ),
      ...Object.entries(denials).flatMap(([name, rule]): readonly Changed[] => {
        if (!rule.unless.includes(condition)) return [];
        const unless = without(rule.unless);
        return [{ kind: "denial", name, ...(unless.length > 0 && { rule: { ...rule, unless } }) }];
      }),
    ];
    return { rule: `conditions.${condition}`, change: "true of every request", title: `${condition} matters`, changed };
  });
}

/** Lists the mutants in which the principals of any issuer hold a role that is tied to some. */
function listIssuerMutants(roles: IndexedRoles): readonly Mutant[] {
  const tied = listRoleWays(roles).filter(({ issuer }) => issuer !== undefined);
  const names = [...new Set(tied.flatMap((way) => way.roles))].sort();
  return names.map((name) => ({
    rule: `roles.${name}`,
    change: "held by the principals of any issuer",
    title: `${name} is for the principals of its issuers`,
    changed: [{ kind: "roles", name, roles: opened(roles, name, tied) }],
  }));
}

/** Gives a role to the principals of every issuer who have what those of one issuer come by it with. */
function opened(roles: IndexedRoles, name: string, tied: readonly RoleWay[]): IndexedRoles {
  const ways = tied.filter((way) => way.roles.includes(name));
  const openedIn = (table: HeldRoles["groups"], own: readonly RoleWay[]) => {
    const added = own.map(({ value }) => [value, [...new Set([...(table[value] ?? []), name])].sort()] as const);
    return { ...table, ...Object.fromEntries(added) };
  };
  const ofClaims = ways.filter(({ by }) => by === "claim");
  const claims = ofClaims.map(({ claim }) => {
    const own = ofClaims.filter((way) => way.claim === claim);
    return [claim, openedIn(roles.claims[claim] ?? {}, own)] as const;
  });
  const openedBy = (by: RoleWay["by"], table: HeldRoles["groups"]) =>
    openedIn(
      table,
      ways.filter((way) => way.by === by),
    );
  return {
    groups: openedBy("group", roles.groups),
    scopes: openedBy("scope", roles.scopes),
    kinds: openedBy("kind", roles.kinds),
    claims: { ...roles.claims, ...Object.fromEntries(claims) },
    issuers: roles.issuers,
  };
}
