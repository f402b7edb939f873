import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createEvaluator } from "../../authorizer/policy/evaluator.ts";
import { compile } from "../../build/package/compile.ts";
import { IN_CONDITIONS } from "../../build/policy/builtins.ts";
import { readBuiltIns } from "../../build/policy/vocabulary.ts";
import { createEngineWorkspace } from "../../dev/workspace.ts";
import { opaIn } from "../support/opa.ts";

/** Values of every type that a claim can have, and those at the edges of each. */
const TEXTS = [
  ...[
    "",
    " ",
    "a",
    "A",
    "aa",
    "abc",
    "ä",
    "Ä",
    "ß",
    "İ",
    "ı",
    "ﬀ",
    "Σ",
    "ς",
    "日本",
    "👍",
    "e\u0301",
    "\u00e9",
    "\ufeffa",
  ],
  ...[
    "\u0000",
    "\t",
    "\n a \r\n",
    "\u00a0a",
    "\u2028",
    "\u3000a",
    "a,b",
    ",",
    "/",
    "a/b/",
    "[a, b]",
    "0",
    "7",
    "-1",
    "1e3",
    "NaN",
  ],
];
const NUMBERS = [0, 1, 2, -1, 7, 86400, 1_700_000_000, 9007199254740991, -9007199254740991];
const FRACTIONS = [0.5, 0.1, -0.5, 1.5, 0.8346210234567891];
const OTHERS = [null, true, false, [], [1], ["a"], ["a", "b"], [["a"]], {}, { a: 1 }, { a: "b" }];
/** Texts that are addresses or nearly, for the engine's function that tells them apart. */
const ADDRESSES = [
  ...[
    "10.1.2.3",
    "010.1.2.3",
    "10.1.2",
    "10.1.2.3/8",
    "10.1.2.3/8/8",
    "10.1.2.3/33",
    "10.1.2.256",
    " 10.1.2.3",
    "10.1.2.3 ",
  ],
  ...[
    "2001:db8::1",
    "2001:DB8:0:0:0:0:0:1",
    "2001:db8:::1",
    "2001:db8::1%e",
    "::1",
    "::",
    "::ffff:10.1.2.3",
    "::ffff:a01:203",
  ],
  ...[
    "0:0:0:0:0:ffff:a01:203",
    "1:2:3:4:5:6:7:8",
    "1::2:3:4:5:6:7:8",
    "12345::1",
    "2001:db8::1.2.3.4",
    "10.0.0.0/8",
    "x",
  ],
];

/** The functions that calculate. The build takes no fraction in them that is written out, see `exact-arithmetic.ts`. */
const CALCULATIONS = new Set(["abs", "div", "floor", "minus", "mul", "plus", "rem"]);
const OPERATORS: Readonly<Record<string, string>> = {
  ...{ equal: "==", lt: "<", lte: "<=", gt: ">", gte: ">=", minus: "-", mul: "*", plus: "+", rem: "%", div: "/" },
};

const CONTROL = "an address that may not be one";

/** Writes a call of a function with the values `a`, `b` and `c`. */
function toCall(name: string, arity: number): string {
  const operator = OPERATORS[name];
  if (operator !== undefined) return `a ${operator} ${name === "div" || name === "rem" ? "7" : "b"}`;
  if (name === "internal.member_2") return "a in b";
  return `${name}(${["a", "b", "c"].slice(0, arity).join(", ")})`;
}

it("OPA and the compiled module give the same for every function that conditions can call, whatever a claim has", async () => {
  const calls = new Map<string, string>();
  await using workspace = await createEngineWorkspace({});
  const { root } = workspace;
  const opa = await opaIn(root);
  const builtIns = await readBuiltIns(opa);
  for (const name of IN_CONDITIONS.keys()) {
    // `assign` and `some k, x in xs` bind names, and addresses are asked for below.
    if (["assign", "internal.member_3", "net.cidr_contains"].includes(name)) continue;
    calls.set(name, toCall(name, builtIns.get(name)?.arity ?? 1));
  }
  for (const name of ["number", "text"]) calls.set(`values.${name}`, `values.${name}(a)`);
  calls.set("values.within", "values.within(a, b, 3600)");
  calls.set("values.within, its limit", "values.within(1700000000, a, b)");

  calls.set("address", "net.cidr_contains(a, values.address(b))");
  calls.set(CONTROL, "net.cidr_contains(a, b)");

  const toTriples = (list: readonly unknown[], others = list) =>
    list.flatMap((a) => others.map((b, at) => [a, b, (at % 5) - 1]));
  const input = {
    pairs: toTriples([...TEXTS, ...NUMBERS, ...FRACTIONS, ...OTHERS]),
    whole: toTriples([...NUMBERS, ...OTHERS, "", "7", "a"]),
    addresses: toTriples(["10.0.0.0/8", "2001:db8::/32", "0.0.0.0/0", "::/0", "1::/16"], [...ADDRESSES, ...OTHERS]),
  };
  const pairsOf = (name: string) =>
    name === "address" || name === CONTROL ? "addresses" : CALCULATIONS.has(name) ? "whole" : "pairs";
  const rules = [...calls].map(([name, call]) => {
    const body = `some at, [a, b, c] in input.${pairsOf(name)}\n\tx := ${call}`;
    return `answers[${JSON.stringify(name)}] := {at: x |\n\t${body}\n}`;
  });
  await workspace.write({ "parity.rego": ["package parity\n\nimport data.engine.values", ...rules].join("\n\n") });
  const files = ["policies/engine/values.rego", "policies/parity.rego"];
  const compiled = await compile(opa, join(root, "wasm.tar.gz"), files, ["parity/answers"]);
  if (!compiled.ok) throw new Error(compiled.error);
  const evaluate = createEvaluator(new WebAssembly.Module(compiled.value), Uint8Array.from(Buffer.from("{}")).buffer);

  await writeFile(join(root, "input.json"), JSON.stringify(input));
  const data = files.flatMap((file) => ["--data", file]);
  const output = await opa("eval", "--format", "raw", ...data, "--input", "input.json", "data.parity.answers");
  if (!output.succeeded) throw new Error(output.stderr);
  const ofOpa = JSON.parse(output.stdout) as Answers;
  const answer = evaluate("parity/answers", input);
  if (!answer.ok) throw new Error(answer.error);
  const [ofModule] = answer.value as readonly { readonly result: Answers }[];

  let given = 0;
  const differing = [...calls.keys()].flatMap((name) =>
    input[pairsOf(name)].flatMap((operands, at) => {
      const [one, other] = [ofOpa, ofModule?.result].map((answers) => JSON.stringify(answers?.[name]?.[at]));
      if (one !== undefined) given += 1;
      return one === other ? [] : [`${name} ${JSON.stringify(operands)}: ${one} in OPA, ${other} in the module`];
    }),
  );
  const asked = [...calls.keys()].reduce((sum, name) => sum + input[pairsOf(name)].length, 0);
  console.log(`${asked} calls of ${calls.size} functions, of which ${given} have a result`);
  expect(differing.filter((one) => !one.startsWith(CONTROL))).toEqual([]);
  // Two engines that read addresses differently are noticed: this is the call that the build refuses.
  expect(differing.length).toBeGreaterThan(0);
  // Many calls have a result; otherwise the agreement would prove little.
  expect([asked > 50_000, given > 15_000]).toEqual([true, true]);
});

type Answers = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
