import { err, ok, type Result } from "../../contract/result.ts";
import { createBudget, TestLimit } from "../access/budget.ts";
import { createField } from "../access/field.ts";
import type { AccessPolicy, TooManyTests } from "../access/model.ts";
import { createVariables, pairConditions } from "../access/variables.ts";
import type { Matrix, MatrixBy, MatrixRoute, MatrixRow } from "./model.ts";
import { listRulePaths, toRoutePaths } from "./row-paths.ts";
import { createToRows } from "./rows.ts";
import { listSubjects } from "./subjects.ts";

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
  const subjects = listSubjects(policy, field, side.table, by);
  const toRows = createToRows(subjects, field, variables);
  const paths = routes?.map(toRoutePaths) ?? listRulePaths(field);
  return { by, api, subjects: subjects.map(({ name }) => name), rows: paths.flatMap(toRows).sort(compareRows) };
}

function compareRows(one: MatrixRow, other: MatrixRow): number {
  return compare(one.path, other.path) || compare(one.verbs.join(), other.verbs.join());
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
