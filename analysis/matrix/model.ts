import type { Access, Terms } from "../access/model.ts";
import type { Pattern } from "../access/points.ts";

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
