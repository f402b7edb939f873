import { namesOfParameters } from "../../contract/path-template.ts";
import type { ParsedFile } from "../rego/files.ts";
import { findFailuresOfAll } from "./never-true.ts";
import type { Problem } from "./problem.ts";
import { type RuleValues, readRuleValues } from "./rule-values.ts";
import type { Facts } from "./term-shapes.ts";
import type { Vocabulary } from "./vocabulary.ts";

/**
 * Finds conditions that are never true for a grant or denial, since each of their definitions reads a parameter that its path
 * lacks.
 */
export function checkParameters(
  sources: readonly ParsedFile[],
  vocabulary: Vocabulary,
  base: unknown,
): readonly Problem[] {
  const rules = readRuleValues(sources).filter(({ conditions }) => conditions.length > 0);
  const ofAll = new Set(rules.flatMap(({ path = "/" }) => namesOfParameters(path)));
  const everywhere = { base, parameters: undefined };
  return rules.flatMap((rule) => {
    const parameters = new Set(namesOfParameters(rule.path ?? "/"));
    return rule.conditions.flatMap((condition): readonly Problem[] => {
      const missing = findMissing(condition, vocabulary, { base, parameters });
      // `input.unknown_parameter` is about parameters that no path has; other conditions are never true for any rule.
      if (missing === undefined || findMissing(condition, vocabulary, everywhere) !== undefined) return [];
      if (!missing.every((name) => ofAll.has(name))) return [];
      return [toProblem(rule, condition, missing)];
    });
  });
}

/** Lists the parameters whose absence keeps a condition from being true; undefined if it can be true. */
function findMissing(condition: string, vocabulary: Vocabulary, facts: Facts): readonly string[] | undefined {
  const definitions = vocabulary.helpers.get(`data.access.conditions.${condition}`) ?? [];
  const failures = findFailuresOfAll(definitions, { scope: { vocabulary }, facts, depth: 0 });
  return failures && [...new Set(failures.flatMap(({ reason }) => (reason.kind === "parameter" ? [reason.name] : [])))];
}

function toProblem(
  { kind, name, file, line, path }: RuleValues,
  condition: string,
  missing: readonly string[],
): Problem {
  const names = missing.map((one) => `input.params.${one}`).join(" or ");
  const effect = kind === "grant" ? "the grant would never apply" : "nothing would ever lift the denial";
  const message = `${name}: the condition ${condition} reads ${names}, which the path ${path} lacks, so ${effect}; rename the parameter, or name another condition`;
  return { code: "condition.missing_parameter", file, line, message };
}
