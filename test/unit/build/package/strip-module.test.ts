import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseTarGzip } from "nanotar";
import { beforeAll, describe, expect, it } from "vitest";
import wabt from "wabt";
import { createEvaluator } from "../../../../authorizer/policy/evaluator.ts";
import { stripModule } from "../../../../build/package/strip-module.ts";
import { listSections, SECTIONS } from "../../../../build/package/wasm-sections.ts";
import { createWorkspace } from "../../../../dev/workspace.ts";
import { opaIn } from "../../../support/opa.ts";

/** Every character that has another case, or is one in some language, and the digits of a long number. */
const INPUT = {
  text: Array.from({ length: 0x1_f000 }, (_, at) => at)
    .filter((point) => point > 0 && (point < 0xd800 || point > 0xdfff))
    .map((point) => String.fromCodePoint(point))
    .join(""),
  digits: "7".repeat(140),
};

const RULES = {
  cases: 'answer := {"lower": lower(input.text), "upper": upper(input.text)}',
  numbers: "answer := to_number(input.digits) * to_number(input.digits)",
  neither: "answer := [count(input.text), trim_space(input.text) == input.text, to_number(input.digits) > 7]",
};

type Rule = keyof typeof RULES;
let modules: Readonly<Record<Rule, Uint8Array>>;
let disassembled: string;

beforeAll(async () => {
  await using workspace = await createWorkspace({});
  const opa = await opaIn(workspace.root);
  async function compileRaw(name: string, rules: string): Promise<Uint8Array> {
    await workspace.write({ [`${name}.rego`]: `package strip\n\n${rules}\n` });
    const output = join(workspace.root, `${name}.tar.gz`);
    const built = await opa("build", "--target", "wasm", "-e", "strip/answer", "-o", output, `policies/${name}.rego`);
    if (!built.succeeded) throw new Error(built.stderr);
    const entries = await parseTarGzip(await readFile(output));
    return Uint8Array.from(entries.find(({ name: file }) => file.endsWith("policy.wasm"))?.data ?? []);
  }
  const [cases, numbers, neither, all] = await Promise.all([
    ...Object.entries(RULES).map(([name, rules]) => compileRaw(name, rules)),
    // Regular expressions are not allowed in policies. Here they bring the rest of the runtime.
    compileRaw(
      "all",
      'answer := [lower(input.a), upper(input.a), trim_space(input.a), input.b * 2, regex.match("a", input.a)]',
    ),
  ]);
  if (cases === undefined || numbers === undefined || neither === undefined || all === undefined)
    throw new Error("no module");
  modules = { cases, numbers, neither };
  const { readWasm } = await wabt();
  disassembled = readWasm(all, { readDebugNames: true }).toText({ foldExprs: false, inlineExport: false });
}, 60_000);

function answerOf(wasm: Uint8Array): unknown {
  const data = Uint8Array.from(Buffer.from("{}")).buffer;
  const answer = createEvaluator(new WebAssembly.Module(Uint8Array.from(wasm)), data)("strip/answer", INPUT);
  return answer.ok ? answer.value : answer.error;
}

describe("stripModule", () => {
  it.each(Object.keys(RULES) as Rule[])("keeps what a module computes: %s", (name) => {
    const answer = answerOf(modules[name]);
    expect(answer, String(answer)).toHaveLength(1);
    expect(answerOf(stripModule(modules[name]))).toEqual(answer);
  });

  it("drops functions and empties tables only if the module does without them", () => {
    expect(Object.fromEntries(Object.entries(modules).map(([name, wasm]) => [name, droppedFrom(wasm)]))).toEqual({
      cases: { hasCases: true, hasTransforms: false },
      numbers: { hasCases: false, hasTransforms: true },
      neither: { hasCases: false, hasTransforms: false },
    });
  });

  it("drops the names", () => {
    const names = (wasm: Uint8Array) =>
      WebAssembly.Module.customSections(new WebAssembly.Module(Uint8Array.from(wasm)), "name").length;
    expect([names(modules.neither), names(stripModule(modules.neither))]).toEqual([1, 0]);
  });

  it("leaves a module without names as it is, since nobody could tell what it needs", () => {
    const stripped = stripModule(modules.cases);
    expect(stripModule(stripped)).toEqual(stripped);
  });

  it("empties only what no other function of the runtime reads", () => {
    const readers = listReaders(disassembled, [72_240, 78_580], [78_848, 119_060]);
    const others = readers.filter((name) => !/^opa_unicode_to_(lower|upper)$|::|^_Z/.test(name));
    expect(others).toEqual([]);
    // The tables have readers, and one of another address is found.
    expect(readers).toContain("opa_unicode_to_upper");
    expect(listReaders(disassembled, [72_200, 72_235])).toEqual(["opa_unicode_is_space"]);
  });
});

/** Finds out whether a stripped module has the first rows of the table of cases, and its longest functions of transforms. */
function droppedFrom(wasm: Uint8Array) {
  const stripped = Buffer.from(stripModule(wasm));
  const rows = Buffer.from(Int32Array.of(65, 90, 0, 32, 0, 97, 122, -32, 0, -32).buffer);
  const [code, codeBefore] = [stripped, wasm].map((module) =>
    listSections(module).find(({ id }) => id === SECTIONS.code),
  );
  const dropped = (codeBefore?.content.length ?? 0) - (code?.content.length ?? 0);
  return { hasCases: stripped.includes(rows), hasTransforms: dropped === 0 };
}

/** Lists the functions that have a constant within one of some ranges of addresses. */
function listReaders(text: string, ...ranges: readonly (readonly [from: number, to: number])[]): readonly string[] {
  return text.split(/^ {2}\(func \$/m).flatMap((body) => {
    const constants = [...body.matchAll(/i32\.const (\d+)|offset=(\d+)/g)].map(([, one, other]) =>
      Number(one ?? other),
    );
    // A power of ten is a number of the decimal arithmetic.
    const isIn = (value: number) => value !== 100_000 && ranges.some(([from, to]) => value >= from && value < to);
    return constants.some(isIn) ? [body.slice(0, body.search(/[\s)]/))] : [];
  });
}
