import { type Matching, toAccess } from "../access/decide.ts";
import type { Field } from "../access/field.ts";
import { type Pattern, type Point, toPoint } from "../access/points.ts";
import { ALL_METHODS, splitMethods, toVerbs } from "../access/rules.ts";
import { decideTemplate } from "../access/template.ts";
import type { Variables } from "../access/variables.ts";
import { AUTHENTICATED, type Holder } from "../access/who.ts";
import type { Cell, MatrixRow } from "./model.ts";
import type { RowPaths } from "./row-paths.ts";
import type { Subject } from "./subjects.ts";

const NONE: Cell = { access: "none", terms: [], by: [] };

/** Creates the function that makes the rows of a path: one for each set of verbs that the rules tell apart. */
export function createToRows(subjects: readonly Subject[], field: Field, variables: Variables) {
  const byRole = new Map<string, number[]>();
  for (const [place, { roles }] of subjects.entries()) {
    for (const role of roles) {
      const known = byRole.get(role);
      if (known === undefined) byRole.set(role, [place]);
      else known.push(place);
    }
  }
  const nobody = { who: AUTHENTICATED, roles: new Set<string>(), table: subjects[0]?.table };

  function cellOf(holder: Holder, matching: Matching, point: Point, method: number): Cell {
    const state = decideTemplate(field, holder, matching, point, method);
    const terms = state.alternatives.map((one) => variables.toTerms(0, one.variables));
    const access = toAccess(state, terms);
    const isOpen = access === "conditional" || access === "own";
    const rules = access === "denied" ? state.denied.rules : state.alternatives.flatMap((one) => one.rules);
    return { access, terms: isOpen ? terms : [], by: [...new Set(rules)].sort() };
  }

  return function toRows({ pattern, path, methods: wanted, groups }: RowPaths): readonly MatrixRow[] {
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
        const toCell = (holder: Holder) => cellOf(holder, matching, point, method);
        const others = nobody.table === undefined ? NONE : toCell({ ...nobody, table: nobody.table });
        const cells = new Map<number, Cell>();
        for (const place of placesOf(matching, method, byRole, subjects.length)) {
          const subject = subjects[place];
          if (subject === undefined) continue;
          const cell = toCell(subject);
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

/** Makes the point of a pattern: a greedy parameter stands for more segments than any rule names. */
function pointOf({ longest }: Field, { segments, isGreedy }: Pattern): Point {
  if (!isGreedy) return segments.length > longest ? toPoint(segments.slice(0, longest + 1), true) : toPoint(segments);
  const missing = Math.max(0, longest + 1 - segments.length);
  return toPoint([...segments, ...new Array<null>(missing).fill(null)], true);
}
