import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createEvaluator } from "../../authorizer/policy/evaluator.ts";
import { compile } from "../../build/package/compile.ts";
import { readPolicy } from "../../build/policy/read-policy.ts";
import { isObject } from "../../contract/json.ts";
import { createEngineWorkspace } from "../../dev/workspace.ts";
import { opaIn, opaPath } from "../support/opa.ts";

interface Recipe {
  readonly title: string;
  readonly rego: string;
  /** Base data by file. */
  readonly data: Readonly<Record<string, string>>;
  readonly cases: readonly { readonly text: string; readonly holds: readonly string[] }[];
}

const page = await readFile("docs/recipes.md", "utf8");
const recipes = page.split(/^## /m).slice(1).map(toRecipe);

function toRecipe(section: string): Recipe {
  const blocks = (language: string) =>
    [...section.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, "gm"))].map(([, text = ""]) => text);
  const rows = [...section.matchAll(/^\| `(\{.*\})` \| (.*)\|$/gm)];
  return {
    title: section.split("\n")[0] ?? "",
    rego: blocks("rego").join("\n"),
    data: Object.fromEntries(blocks("yaml").map((text) => [/^# (\S+)/.exec(text)?.[1] ?? "", text])),
    cases: rows.map(([, text = "", holds = ""]) => ({
      text,
      holds: [...holds.matchAll(/`(\w+)`/g)].map(([, name = ""]) => name).sort(),
    })),
  };
}

function conditionsOf({ rego }: Recipe): readonly string[] {
  return [...rego.matchAll(/^(\w+) if /gm)].map(([, name = ""]) => name);
}

it("each recipe has conditions, cases in which each of them holds, and cases in which it does not", () => {
  expect(recipes.length).toBeGreaterThan(5);
  for (const recipe of recipes) {
    for (const name of conditionsOf(recipe)) {
      const outcomes = new Set(recipe.cases.map(({ holds }) => holds.includes(name)));
      expect([recipe.title, name, outcomes]).toEqual([recipe.title, name, new Set([true, false])]);
    }
  }
});

it("the recipes build, and OPA and the compiled module agree with their tables", async () => {
  const conditions = `# METADATA\n# schemas:\n# - input: schema.input\npackage access.conditions\n\nimport data.engine.values\n\n${recipes.map(({ rego }) => rego).join("\n")}`;
  const names = recipes.flatMap(conditionsOf);
  await using workspace = await createEngineWorkspace({
    ...Object.assign({}, ...recipes.map(({ data }) => data)),
    "access/conditions.rego": conditions,
    "access/recipes.rego": `package access.recipes\n\ngrants["all"] := {"roles": {"authenticated"}, "verbs": {"GET"}, "path": "/{tenant}", "when": {${names.map((name) => `"${name}"`).join(", ")}}}\n`,
  });
  const { root } = workspace;
  const opa = await opaIn(root);
  const policy = await readPolicy(await opaPath(), join(root, "policies"));
  expect(policy.ok ? [] : policy.error).toEqual([]);
  if (policy.ok) await policy.value[Symbol.asyncDispose]();

  const cases = recipes.flatMap((recipe) => recipe.cases.map((one) => ({ ...one, recipe })));
  await workspace.write({ "../cases.json": `[${cases.map(({ text }) => text).join(",\n")}]` });
  const inputs = `[object.union(made, params) |
    some asked in input
    made := data.engine.testing.input_for(object.union({"path": "/"}, asked))
    params := {key: value | some key, value in asked; key == "params"}
  ]`;
  const evaluate = async (query: string, ...input: readonly string[]): Promise<unknown> => {
    const { stdout, stderr } = await opa("eval", "--format", "raw", "--data", "policies", ...input, query);
    if (stdout === "") throw new Error(stderr);
    return JSON.parse(stdout);
  };
  const made = (await evaluate(inputs, "--input", "cases.json")) as readonly object[];
  await workspace.write({ "../inputs.json": JSON.stringify(made) });
  const held = "[sort([name | data.access.conditions[name] with input as asked]) | some asked in input]";
  const ofOpa = await evaluate(held, "--input", "inputs.json");

  const files = ["policies/access/conditions.rego", "policies/engine/values.rego"];
  const compiled = await compile(opa, join(root, "wasm.tar.gz"), files, ["access/conditions"]);
  if (!compiled.ok) throw new Error(compiled.error);
  const data = { data: await evaluate("data.data") };
  const ask = createEvaluator(
    new WebAssembly.Module(compiled.value),
    Uint8Array.from(Buffer.from(JSON.stringify(data))).buffer,
  );
  const ofModule = made.map((input) => {
    const answer = ask("access/conditions", input);
    const [first] = answer.ok ? (answer.value as readonly { readonly result: unknown }[]) : [];
    return isObject(first?.result) ? Object.keys(first.result).sort() : answer;
  });

  const ofRecipe = (all: unknown) =>
    cases.map(({ text, recipe }, at) => {
      const found = (all as readonly (readonly string[])[])[at] ?? [];
      return { text, holds: found.filter((name) => conditionsOf(recipe).includes(name)) };
    });
  const expected = cases.map(({ text, holds }) => ({ text, holds }));
  expect(ofRecipe(ofOpa)).toEqual(expected);
  expect(ofRecipe(ofModule)).toEqual(expected);
});
