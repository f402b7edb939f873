import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Assembly, assemble } from "../../build/policy/assembly.ts";
import { readDataFiles } from "../../build/policy/data-files.ts";
import { findFailuresOfAll } from "../../build/policy/never-true.ts";
import { readBuiltIns, readVocabulary } from "../../build/policy/vocabulary.ts";
import { isPolicy, listRego, parseFile } from "../../build/rego/files.ts";
import { createWorkspace, type Workspace } from "../../dev/workspace.ts";
import { opaPath } from "../support/opa.ts";

/** The law: a condition that the build calls never true is never true in OPA, whatever the request is. */

const TEXTS = ["input.request.path", 'input.request.headers["x-a"][0]', "input.params.id", "input.params.other"];
const CLAIMS = ["custom:a", "sub", "cognito:groups", "any"].map((name) => `input.principal.claims["${name}"]`);
const DATA = ["mode", "level", "flag", "networks", "teams", "nothing", "teams[0]", "teams.red"].map(
  (name) => `data.data.office.${name}`,
);
const LITERALS = ['"a"', "3", "true", '["a"]', '{"a", "b"}'];

const simple = fc.constantFrom(
  ...[...TEXTS, ...CLAIMS, ...DATA, ...LITERALS],
  ...['input.request.headers["x-a"]', "input.request.query.q", "input.now_s", "access_lib.mode", "access_lib.teams"],
);
const term = fc.oneof(
  { weight: 3, arbitrary: simple },
  simple.map((one) => `lower(${one})`),
  simple.map((one) => `split(${one}, ",")`),
  simple.map((one) => `values.number(${one})`),
  simple.map((one) => `values.text(${one})`),
  simple.map((one) => `access_lib.same(${one})`),
  simple.map((one) => `access_lib.first(${one})`),
);
const statement = fc.oneof(
  fc.tuple(term, term).map(([one, other]) => `${one} == ${other}`),
  fc.tuple(term, term).map(([one, other]) => `${one} in ${other}`),
  fc.tuple(term, term).map(([one, other]) => `some VAR in ${one}\n\tVAR == ${other}`),
  fc.tuple(term, term).map(([one, other]) => `VAR := ${one}\n\tVAR == ${other}`),
  fc.tuple(term, term).map(([one, other]) => `startswith(${one}, ${other})`),
  fc.tuple(term, term).map(([one, other]) => `access_lib.matches(${one}, ${other})`),
  fc.tuple(term, term).map(([one, other]) => `access_lib.has(${one}, ${other})`),
  term.map((one) => `net.cidr_contains(${one}, input.request.source_ip)`),
  term.map((one) => `floor(${one}) == 3`),
  term.map((one) => `count(${one}) == 1`),
);
/** One or two definitions of a condition, of one statement or two. */
const bodies = fc.array(fc.array(statement, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 2 });

const LIBRARY = `package access_lib

mode := data.data.office.mode

teams := data.data.office.teams

same(value) := value

first(list) := list[0]

matches(one, other) if one == other

has(list, value) if {
	some item in list
	item == value
}
`;

const OFFICE = `office:
  mode: a
  level: 3
  flag: true
  networks: [203.0.113.0/24, 203.0.113.0/240]
  teams: [a, b]
`;

/**
 * Values of every type, and many that equal something in a condition. No list is that of a header, since the build refuses a
 * comparison of a claim with a header, though a claim could be the same list.
 */
const anyValue = fc.constantFrom<unknown>(
  null,
  "",
  "a",
  "b",
  "3",
  3,
  0,
  true,
  false,
  [],
  ["a", "c"],
  [3],
  { red: "a" },
  "a,b",
);
const text = fc.constantFrom("", "a", "b", "3", "true", "[a, b]", "a,b", "203.0.113.7");
const texts = fc.array(fc.constantFrom("a", "b", "3"), { minLength: 1, maxLength: 2 });
const optional = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined, freq: 6 });
const input = fc.record({
  principal: fc.record({
    claims: fc.record({
      "custom:a": optional(text),
      sub: text,
      "cognito:groups": optional(texts),
      any: optional(anyValue),
    }),
  }),
  request: fc.record({
    path: fc.constantFrom("a", "/a", "3"),
    source_ip: fc.constant("203.0.113.7"),
    headers: fc.record({ "x-a": texts }),
    query: fc.record({ q: optional(texts) }),
  }),
  // The path of the grant has this parameter only.
  params: fc.record({ id: fc.constantFrom("a", "b", "3") }),
  now_s: fc.constantFrom(3, 0, 1000),
});

let workspace: Workspace;
let assembly: Assembly;
beforeAll(async () => {
  workspace = await createWorkspace({ "access/lib.rego": LIBRARY, "data/office.yaml": OFFICE });
});
afterAll(async () => {
  await assembly[Symbol.asyncDispose]();
  await workspace[Symbol.asyncDispose]();
});

interface Generated {
  readonly name: string;
  readonly rego: string;
}

/** Writes conditions into a policy, without those that OPA refuses by itself, since it knows their types. */
async function assembleWith(conditions: readonly Generated[]): Promise<readonly Generated[]> {
  const header = "package access.conditions\n\nimport data.access_lib\nimport data.engine.values\n\n";
  await workspace.write({ "access/conditions.rego": header + conditions.map(({ rego }) => rego).join("") });
  assembly = await assemble(await opaPath(), workspace.policies);
  const { succeeded, stdout, stderr } = await assembly.opa(
    "check",
    "--max-errors",
    "0",
    "--format",
    "json",
    "policies",
  );
  if (succeeded) return conditions;
  const { errors } = JSON.parse(stdout || stderr) as { errors: readonly { location: { row: number } }[] };
  const rows = errors.map(({ location }) => location.row);
  let row = header.split("\n").length;
  const accepted = conditions.filter(({ rego }) => {
    const from = row;
    row += rego.split("\n").length - 1;
    return !rows.some((one) => one >= from && one < row);
  });
  expect(accepted.length).toBeLessThan(conditions.length);
  await assembly[Symbol.asyncDispose]();
  return assembleWith(accepted);
}

function toCondition(definitions: readonly (readonly string[])[], at: number): Generated {
  const rules = definitions.map((statements) => {
    const lines = statements.map((one, index) => `\t${one.replaceAll("VAR", `v${index}`)}\n`);
    return `c${at} if {\n${lines.join("")}}\n\n`;
  });
  return { name: `c${at}`, rego: rules.join("") };
}

it("a condition that the build calls never true is never true in OPA", async () => {
  const conditions = await assembleWith(fc.sample(bodies, { numRuns: 600, seed: 11 }).map(toCondition));
  await workspace.write({ "../inputs.json": JSON.stringify({ inputs: fc.sample(input, { numRuns: 60, seed: 12 }) }) });
  const query =
    "{name | some one in data.inputs; held := data.access.conditions with input as one; some name, _ in held}";
  const inputs = ["--data", `${workspace.root}/inputs.json`];
  const { opa } = assembly;
  const evaluated = await opa("eval", "--format", "raw", "--data", "policies", ...inputs, query);
  const held = new Set(JSON.parse(evaluated.stdout) as readonly string[]);

  const files = (await listRego(assembly.folder, "policies/access")).filter(isPolicy);
  const sources = await Promise.all(files.map((file) => parseFile(opa, file)));
  const vocabulary = readVocabulary(await readBuiltIns(opa), sources);
  const { base } = await readDataFiles(assembly);
  const facts = { base, parameters: new Set(["id"]) };
  const neverTrue = conditions.filter(({ name }) => {
    const definitions = vocabulary.helpers.get(`data.access.conditions.${name}`) ?? [];
    return findFailuresOfAll(definitions, { scope: { vocabulary }, facts, depth: 0 }) !== undefined;
  });
  expect(neverTrue.filter(({ name }) => held.has(name)).map(({ rego }) => rego)).toEqual([]);
  // The law is empty unless both kinds occur.
  expect(neverTrue.length).toBeGreaterThan(conditions.length / 4);
  expect(held.size).toBeGreaterThan(conditions.length / 20);
});
