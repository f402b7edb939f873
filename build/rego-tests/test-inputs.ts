import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { EngineInput } from "../../contract/engine-input.ts";
import { isObject, parseJson } from "../../contract/json.ts";
import { type Assembly, assemble } from "../policy/assembly.ts";
import { listRego, parseFile, type RegoFile } from "../rego/files.ts";
import { headOf, statementOf } from "../rego/source-text.ts";
import { type Rule, textOf } from "../rego/syntax-tree.ts";

/** The inputs that a company's Rego tests give to the engine. */
export interface TestInputs {
  /** Each once. */
  readonly inputs: readonly EngineInput[];
  /** The number of test rules whose inputs were read. */
  readonly tests: number;
  /** The names of the other test rules. */
  readonly unread: readonly string[];
}

/**
 * Reads the inputs of a company's Rego tests: the values of `with input as …` in the statements of their rules.
 *
 * @param opaPath - The executable of OPA.
 * @param policies - The company's folder, without problems.
 */
export async function readTestInputs(opaPath: string, policies: string): Promise<TestInputs> {
  await using assembly = await assemble(opaPath, policies);
  const files = (await listRego(assembly.folder, "policies")).filter(({ part }) => part === "test");
  const read = await Promise.all(files.map((file, at) => readFileInputs(assembly, file, at)));
  const inputs = new Map(read.flatMap((one) => one.inputs).map((input) => [JSON.stringify(input), input]));
  return {
    inputs: [...inputs.values()],
    tests: read.reduce((sum, { tests }) => sum + tests, 0),
    unread: read.flatMap(({ unread }) => unread),
  };
}

// Names that no test uses.
const RULE = "inputs_of_the_tests_of_this_file";
const VARIABLE = "input_of_a_test";

async function readFileInputs({ opa, folder }: Assembly, file: RegoFile, at: number): Promise<TestInputs> {
  const { module } = await parseFile(opa, file);
  const tests = (module.rules ?? []).filter(({ head }) => /^test_/.test(String(head.ref[0]?.value)));
  const names = (rules: readonly Rule[]) => rules.map(({ head }) => `${file.package}.${head.ref[0]?.value}`);
  const readable = tests.filter((rule) => toClauses(rule).length > 0);
  const others = names(tests.filter((rule) => !readable.includes(rule)));
  if (readable.length === 0) return { inputs: [], tests: 0, unread: others };
  const added = `inputs-${at}.rego`;
  await writeFile(join(folder, added), [...headOf(module), ...readable.flatMap(toClauses), ""].join("\n\n"));
  const data = ["--data", "policies", "--data", added];
  const { succeeded, stdout } = await opa("eval", "--format", "raw", ...data, `data.${file.package}.${RULE}`);
  const inputs = succeeded ? parseJson(stdout) : undefined;
  if (!Array.isArray(inputs)) return { inputs: [], tests: 0, unread: names(tests) };
  return { inputs: inputs.filter(isObject), tests: readable.length, unread: others };
}

/** Rewrites a test to rules that collect its inputs: one for each statement with an input. */
function toClauses({ body }: Rule): readonly string[] {
  return body.flatMap((statement, at) => {
    const given = statement.with?.find(({ target }) => textOf(target) === "input");
    if (given === undefined) return [];
    const before = body.slice(0, at).map(statementOf);
    return [`${RULE} contains ${VARIABLE} if {\n${[...before, `${VARIABLE} := ${textOf(given.value)}`].join("\n")}\n}`];
  });
}
