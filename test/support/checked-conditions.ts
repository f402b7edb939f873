import { checkFailOpen } from "../../build/policy/fail-open.ts";
import { readBuiltIns, readVocabulary } from "../../build/policy/vocabulary.ts";
import { parseFile } from "../../build/rego/files.ts";
import { nameOfRule } from "../../build/rego/syntax-tree.ts";
import { createEngineWorkspace } from "../../dev/workspace.ts";
import { opaIn } from "./opa.ts";

/**
 * Checks rules of `access.conditions`, all in one file, for what missing data could make true. OPA itself does not check them,
 * so a rule may call what OPA refuses.
 *
 * @returns The codes of the problems of each rule, by its name.
 */
export async function findCodes(
  rules: readonly string[],
  imports = "",
): Promise<ReadonlyMap<string, readonly string[]>> {
  const header = `package access.conditions\n\nimport data.engine.caller\nimport data.engine.values\n${imports}`;
  await using workspace = await createEngineWorkspace({
    "access/conditions.rego": `${[header, ...rules].join("\n\n")}\n`,
  });
  const opa = await opaIn(workspace.root);
  const file = { file: "policies/access/conditions.rego", package: "access.conditions", part: "conditions" } as const;
  const source = await parseFile(opa, file);
  const { problems } = checkFailOpen(source, readVocabulary(await readBuiltIns(opa), [source]));
  const starts = (source.module.rules ?? []).map((rule) => [nameOfRule(rule), rule.location.row] as const);
  const codes = new Map(starts.map(([name]) => [name, new Set<string>()]));
  for (const { line, code } of problems) {
    const [name = ""] = starts.findLast(([, start]) => start <= line) ?? [];
    codes.get(name)?.add(code);
  }
  return new Map([...codes].map(([name, found]) => [name, [...found]]));
}
