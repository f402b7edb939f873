import { readFile, writeFile } from "node:fs/promises";
import { compileFromFile } from "json-schema-to-typescript";
import { CHAPTERS } from "../bench/chapters.ts";
import { toPerformancePage } from "../bench/frame/page.ts";
import { parseResults } from "../bench/frame/results.ts";
import { findOpa } from "../build/opa/find.ts";
import { createOpa, type Opa } from "../build/opa/run.ts";
import { ALLOWED_BUILTINS } from "../build/policy/builtins.ts";
import { formatFences } from "./fences.ts";
import { toGatewayRulesPage } from "./gateway-rules-page.ts";
import { withGivenUpWords } from "./glossary-page.ts";
import { toProblemsPage } from "./problems-page.ts";
import { toTerraformAlarms } from "./terraform-alarms.ts";

/** A generated file. */
interface Generated {
  readonly file: string;
  readonly text: string;
}

/** Generates all files that are generated and committed. */
export async function generate(opa: Opa): Promise<readonly Generated[]> {
  return [
    { file: "contract/engine-input.ts", text: await toEngineInput() },
    { file: "build/policy/capabilities.json", text: await toCapabilities(opa) },
    { file: "dev/fences.json", text: formatFences() },
    { file: "docs/problems.md", text: toProblemsPage() },
    { file: "docs/performance.md", text: await toPerformance() },
    { file: "docs/gateway-rules.md", text: toGatewayRulesPage() },
    { file: "infra/terraform/alarms.json", text: toTerraformAlarms() },
    { file: "docs/glossary.md", text: withGivenUpWords(await readFile("docs/glossary.md", "utf8")) },
  ];
}

async function toPerformance(): Promise<string> {
  const results = parseResults(await readFile("bench/results.json", "utf8"));
  if (!results.ok) throw new Error(`bench/results.json${results.error.at} does not have its form; restore the file`);
  return toPerformancePage(CHAPTERS, results.value);
}

function toEngineInput(): Promise<string> {
  return compileFromFile("policies/schemas/input.json", {
    bannerComment: "/** Generated from policies/schemas/input.json by `npm run generate`. */",
    style: { printWidth: 120 },
  });
}

/** Makes OPA's capabilities with the allowed built-in functions only. */
async function toCapabilities(opa: Opa): Promise<string> {
  const { stdout } = await opa("capabilities", "--current");
  const { builtins } = JSON.parse(stdout) as { builtins: readonly { readonly name: string; readonly decl: object }[] };
  const allowed = builtins
    .filter(({ name }) => ALLOWED_BUILTINS.has(name))
    .map(({ name, decl, ...rest }) => ({
      name,
      decl: withoutProse(decl),
      ...("infix" in rest && { infix: rest.infix }),
    }));
  return `${JSON.stringify({ builtins: allowed, features: ["rego_v1"] }, null, 2)}\n`;
}

function withoutProse(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutProse);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(
    ([key, item]) => key !== "description" && (key !== "name" || typeof item !== "string"),
  );
  return Object.fromEntries(entries.map(([key, item]) => [key, withoutProse(item)]));
}

/** Lists the files whose committed text differs from the generated one. */
export async function findStale(generated: readonly Generated[]): Promise<readonly string[]> {
  const texts = await Promise.all(generated.map(({ file }) => readFile(file, "utf8").catch(() => "")));
  return generated.filter(({ text }, at) => text !== texts[at]).map(({ file }) => file);
}

// `npm run generate`
if (process.argv[1] === import.meta.filename) {
  const path = await findOpa();
  if (!path.ok) throw new Error(path.error);
  for (const { file, text } of await generate(createOpa(path.value, process.cwd()))) await writeFile(file, text);
}
