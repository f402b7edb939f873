import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { CAPABILITIES_FILE } from "../../build/builtins.ts";
import { findOpenings } from "../../build/check/openings.ts";
import { readBuiltIns } from "../../build/check/policies.ts";
import { readVocabulary } from "../../build/check/vocabulary.ts";
import type { Opa } from "../../build/opa-run.ts";
import { parseSource } from "../../build/sources.ts";
import { createWorkspace } from "../../build/workspace.ts";
import { opaIn } from "../support/authorizer.ts";

const CONDITIONS = 3000;

const claim = fc.constantFrom("a", "b", "c").map((name) => `input.principal.claims.${name}`);
const literal = fc.constantFrom('"x"', '""', "3", "0", "true", "false", "null", "[]", "set()", '["x"]', '{"x", "y"}');
const known = fc.constantFrom(
  "input.now_s",
  "input.request.method",
  'input.request.headers["x-y"][0]',
  "input.params.id",
);
const value: fc.Arbitrary<string> = fc.letrec((tie) => ({
  value: fc.oneof(
    { weight: 6, arbitrary: claim },
    { weight: 3, arbitrary: literal },
    { weight: 2, arbitrary: known },
    { weight: 3, arbitrary: tie("call") },
  ),
  call: fc.oneof(
    fc
      .tuple(
        fc.constantFrom("lower", "trim_space", "count", "abs", "to_number", "values.number", "values.text"),
        tie("value"),
      )
      .map(([name, operand]) => `${name}(${operand})`),
    fc
      .tuple(fc.constantFrom("split", "trim", "trim_prefix", "array.concat"), tie("value"), tie("value"))
      .map(([name, one, other]) => `${name}(${one}, ${other})`),
    fc.tuple(claim, tie("value")).map(([one, other]) => `object.get(input, "x", [${one}, ${other}])`),
    fc
      .tuple(tie("value"), fc.constantFrom("+", "-", "*", "/", "&", "|"), tie("value"))
      .map((parts) => `(${parts.join(" ")})`),
    fc.tuple(tie("value"), fc.constantFrom("==", "in", "<"), tie("value")).map((parts) => `(${parts.join(" ")})`),
    tie("value").map((item) => `[${item}]`),
    tie("value").map((item) => `{${item}}`),
    tie("value").map((items) => `[x | some x in ${items}]`),
  ),
})).value as fc.Arbitrary<string>;

const statement = fc.oneof(
  fc
    .tuple(value, fc.constantFrom("==", "!=", "<", "<=", ">", ">=", "in", "="), value)
    .map(([one, operator, other]) => `${one} ${operator} ${other}`),
  fc
    .tuple(fc.constantFrom("startswith", "endswith", "contains"), value, value)
    .map(([name, one, other]) => `${name}(${one}, ${other})`),
  fc.tuple(fc.constantFrom("is_string", "is_array", "is_boolean"), value).map(([name, one]) => `${name}(${one})`),
  value,
  value.map((one) => `not ${one}`),
  fc.tuple(value, value).map(([one, other]) => `every x in ${one} { x == ${other} }`),
  fc.tuple(value, value).map(([items, other]) => `some x in ${items}\n\tx == ${other}`),
  fc.tuple(value, value).map(([one, other]) => `x := ${one}\n\tx == ${other}`),
  fc.tuple(value, value).map(([one, other]) => `x := ${one}\n\ty := ${other}\n\tx > y`),
);

/** Conditions that OPA takes, by name. It reports errors stage by stage, so it is asked until there are none. */
async function takenByOpa(opa: Opa, root: string, bodies: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const rules = new Map(bodies.map((body, at) => [`c${at}`, `c${at} if {\n\t${body}\n}`]));
  const args = ["--format", "json", "--max-errors", "0", "--capabilities", CAPABILITIES_FILE];
  for (;;) {
    await writeConditions(root, rules);
    const { succeeded, stdout, stderr } = await opa("check", ...args, "policies/engine", "conditions.rego");
    if (succeeded) return rules;
    const { errors } = JSON.parse(stdout || stderr) as { errors: readonly { location: { row: number } }[] };
    const starts = [...lineOfEach(rules)];
    for (const { location } of errors) rules.delete(starts.findLast(([, start]) => start <= location.row)?.[0] ?? "");
  }
}

const HEADER = "package access.conditions\n\nimport data.engine.values\n";

function lineOfEach(rules: ReadonlyMap<string, string>): ReadonlyMap<string, number> {
  let line = HEADER.split("\n").length;
  return new Map(
    [...rules].map(([name, text]) => {
      const start = line + 1;
      line += text.split("\n").length + 1;
      return [name, start];
    }),
  );
}

async function writeConditions(root: string, rules: ReadonlyMap<string, string>): Promise<void> {
  await writeFile(join(root, "conditions.rego"), `${[HEADER, ...rules.values()].join("\n\n")}\n`);
}

it("no condition that the build takes is true of claims that are missing or null", async () => {
  await using workspace = await createWorkspace({});
  const { root } = workspace;
  const opa = await opaIn(root);
  const bodies = fc
    .sample(fc.array(statement, { minLength: 1, maxLength: 2 }), CONDITIONS)
    .map((statements) => statements.join("\n\t"))
    .filter((body) => body.includes("input.principal.claims."));
  const rules = await takenByOpa(opa, root, bodies);

  const file = { file: "conditions.rego", package: "access.conditions", part: "conditions" } as const;
  const source = await parseSource(opa, file);
  const { problems } = findOpenings(source, readVocabulary(await readBuiltIns(opa), [source]));
  const starts = [...lineOfEach(rules)];
  const refused = new Set(problems.map(({ line }) => starts.findLast(([, start]) => start <= line)?.[0]));
  const taken = [...rules.keys()].filter((name) => !refused.has(name));

  const request = { method: "GET", headers: { "x-y": ["x"] } };
  const inputs = [{}, { a: null }, { a: null, b: null }, { a: null, b: null, c: null }].map((claims) => ({
    principal: { claims },
    request,
    params: { id: "x" },
    now_s: 3,
  }));
  await writeFile(join(root, "inputs.json"), JSON.stringify(inputs));
  const query = "[{name | data.access.conditions[name] == true with input as one} | some one in input]";
  const { stdout, stderr } = await opa(
    ...[
      "eval",
      "--format",
      "raw",
      "--data",
      "policies/engine",
      "--data",
      "conditions.rego",
      "--input",
      "inputs.json",
      query,
    ],
  );
  const open = new Set((JSON.parse(stdout || stderr) as readonly (readonly string[])[]).flat());
  console.log(`${rules.size} conditions, of which ${taken.length} are taken and ${[...open].length} open`);
  expect(taken.filter((name) => open.has(name)).map((name) => rules.get(name))).toEqual([]);
  // Positive controls: many are taken, and many that are refused would open.
  expect(taken.length).toBeGreaterThan(rules.size / 20);
  expect(open.size).toBeGreaterThan(rules.size / 20);
});
