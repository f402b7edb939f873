import type { Source } from "../rego/files.ts";
import { nameOfRule, type Rule } from "../rego/syntax-tree.ts";
import type { Problem } from "./problem.ts";
import type { Vocabulary } from "./vocabulary.ts";

/**
 * A condition is a complete rule with the value `true` and a name of one part, which is no built-in function's.
 *
 * @param builtIns - The names of all that OPA has: a rule of such a name would hide it.
 */
export function checkConditions(source: Source, builtIns: Vocabulary["builtIns"]): readonly Problem[] {
  return (source.module.rules ?? []).flatMap((rule) => {
    const message = checkCondition(rule, builtIns);
    return message === undefined ? [] : [{ file: source.file, line: rule.location.row, message }];
  });
}

function checkCondition(rule: Rule, builtIns: Vocabulary["builtIns"]): string | undefined {
  const { head } = rule;
  const name = nameOfRule(rule);
  if (head.ref.length !== 1 || head.args !== undefined || head.value === undefined) {
    return `${name} is no condition: a condition is a rule \`name if …\`; helpers belong to package access_lib`;
  }
  if (head.value.type !== "boolean" || !head.value.value) {
    return `the condition ${name} has another value than true; write \`${name} if …\``;
  }
  return builtIns.has(name) ? `${name} is a built-in function; give the condition another name` : undefined;
}
