import { err, ok, type Result } from "../../contract/result.ts";
import { createBudget, TestLimit } from "../access/budget.ts";
import { decide, type Matching, toAccess } from "../access/decide.ts";
import { explore } from "../access/explore.ts";
import { createField, type Field } from "../access/field.ts";
import type { Access, AccessPolicy, Terms, TooManyTests, Who } from "../access/model.ts";
import { formatPattern, type Pattern, type Point, toPattern, toPoint, toPoints } from "../access/points.ts";
import { ALL_METHODS, type ComparedRule, splitMethods, toMethods, toVerbs } from "../access/rules.ts";
import { createVariables, pairConditions, type Variables } from "../access/variables.ts";
import { AUTHENTICATED, formatWho, type Holder, type RoleTable, whoOf } from "../access/who.ts";

/** How the rows and columns of a matrix are chosen. */
export type MatrixBy = "role" | "group" | "area" | "route";

/** The access of one subject to one row. */
export interface Cell {
  readonly access: Access;
  /** The terms that must hold, in alternatives; empty unless the access is conditional or own. */
  readonly terms: readonly Terms[];
  /** The grants that allow it, or the denials. */
  readonly by: readonly string[];
}

/** Some verbs of the paths of one template. */
export interface MatrixRow {
  /** The areas of the rules with this path, sorted; for a route the name of its API, if it has one. */
  readonly groups: readonly string[];
  readonly path: string;
  /** The segments of the path; null for a parameter. */
  readonly segments: Pattern["segments"];
  readonly verbs: readonly string[];
  /** The access of every subject that has no cell. */
  readonly others: Cell;
  /** By the place of the subject. */
  readonly cells: ReadonlyMap<number, Cell>;
}

/** Who may do what: a row for each path and its verbs, a column for each subject. */
export interface Matrix {
  readonly by: MatrixBy;
  /** The name of the API; undefined for any that no rule names. */
  readonly api: string | undefined;
  /** Formatted: `role support`, `group Support`, `authenticated`. */
  readonly subjects: readonly string[];
  /** Sorted by path. */
  readonly rows: readonly MatrixRow[];
}

/** A route to make a row of. */
export interface MatrixRoute {
  readonly verb: string;
  readonly path: string;
}

/**
 * Makes the matrix of a policy for one API.
 *
 * @param routes - The rows; undefined: the paths of the policy's own rules, and those that a denial shares with grants.
 */
export function toMatrix(
  policy: AccessPolicy,
  by: MatrixBy,
  api: string | undefined,
  routes?: readonly MatrixRoute[],
): Result<Matrix, TooManyTests> {
  try {
    return ok(toMatrixOf(policy, by, api, routes));
  } catch (error) {
    if (error instanceof TestLimit) return err(error.tooMany);
    throw error;
  }
}

function toMatrixOf(
  policy: AccessPolicy,
  by: MatrixBy,
  api: string | undefined,
  routes: readonly MatrixRoute[] | undefined,
): Matrix {
  const variables = createVariables([policy], pairConditions([policy]));
  const field = createField([policy], variables, api, createBudget());
  const [side] = field.sides;
  if (side === undefined) return { by, api, subjects: [], rows: [] };
  const asksForRoles = Object.values(policy.conditions).some(({ roles }) => roles !== undefined);
  const holders = by === "role" ? toRoleHolders(side.table) : toHolders(field, side.table, by, asksForRoles);
  const toCells = createToCells(holders, field, variables);
  const wanted = routes?.map(toWantedOfRoute) ?? listWanted(field);
  return { by, api, subjects: holders.map(({ name }) => name), rows: wanted.flatMap(toCells).sort(compareRows) };
}

interface NamedHolder extends Holder {
  readonly name: string;
}

/** Makes a subject of each role: whoever holds it holds at least the roles that all ways to it give. */
function toRoleHolders(table: RoleTable): readonly NamedHolder[] {
  const names = [...new Set(table.ways.flatMap(({ roles }) => roles))].sort();
  const ofRoles = names.map((role): NamedHolder => {
    const [first, ...others] = table.waysTo(role).map(({ roles }) => roles);
    const shared = (first ?? []).filter((one) => others.every((roles) => roles.includes(one)));
    return { name: `role ${role}`, who: AUTHENTICATED, roles: new Set(["authenticated", role, ...shared]), table };
  });
  return [{ name: "authenticated", who: AUTHENTICATED, roles: new Set(["authenticated"]), table }, ...ofRoles];
}

function toHolders(
  field: Field,
  table: RoleTable,
  by: Exclude<MatrixBy, "role">,
  asksForRoles: boolean,
): readonly NamedHolder[] {
  const ofWays = [AUTHENTICATED, ...table.ways.map(whoOf)];
  // Only conditions that ask for roles make it matter what else a principal holds.
  const all = asksForRoles ? explore(field).map(({ who }) => who) : ofWays;
  const isWanted = ({ atoms }: Who) => by !== "group" || atoms.every((atom) => atom.by === "group");
  const byName = new Map(all.filter(isWanted).map((who) => [formatWho(who), who]));
  const first = formatWho(AUTHENTICATED);
  const names = [...byName.keys()].filter((name) => name !== first).sort();
  return [first, ...names].flatMap((name) => {
    const who = byName.get(name);
    return who === undefined ? [] : [{ name, who, roles: table.rolesOf(who), table }];
  });
}

/** A row to be made: the paths, and the verbs that count. */
interface Wanted {
  readonly pattern: Pattern;
  readonly path: string;
  readonly methods: number;
  readonly groups: readonly string[];
}

function toWantedOfRoute({ verb, path }: MatrixRoute): Wanted {
  return { pattern: toPattern(path), path, methods: toMethods([verb]), groups: [] };
}

/** Lists the paths of all rules, and those that grants and denials have in common. */
function listWanted(field: Field): readonly Wanted[] {
  const rules = field.sides.flatMap(({ grants, denials, publicRules }) => [...grants, ...denials, ...publicRules]);
  const wanted = new Map<string, { readonly pattern: Pattern; readonly areas: Set<string> }>();
  const add = (pattern: Pattern, rule: ComparedRule) => {
    const path = formatPattern(pattern);
    const known = wanted.get(path) ?? { pattern, areas: new Set() };
    known.areas.add(rule.name.slice(0, rule.name.lastIndexOf(".")));
    wanted.set(path, known);
  };
  for (const rule of rules) {
    add({ segments: rule.segments, isGreedy: rule.isGreedy }, rule);
    if (rule.kind !== "denial") continue;
    // A tree is asked for points, of which a greedy path has one for each length.
    const met = toPoints(rule, field.longest).flatMap((point) =>
      field.sides.flatMap(({ grantTree }) => grantTree.meeting(point)),
    );
    for (const grant of new Set(met)) {
      field.count(grant.name);
      if ((grant.methods & rule.methods) !== 0) add(intersect(rule, grant), rule);
    }
  }
  return [...wanted].map(([path, { pattern, areas }]) => {
    return { pattern, path, methods: ALL_METHODS, groups: [...areas].sort() };
  });
}

/** Makes the pattern of the paths that two patterns have in common, of which there are some. */
function intersect(one: Pattern, other: Pattern): Pattern {
  const length = Math.max(one.segments.length, other.segments.length);
  const segments = Array.from({ length }, (_, at) => one.segments[at] ?? other.segments[at] ?? null);
  return { segments, isGreedy: one.isGreedy && other.isGreedy };
}

const NONE: Cell = { access: "none", terms: [], by: [] };

/** Creates the function that makes the rows of a path: one for each set of verbs that the rules tell apart. */
function createToCells(holders: readonly NamedHolder[], field: Field, variables: Variables) {
  const byRole = new Map<string, number[]>();
  for (const [place, { roles }] of holders.entries()) {
    for (const role of roles) {
      const known = byRole.get(role);
      if (known === undefined) byRole.set(role, [place]);
      else known.push(place);
    }
  }
  const nobody = { who: AUTHENTICATED, roles: new Set<string>(), table: holders[0]?.table };

  return function toCells({ pattern, path, methods: wanted, groups }: Wanted): readonly MatrixRow[] {
    const point = pointOf(field, pattern);
    const [matching] = field.matching(point);
    if (matching === undefined) return [];
    const rules = [...matching.grants, ...matching.denials, ...matching.publicRules];
    const matched = rules.reduce((set, { methods }) => set | methods, 0);
    // A route is a row although no rule matches it.
    const sets = splitMethods(rules).flatMap((set) => set & wanted & (wanted === ALL_METHODS ? matched : wanted) || []);
    return joinEqual(
      sets.map((methods) => {
        const method = methods & -methods;
        const toCell = (holder: Holder) => cellOf(holder, matching, point, method, variables);
        const others = nobody.table === undefined ? NONE : toCell({ ...nobody, table: nobody.table });
        const cells = new Map<number, Cell>();
        for (const place of placesOf(matching, method, byRole, holders.length)) {
          const holder = holders[place];
          if (holder === undefined) continue;
          const cell = toCell(holder);
          if (formatKey(cell) !== formatKey(others)) cells.set(place, cell);
        }
        return { methods, row: { groups, path, segments: pattern.segments, others, cells } };
      }),
    );
  };
}

/** Joins the sets of verbs of a path whose rows are equal. */
function joinEqual(
  rows: readonly { readonly methods: number; readonly row: Omit<MatrixRow, "verbs"> }[],
): readonly MatrixRow[] {
  const joined = new Map<string, { methods: number; readonly row: Omit<MatrixRow, "verbs"> }>();
  for (const { methods, row } of rows) {
    const key = [formatKey(row.others), ...[...row.cells].map(([place, cell]) => `${place} ${formatKey(cell)}`)].join();
    const known = joined.get(key);
    if (known === undefined) joined.set(key, { methods, row });
    else known.methods |= methods;
  }
  return [...joined.values()].map(({ methods, row }) => ({ ...row, verbs: toVerbs(methods) }));
}

function formatKey({ access, terms, by }: Cell): string {
  return terms.length === 0 ? `${access} ${by.join(" ")}` : JSON.stringify([access, terms, by]);
}

/** Lists the places of the subjects for which the access may differ from that of somebody without a role. */
function placesOf(
  { grants, denials, publicRules }: Matching,
  method: number,
  byRole: ReadonlyMap<string, readonly number[]>,
  count: number,
): Iterable<number> {
  if (publicRules.some(({ methods }) => (methods & method) !== 0)) return [];
  const rules = [...grants, ...denials].filter(({ methods }) => (methods & method) !== 0);
  // A condition may ask for any role.
  const mayBeAnybody = rules.some(({ formulas }) => formulas.length > 0);
  if (mayBeAnybody) return Array.from({ length: count }, (_, place) => place);
  return new Set(rules.flatMap(({ roles }) => roles.flatMap((role) => byRole.get(role) ?? [])));
}

function cellOf(holder: Holder, matching: Matching, point: Point, method: number, variables: Variables): Cell {
  const state = decide(holder, matching, point, method);
  const terms = state.alternatives.map((one) => variables.toTerms(0, one.variables));
  const access = toAccess(state, terms);
  const isOpen = access === "conditional" || access === "own";
  const rules = access === "denied" ? state.denied.rules : state.alternatives.flatMap((one) => one.rules);
  return { access, terms: isOpen ? terms : [], by: [...new Set(rules)].sort() };
}

/** Makes the point of a pattern: a greedy parameter stands for more segments than any rule names. */
function pointOf({ longest }: Field, { segments, isGreedy }: Pattern): Point {
  if (!isGreedy) return segments.length > longest ? toPoint(segments.slice(0, longest + 1), true) : toPoint(segments);
  const missing = Math.max(0, longest + 1 - segments.length);
  return toPoint([...segments, ...new Array<null>(missing).fill(null)], true);
}

function compareRows(one: MatrixRow, other: MatrixRow): number {
  return compare(one.path, other.path) || compare(one.verbs.join(), other.verbs.join());
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
