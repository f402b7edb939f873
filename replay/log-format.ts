import { isObject, isText, parseJson } from "../contract/json.ts";
import { err, ok, type Result } from "../contract/result.ts";
import { leavesOf } from "./logged-request.ts";

/**
 * Parses the format of an access log, as a stage has it in `accessLogSettings.format`: a JSON object whose values are variables.
 *
 * @returns The variable of each key, as `httpMethod` without `$context.`; keys with other texts are left out.
 */
export function parseLogFormat(text: string): Result<ReadonlyMap<string, string>, string> {
  // API Gateway takes formats with variables that are not quoted, such as numbers.
  const value = parseJson(text) ?? parseJson(text.replaceAll(/(:\s*)(\$context\.[\w.]+)/g, '$1"$2"'));
  if (!isObject(value)) return err("is not a JSON object with a variable for each key, as access-log-format prints it");
  const named = leavesOf(value).flatMap(([key, variable]) => {
    const [, name] = isText(variable) ? (/^\$context\.(\S+)$/.exec(variable) ?? []) : [];
    return name === undefined ? [] : [[key, name] as const];
  });
  return named.length > 0 ? ok(new Map(named)) : err("names no variable, such as $context.httpMethod");
}
