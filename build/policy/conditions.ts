import type { ParsedFile } from "../rego/files.ts";
import { nameOfRule, type Rule } from "../rego/syntax-tree.ts";
import type { Problem, ProblemText } from "./problem.ts";
import type { Vocabulary } from "./vocabulary.ts";

/**
 * Finds rules that are not conditions. A condition is a complete rule with the value `true`, and its name has one part and is
 * not that of a built-in function.
 *
 * @param builtIns - All built-in functions of OPA. A rule with such a name would hide the function.
 */
export function checkConditions(source: ParsedFile, builtIns: Vocabulary["builtIns"]): readonly Problem[] {
  return (source.module.rules ?? []).flatMap((rule) => {
    const problem = checkCondition(rule, builtIns);
    return problem === undefined ? [] : [{ ...problem, file: source.file, line: rule.location.row }];
  });
}

function checkCondition(rule: Rule, builtIns: Vocabulary["builtIns"]): ProblemText | undefined {
  const { head } = rule;
  const name = nameOfRule(rule);
  if (head.ref.length !== 1 || head.args !== undefined || head.value === undefined) {
    const message = `${name} can't be a condition: a condition is a rule \`name if …\`, and helpers belong in package access_lib`;
    return { code: "condition.malformed", message };
  }
  if (head.value.type !== "boolean" || !head.value.value) {
    const message = `the condition ${name} has another value than true; write \`${name} if …\``;
    return { code: "condition.not_true", message };
  }
  if (!builtIns.has(name)) return undefined;
  const message = `${name} is a built-in function, which a condition of that name would hide; give the condition another name`;
  return { code: "condition.hides_builtin", message };
}
