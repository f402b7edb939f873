import { isTexts } from "../../contract/json.ts";
import type { InputReference } from "../../contract/manifest.ts";
import type { ParsedFile } from "../rego/files.ts";
import { nameOfRule } from "../rego/syntax-tree.ts";
import type { Problem } from "./problem.ts";

/** The headers and query parameters that the METADATA of conditions names under one key. */
export interface DeclaredFields {
  readonly byCondition: ReadonlyMap<string, readonly string[]>;
  readonly problems: readonly Problem[];
}

/** The keys of METADATA that list headers and query parameters: those that every request has, and those with several values. */
type FieldKey = "required" | "multiple";

/**
 * Reads a list of headers and query parameters from the METADATA of conditions, such as `required: [request.headers.x-tenant]`.
 *
 * @param ofRequest - The references of each condition, without those to the principal.
 */
export function readDeclaredFields(
  key: FieldKey,
  sources: readonly ParsedFile[],
  ofRequest: ReadonlyMap<string, readonly InputReference[]>,
): DeclaredFields {
  const byCondition = new Map<string, readonly string[]>();
  const problems: Problem[] = [];
  for (const { file, module } of sources.filter(({ part }) => part === "conditions")) {
    for (const rule of module.rules ?? []) {
      const name = nameOfRule(rule);
      for (const { custom } of rule.annotations ?? []) {
        const list = custom?.[key];
        if (list === undefined) continue;
        const report = (fault: "wrong_type" | "not_a_source" | "not_read", message: string) =>
          problems.push({ code: `${key}.${fault}`, file, line: rule.location.row, message: `${name}: ${message}` });
        if (!isTexts(list)) {
          report(
            "wrong_type",
            `${key} must be a list of headers and query parameters, like ["request.headers.x-tenant"]`,
          );
          continue;
        }
        const read = (ofRequest.get(name) ?? []).map((path) => path.join("."));
        for (const text of list) {
          if (!/^request\.(headers|query)\../.test(text)) {
            const message = `${key} names ${text}, which is neither request.headers.<name> nor request.query.<name>`;
            report("not_a_source", message);
          } else if (!read.includes(text)) {
            report("not_read", `${key} names ${text}, which the condition does not read`);
          }
        }
        byCondition.set(name, [...(byCondition.get(name) ?? []), ...list]);
      }
    }
  }
  return { byCondition, problems };
}
