import type { Check } from "./checks.ts";
import { isObject } from "./json.ts";
import { err, ok, type Result } from "./result.ts";

/**
 * Parses the evaluator's result set: a list of exactly one `{"result": …}`.
 *
 * The evaluator is a border like the network. A result that does not have exactly its form is a fault, never an allow.
 */
export function parseResultSet<Form>(
  resultSet: unknown,
  form: Check,
): Result<Form, "engine.undefined" | "engine.malformed"> {
  if (!Array.isArray(resultSet)) return err("engine.malformed");
  if (resultSet.length === 0) return err("engine.undefined");
  const result: unknown = resultSet.length === 1 && isObject(resultSet[0]) ? resultSet[0]["result"] : undefined;
  return form(result) === undefined ? ok(result as Form) : err("engine.malformed");
}
