import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Opa } from "../../build/opa/run.ts";
import { formatPolicyIndexError, parsePolicyIndex } from "../../contract/policy-data.ts";
import type { PolicyIndex } from "../../contract/policy-index.ts";
import type { Policy } from "./oracle.ts";
import { toRego } from "./rego.ts";

/**
 * Computes the index of each policy, in one run of OPA.
 *
 * @param root - A workspace, with the engine in it.
 */
export async function indexesOf(opa: Opa, root: string, policies: readonly Policy[]): Promise<readonly PolicyIndex[]> {
  const lines = policies.map(({ roles, grants, denials }, at) => {
    const names = [...Object.keys(grants), ...Object.keys(denials)].map((name) => name.split(".")[0] ?? "");
    const areas = [...new Set(names)].map((area) => [
      area,
      { grants: inArea(area, grants), denials: inArea(area, denials) },
    ]);
    return `"${at}": ${toRego({ roles, ...Object.fromEntries(areas) })}`;
  });
  await writeFile(join(root, "cases.rego"), `package cases\n\nall := {${lines.join(",\n")}}\n`);
  const query =
    "{at: index | some at, access in data.cases.all; index := data.engine.index.compiled with data.access as access}";
  const paths = ["policies/engine", "cases.rego"].flatMap((path) => ["--data", path]);
  const { stdout, stderr } = await opa("eval", "--format", "raw", ...paths, query);
  if (stderr !== "") throw new Error(stderr);
  const indexes = JSON.parse(stdout) as Readonly<Record<string, unknown>>;
  return policies.map((_, at) => {
    const index = parsePolicyIndex(indexes[at]);
    if (!index.ok) throw new Error(formatPolicyIndexError(index.error));
    return index.value;
  });
}

/** Finds the rules of an area: `area.g0` is `g0` in its area. */
function inArea<Rule>(area: string, rules: Readonly<Record<string, Rule>>): Readonly<Record<string, Rule>> {
  const own = Object.entries(rules).filter(([name]) => name.startsWith(`${area}.`));
  return Object.fromEntries(own.map(([name, rule]) => [name.slice(area.length + 1), rule]));
}
