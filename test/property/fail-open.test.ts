import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { Opa } from "../../build/opa/run.ts";
import { CAPABILITIES_FILE } from "../../build/policy/builtins.ts";
import { checkFailOpen } from "../../build/policy/fail-open.ts";
import { readBuiltIns, readVocabulary } from "../../build/policy/vocabulary.ts";
import { parseFile } from "../../build/rego/files.ts";
import { createEngineWorkspace } from "../../dev/workspace.ts";
import { opaIn } from "../support/opa.ts";

const CONDITIONS = 3000;
const HELPERS = 300;

const CLAIMS = ["a", "b", "c"].map((name) => `input.principal.claims.${name}`);
const ARGUMENTS = ["p", "q"];

const literal = fc.constantFrom('"x"', '""', "3", "0", "true", "false", "null", "[]", "set()", '["x"]', '{"x", "y"}');
const ofCaller = fc.constantFrom(...["a", "b", "c"].map((name) => `caller.values("${name}")`));
const known = fc.constantFrom(
  "input.now_s",
  "input.request.method",
  'input.request.headers["x-y"][0]',
  'input.request.headers["x-y"]',
  "input.params.id",
  'input.calendar["Europe/Berlin"].hour',
  'input.calendar["Europe/Berlin"].weekday',
);

/**
 * Generates terms and statements about values that may be missing or mistyped: claims, or the arguments of a helper.
 */
function about(unsure: readonly string[], helper: fc.Arbitrary<string>) {
  const sent = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...unsure) }, { weight: 1, arbitrary: ofCaller });
  const value: fc.Arbitrary<string> = fc.letrec((tie) => ({
    value: fc.oneof(
      { weight: 6, arbitrary: sent },
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
        .tuple(
          fc.oneof(fc.constantFrom("split", "trim", "trim_prefix", "concat", "array.concat"), helper),
          tie("value"),
          tie("value"),
        )
        .map(([name, one, other]) => `${name}(${one}, ${other})`),
      fc.tuple(sent, tie("value")).map(([one, other]) => `object.get(input, "x", [${one}, ${other}])`),
      fc
        .tuple(tie("value"), fc.constantFrom("+", "-", "*", "/", "&", "|"), tie("value"))
        .map((parts) => `(${parts.join(" ")})`),
      fc.tuple(tie("value"), fc.constantFrom("==", "in", "<"), tie("value")).map((parts) => `(${parts.join(" ")})`),
      tie("value").map((item) => `[${item}]`),
      tie("value").map((item) => `{${item}}`),
      tie("value").map((items) => `[v | some v in ${items}]`),
    ),
  })).value as fc.Arbitrary<string>;
  const operator = fc.constantFrom("==", "!=", "<", "<=", ">", ">=", "in", "=");
  const pattern = fc.constantFrom("_", "v", "[_, _]", "[v, _]", "[v, v]", '{"x": _}', '{"x": v}');
  const wanted = fc.constantFrom(
    '"x"',
    "3",
    "true",
    '["x"]',
    "input.params.id",
    "values.text(input.principal.claims.a)",
  );
  const statement = fc.oneof(
    fc.tuple(value, wanted).map(([one, other]) => `${one} == ${other}`),
    fc.tuple(wanted, value).map(([one, items]) => `${one} in ${items}`),
    fc.tuple(value, fc.constantFrom("<", ">=")).map(([one, is]) => `values.number(${one}) ${is} 3`),
    fc.tuple(value, value).map(([items, other]) => `some v in ${items}\n\tstartswith(v, values.text(${other}))`),
    fc.tuple(value, operator, value).map(([one, is, other]) => `${one} ${is} ${other}`),
    fc
      .tuple(fc.oneof(fc.constantFrom("startswith", "endswith", "contains"), helper), value, value)
      .map(([name, one, other]) => `${name}(${one}, ${other})`),
    value,
    value.map((one) => `not ${one}`),
    fc.constantFrom('caller.has_role("r")', 'not caller.has_role("r")', 'caller.has_role("r") == false'),
    fc.tuple(value, value).map(([one, other]) => `every v in ${one} { v == ${other} }`),
    fc.tuple(pattern, value).map(([taken, one]) => `${taken} := ${one}`),
    fc.tuple(pattern, value, value).map(([taken, one, other]) => `${taken} := ${one}\n\tv == ${other}`),
    fc.tuple(pattern, value).map(([taken, one]) => `some ${taken} in ${one}`),
    fc.tuple(pattern, value, value).map(([taken, one, other]) => `some ${taken} in ${one}\n\tv == ${other}`),
    fc.tuple(value, value).map(([one, other]) => `some k, _ in ${one}\n\tk == ${other}`),
    fc.tuple(value, value).map(([one, other]) => `v := ${one}\n\tw := ${other}\n\tv > w`),
  );
  return { value, statement };
}

const ofHelper = about(ARGUMENTS, fc.constantFrom("trim"));
const head = fc.constantFrom("p, q", "p, q", "p, _", "_, q", "_, _", "p, p", "[p, _], q", "null, q");
const helpers = fc.oneof(
  fc.tuple(head, ofHelper.statement).map(([taken, body]) => `(${taken}) if {\n\t${body}\n}`),
  fc.tuple(head, ofHelper.value).map(([taken, gives]) => `(${taken}) := ${gives}`),
);
const nameOfHelper = fc.nat(HELPERS - 1).map((at) => `h${at}`);
const { statement } = about(CLAIMS, nameOfHelper);

/**
 * Finds the conditions that OPA accepts, by name. OPA reports errors stage by stage, so it runs until no error is left.
 */
async function takenByOpa(
  opa: Opa,
  root: string,
  generated: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, string>> {
  const rules = new Map(generated);
  const args = ["--strict", "--format", "json", "--max-errors", "0", "--capabilities", CAPABILITIES_FILE];
  for (;;) {
    await writeConditions(root, rules);
    const { succeeded, stdout, stderr } = await opa("check", ...args, ...ENGINE, "conditions.rego");
    if (succeeded) return rules;
    const { errors } = JSON.parse(stdout || stderr) as { errors: readonly { location: { row: number } }[] };
    const starts = [...lineOfEach(rules)];
    for (const { location } of errors) rules.delete(starts.findLast(([, start]) => start <= location.row)?.[0] ?? "");
  }
}

const HEADER = "package access.conditions\n\nimport data.engine.caller\nimport data.engine.values\n";

/** The files of the engine that decide what a function for conditions returns. */
const ENGINE = ["caller", "claims", "form_encoding", "principal", "values"].map(
  (name) => `policies/engine/${name}.rego`,
);

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

it("no condition that the build accepts is true for claims that are missing, null or empty", async () => {
  await using workspace = await createEngineWorkspace({});
  const { root } = workspace;
  const opa = await opaIn(root);
  const bodies = fc
    .sample(fc.array(statement, { minLength: 1, maxLength: 2 }), CONDITIONS)
    .map((statements) => statements.join("\n\t"))
    .filter((body) => /input\.principal\.claims\.|caller\./.test(body));
  const rules = await takenByOpa(
    opa,
    root,
    new Map([
      ...fc.sample(helpers, HELPERS).map((text, at) => [`h${at}`, `h${at}${text}`] as const),
      ...bodies.map((body, at) => [`c${at}`, `c${at} if {\n\t${body}\n}`] as const),
    ]),
  );

  const file = { file: "conditions.rego", package: "access.conditions", part: "conditions" } as const;
  const source = await parseFile(opa, file);
  const { problems } = checkFailOpen(source, readVocabulary(await readBuiltIns(opa), [source]));
  const starts = [...lineOfEach(rules)];
  const refused = new Set(problems.map(({ line }) => starts.findLast(([, start]) => start <= line)?.[0]));
  const isTaken = (name: string) =>
    !refused.has(name) && [...(rules.get(name) ?? "").matchAll(/\bh\d+/g)].every(([helper]) => !refused.has(helper));
  const conditions = [...rules.keys()].filter((name) => name.startsWith("c"));
  const taken = conditions.filter(isTaken);

  const request = { method: "GET", headers: { "x-y": ["x"] } };
  const CALENDAR = { "Europe/Berlin": { hour: 3, weekday: "x" } };
  const nothing = [undefined, null, "", [], {}, [null], [[null, null]], { x: null }];
  const inputs = fc.sample(fc.tuple(...CLAIMS.map(() => fc.constantFrom(...nothing))), 60).map(([a, b, c]) => ({
    principal: { claims: { a, b, c } },
    request,
    params: { id: "x" },
    now_s: 3,
    calendar: CALENDAR,
  }));
  await writeFile(join(root, "inputs.json"), JSON.stringify(inputs));
  const roles = {
    groups: {},
    scopes: {},
    claims: Object.fromEntries(["a", "b", "c"].map((name) => [name, { x: ["r"] }])),
  };
  await writeFile(join(root, "data.json"), JSON.stringify({ engine: { index: { compiled: { roles } } } }));
  const query = "[{name | data.access.conditions[name] == true with input as one} | some one in input]";
  const { stdout, stderr } = await opa(
    ...["eval", "--format", "raw", ...[...ENGINE, "conditions.rego", "data.json"].flatMap((file) => ["--data", file])],
    ...["--input", "inputs.json", query],
  );
  const open = new Set((JSON.parse(stdout || stderr) as readonly (readonly string[])[]).flat());
  console.log(`${conditions.length} conditions, of which ${taken.length} are taken and ${[...open].length} open`);
  expect(taken.filter((name) => open.has(name)).map((name) => rules.get(name))).toEqual([]);
  // Positive controls: many conditions are accepted, and many refused ones would fail open.
  expect(taken.length).toBeGreaterThan(conditions.length / 20);
  expect(open.size).toBeGreaterThan(conditions.length / 20);
});
