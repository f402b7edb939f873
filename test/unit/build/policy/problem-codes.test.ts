import { describe, expect, it } from "vitest";
import { parseEngineProblems } from "../../../../build/policy/engine-queries.ts";
import { readOpaErrors } from "../../../../build/policy/opa-errors.ts";
import { formatProblems, WHERE_CODES_ARE_EXPLAINED } from "../../../../build/policy/problem.ts";
import { isProblemCode } from "../../../../contract/problem-codes.ts";

const PROBLEM = { code: "role.unknown", where: "orders.list", message: "there is no such role" };

describe("a report of the engine", () => {
  it("is accepted if its form and its code are known", () => {
    expect(parseEngineProblems(JSON.stringify([PROBLEM]))).toEqual([PROBLEM]);
  });

  it.each([
    ["an unknown code", [PROBLEM, { ...PROBLEM, code: "role.unheard_of" }]],
    ["a code named like an inherited property", [{ ...PROBLEM, code: "toString" }]],
    ["no code", [{ where: "orders.list", message: "there is no such role" }]],
    ["no message", [{ code: "role.unknown", where: "orders.list" }]],
    ["no place", [{ ...PROBLEM, where: 7 }]],
    ["a value that is not a list", PROBLEM],
  ])("is an error of the product with %s", (_, reported) => {
    expect(() => parseEngineProblems(JSON.stringify(reported))).toThrow("a problem that the build does not know");
  });
});

describe("an error of OPA gets a problem code", () => {
  const builtIns = new Map([["sprintf", { arity: 2, isPredicate: false }]]);
  const asJson = (code: string, message: string) => {
    const location = { file: "policies/access/orders.rego", row: 3 };
    return { succeeded: false, stdout: "", stderr: JSON.stringify({ errors: [{ code, message, location }] }) };
  };

  it.each([
    ["rego_parse_error", "unexpected eof token", "opa.parse"],
    ["rego_type_error", "match error", "opa.type"],
    ["rego_type_error", "undefined ref: input.request.sourceIp", "opa.undefined_reference"],
    ["rego_type_error", "undefined schema: schema.none", "opa.undefined_reference"],
    ["rego_type_error", "undefined function sprintf", "opa.function_not_allowed"],
    ["rego_type_error", "undefined function sprint", "opa.undefined_function"],
    ["rego_unsafe_var_error", "var client is unsafe", "opa.unsafe_variable"],
    ["rego_recursion_error", "rule data.a.b is recursive: …", "opa.recursion"],
    ["rego_compile_error", "import data.engine.values unused", "opa.compile"],
    ["rego_error_of_the_future", "something else", "opa.other"],
    ["toString", "something else", "opa.other"],
  ])("%s: %s", (code, message, expected) => {
    expect(readOpaErrors(asJson(code, message), builtIns).map((problem) => problem.code)).toEqual([expected]);
  });

  it.each([
    ["policies/data/a.json: merge error: conflicting values at data.data.a", "data.conflict"],
    ["policies/data/a.json: invalid character '}' looking for beginning of value", "data.malformed"],
    ["policies/access/a.rego:3: rego_compile_error: conflicting rule for data path data/a found", "data.conflict"],
    ["policies/access/a.rego:3: rego_type_error: conflicting rules data.access.a.b found", "opa.type"],
    ["policies/access/a.rego:3: eval_conflict_error: complete rules must not produce multiple outputs", "opa.other"],
    ["something without a place", "opa.other"],
  ])("as text: %s", (text, expected) => {
    const output = { succeeded: false, stdout: "", stderr: `1 error occurred: ${text}\n` };
    expect(readOpaErrors(output, builtIns).map((problem) => problem.code)).toEqual([expected]);
  });
});

it("an error in YAML has one line, that of the mistake", () => {
  const stderr =
    "1 error occurred: policies/data/a.yaml: error converting YAML to JSON: yaml: line 7: did not find a key\n";
  expect(readOpaErrors({ succeeded: false, stdout: "", stderr }, new Map())).toEqual([
    { code: "data.malformed", file: "policies/data/a.yaml", line: 7, message: "did not find a key" },
  ]);
});

describe("problems are printed", () => {
  it("with their codes, and once where these are explained", () => {
    const place = { file: "policies/access/orders.rego", line: 3 };
    const problems = [
      { ...place, code: "key.missing", message: 'orders.list: a grant needs "verbs"' },
      { ...place, code: "role.unknown", message: "orders.list: there is no such role" },
    ] as const;
    expect(formatProblems(problems)).toEqual([
      'policies/access/orders.rego:3: orders.list: a grant needs "verbs" [key.missing]',
      "policies/access/orders.rego:3: orders.list: there is no such role [role.unknown]",
      WHERE_CODES_ARE_EXPLAINED,
    ]);
  });

  it("as an empty list without problems", () => {
    expect(formatProblems([])).toEqual([]);
  });
});

it.each([
  ["role.unknown", true],
  ["role.unheard_of", false],
  ["toString", false],
  ["__proto__", false],
  [7, false],
])("%s is a problem code: %s", (text, expected) => {
  expect(isProblemCode(text)).toBe(expected);
});
