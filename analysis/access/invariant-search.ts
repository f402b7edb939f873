import type { InvariantRegion } from "../../contract/invariants.ts";
import { decide, toGranted } from "./decide.ts";
import { createStates, type Field, listMet, toHolders } from "./field.ts";
import { createMemory } from "./memory.ts";
import type { Access, Terms, Who } from "./model.ts";
import { meetOf, type Point, toPattern, toPoint, toPoints } from "./points.ts";
import { type ComparedRule, isUnconditional, toMethods, toVerbs } from "./rules.ts";
import { mergeWhos } from "./who.ts";

/** A request of a principal, as far as it matters for an invariant, and how it is decided. */
export interface FoundAccess {
  /** With the claims that the path asks for. */
  readonly who: Who;
  readonly verb: string;
  readonly point: Point;
  readonly access: Access;
  /** The conditions of that access; empty if it is allowed always, or refused always. */
  readonly terms: Terms;
  /** The grants or public rules that allow it, or the denials that refuse it. */
  readonly by: readonly string[];
}

/** The requests of an invariant, for the rules of one API. */
export interface Search {
  readonly field: Field;
  readonly methods: number;
  readonly path: string;
  readonly longest: number;
  /** Lists the points of the paths that a rule and the search have in common. */
  readonly pointsOf: (rule: ComparedRule) => readonly Point[];
  /** Writes variables as terms. */
  readonly termsOf: (variables: readonly number[]) => Terms;
}

/** Creates a search for the requests of an invariant. */
export function createSearch(field: Field, { verbs, path }: InvariantRegion): Search {
  const { segments, isGreedy } = toPattern(path);
  const longest = Math.max(field.longest, segments.length + (isGreedy ? 1 : 0));
  const here = { ...field, longest };
  const places = toPoints(toPattern(path), longest);
  return {
    field: here,
    methods: toMethods(verbs),
    path,
    longest,
    // The same rules and points come up for one principal after the other.
    pointsOf: createMemory(
      (rule) => places.flatMap((place) => meetOf(place, rule) ?? []),
      (rule) => rule,
    ),
    termsOf: createMemory(
      (variables) => here.variables.toTerms(0, variables),
      (variables) => variables.join(),
    ),
  };
}

/** Lists the grants and public rules that are about requests of a search. */
export function listRulesThere({ field, methods, path, longest }: Search): readonly ComparedRule[] {
  const rules = field.sides.flatMap(({ grantTree }) =>
    toPoints(toPattern(path), longest).flatMap((point) => grantTree.meeting(point)),
  );
  return [...new Set(rules)].filter((rule) => (rule.methods & methods) !== 0);
}

/**
 * Finds the ways in which principals are allowed there, always or under conditions, as far as they are unwanted.
 *
 * A rule that is found to allow something unwanted, and can't allow it under less, is not looked at for the larger principals
 * after that.
 */
export function listUnwanted(
  search: Search,
  whos: readonly Who[],
  isUnwanted: (found: FoundAccess) => boolean,
): readonly FoundAccess[] {
  const settled = new Set<ComparedRule>();
  const smallestFirst = [...whos].sort((one, other) => one.atoms.length - other.atoms.length);
  return smallestFirst.flatMap((who) => {
    const unsettled = rulesOf(search, who).filter((rule) => !settled.has(rule));
    const found = listAllowed(search, who, unsettled).filter(({ found: one }) => isUnwanted(one));
    for (const { rule, found: one } of found) {
      if (one.by.includes(rule.name) && one.access === toLeastAsked(rule)) settled.add(rule);
    }
    return found.map(({ found: one }) => one);
  });
}

/** Names the access that a rule gives where nothing but the rule asks for anything. */
function toLeastAsked({ kind, own, variables }: ComparedRule): Access {
  if (kind === "public") return "public";
  if (variables.length > 0) return "conditional";
  return own.length > 0 ? "own" : "allow";
}

/** An access, and the rule at whose paths it was found. */
interface AllowedThere {
  readonly rule: ComparedRule;
  readonly found: FoundAccess;
}

function listAllowed(search: Search, who: Who, rules: readonly ComparedRule[]): readonly AllowedThere[] {
  const { field, termsOf } = search;
  const [holder] = toHolders(field, who);
  if (holder === undefined) return [];
  // By point: the methods that were looked at.
  const seen = new Map<string, number>();
  const listed: AllowedThere[] = [];
  for (const rule of rules) {
    for (const point of search.pointsOf(rule)) {
      const here = toPossible(point, rule, who);
      const [matching] = here === undefined ? [] : field.matching(here);
      if (here === undefined || matching === undefined) continue;
      for (const methods of field.methodsAt(here)) {
        const wanted = methods & search.methods & rule.methods;
        const known = seen.get(here.key) ?? 0;
        if (wanted === 0 || (known & wanted) !== 0) continue;
        seen.set(here.key, known | wanted);
        field.count(rule.name, 1 + matching.grants.length + matching.denials.length);
        const state = decide(holder, matching, here, methods & -methods);
        for (const { variables, rules: by } of state.alternatives) {
          const terms = termsOf(variables);
          const owner = toOwner(who, terms, here);
          if (owner === undefined) continue;
          const access = state.isPublic ? "public" : toGranted([terms]);
          listed.push({ rule, found: { who: owner, verb: toVerb(wanted), point: here, access, terms, by } });
        }
      }
    }
  }
  return listed;
}

/** Finds the requests that a principal is refused, or allowed only under conditions. */
export function listRefused(search: Search, who: Who): readonly FoundAccess[] {
  const { field, longest } = search;
  const holders = toHolders(field, who);
  const states = createStates(field, holders);
  const pattern = toPattern(search.path);
  const denied = listMet(field, holders, pattern, search.methods, ["denialTree"]);
  const points = [...toPoints(pattern, longest), ...denied];
  return points.flatMap((point) =>
    field.methodsAt(point).flatMap((methods): readonly FoundAccess[] => {
      const wanted = methods & search.methods;
      const [state] = states(point, methods);
      if (wanted === 0 || state === undefined) return [];
      field.count(search.path);
      const ways = state.alternatives.map(({ variables, rules }) => ({
        terms: field.variables.toTerms(0, variables),
        rules,
      }));
      if (ways.some(({ terms }) => isUnconditional(terms))) return [];
      const [way] = ways;
      const verb = toVerb(wanted);
      if (way !== undefined) {
        const access = toGranted([way.terms]);
        return [{ who, verb, point, access, terms: way.terms, by: [...way.rules, ...state.denied.rules] }];
      }
      const access = state.denied.rules.length > 0 ? "denied" : "none";
      return [{ who, verb, point, access, terms: NO_TERMS, by: state.denied.rules }];
    }),
  );
}

const NO_TERMS: Terms = { conditions: [], own: [] };

/** Lists the grants of a principal's roles and the public rules that have a method of the search. */
function rulesOf({ field, methods }: Search, who: Who): readonly ComparedRule[] {
  const holders = toHolders(field, who);
  const rules = field.sides.flatMap(({ grantsByRole }, side) =>
    [...(holders[side]?.roles ?? [])].flatMap((role) => grantsByRole.get(role) ?? []),
  );
  return [...new Set(rules)].filter((rule) => (rule.methods & methods) !== 0);
}

/**
 * Narrows a point to the paths that a grant can allow a principal: where a segment must equal a claim that the principal has,
 * it is the value of the claim.
 */
function toPossible(point: Point, { own }: ComparedRule, { atoms }: Who): Point | undefined {
  if (own.length === 0) return point;
  const segments = [...point.segments];
  for (const { position, claim } of own) {
    const held = atoms.flatMap((atom) => (atom.by === "claim" && atom.claim === claim ? [atom.value] : []));
    const segment = segments[position] ?? null;
    const value = held[0] ?? segment;
    if (held.length > 1 || (segment !== null && segment !== value)) return undefined;
    segments[position] = value;
  }
  for (const { position, claim } of own) {
    const other = own.find((one) => one.claim === claim && typeof segments[one.position] === "string");
    if (other !== undefined) segments[position] ??= segments[other.position] ?? null;
  }
  const isPath = segments.every((segment) => segment === null || /^(?!\.{1,2}$)[^/]+$/.test(segment));
  return isPath ? toPoint(segments, point.isOpen) : undefined;
}

/** Adds the claims that equal literals of a path to a principal; undefined if its own claims differ. */
function toOwner(who: Who, { own }: Terms, { segments }: Point): Who | undefined {
  return own.reduce<Who | undefined>((sum, [position, claim]) => {
    const value = segments[position] ?? null;
    const others = sum?.atoms.filter((atom) => atom.by === "claim" && atom.claim === claim) ?? [];
    if (others.some((atom) => atom.value !== value)) return undefined;
    if (sum === undefined || value === null) return sum;
    return mergeWhos(sum, { atoms: [{ by: "claim", claim, value }], issuer: undefined });
  }, who);
}

/** Chooses one verb of a set of methods. `GET` is the one that a reader tries first. */
function toVerb(methods: number): string {
  const verbs = toVerbs(methods);
  return verbs.includes("GET") || verbs.includes("ANY") ? "GET" : (verbs[0] ?? "");
}
