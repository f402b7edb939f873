import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createDataEvaluator } from "../../authorizer/policy/evaluator.ts";
import { compile, listShipped } from "../../build/package/compile.ts";
import { listRego } from "../../build/rego/files.ts";
import { isObject } from "../../contract/json.ts";
import { packIndex } from "../../contract/pack-index.ts";
import { toDataDocument } from "../../contract/policy-data.ts";
import type { PolicyIndex } from "../../contract/policy-index.ts";
import type { CompiledConditions } from "./compiled-conditions.ts";

/** A test of Rego, or a case of one, and the indexes on which it is run. */
export interface ReadyTest {
  readonly text: string;
  readonly indexes: readonly PolicyIndex[];
}

/** Whether a test passes on each of its indexes. */
type Passing = readonly boolean[];

/** Runs tests in OPA and in WebAssembly. */
export async function runReadyTests(
  { opa, root }: CompiledConditions,
  tests: readonly ReadyTest[],
): Promise<readonly { readonly inOpa: Passing; readonly inWasm: Passing }[]> {
  const rules = tests.map(({ text }) => toRule(text));
  const files = rules.map((_, at) => `policies/access/ready${at}_test.rego`);
  const imports = "import data.engine\nimport data.engine.testing";
  for (const [at, rule] of rules.entries())
    await writeFile(join(root, files[at] ?? ""), `package access_test.ready${at}\n\n${imports}\n\n${rule}\n`);
  const names = rules.map((rule, at) => `access_test.ready${at}.${/^\w+/.exec(rule)?.[0]}`);

  const shipped = listShipped(await listRego(root, "policies"));
  const builder = ["policy", "templates", "testing"].map((name) => `policies/engine/${name}.rego`);
  const entrypoints = names.map((name) => name.replaceAll(".", "/"));
  const wasm = await compile(opa, join(root, "ready.tar.gz"), [...shipped, ...builder, ...files], entrypoints);
  if (!wasm.ok) throw new Error(wasm.error);
  const evaluate = createDataEvaluator(new WebAssembly.Module(wasm.value));
  const passesInWasm = (entrypoint: string, index: PolicyIndex) => {
    const found = evaluate(entrypoint, {}, toDataDocument({ index, base: undefined }));
    const [first] = found.ok && Array.isArray(found.value) ? found.value : [];
    return isObject(first) && Object.keys(Object(first["result"])).length > 0;
  };

  await writeFile(
    join(root, "indexes.json"),
    JSON.stringify({ ready: tests.map(({ indexes }) => indexes.map(packIndex)) }),
  );
  const rows = names.map((name, at) => {
    const passing = `passing := count(data.${name}) > 0 with data.engine.index.compiled as index`;
    return `[passing | some index in data.ready[${at}]; ${passing}]`;
  });
  const paths = ["policies/engine", "policies/access/conditions.rego", "indexes.json", ...files];
  const flags = paths.flatMap((path) => ["--data", path]);
  const { stdout, stderr } = await opa("eval", "--format", "raw", ...flags, `[${rows.join(", ")}]`);
  if (stderr !== "") throw new Error(stderr);
  const inOpa: readonly Passing[] = JSON.parse(stdout);
  return tests.map(({ indexes }, at) => ({
    inOpa: inOpa[at] ?? [],
    inWasm: indexes.map((index) => passesInWasm(entrypoints[at] ?? "", index)),
  }));
}

/** Makes a test of a case, as in a file with no other case. */
function toRule(text: string): string {
  if (text.includes("\n")) return text;
  return `test_case[name] if {
	some name, case in {${text}}
	engine.decision.effect == case.effect with input as testing.input_for(case)
}`;
}
