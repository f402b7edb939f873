import { describe, expect, it } from "vitest";
import { findTemplateQuotas } from "../../../gateway-rules/template-quotas.ts";

const lambda = (variables: object) => ({
  Type: "AWS::Lambda::Function",
  Properties: { Environment: { Variables: variables } },
});
const templateOf = (resources: object) => ({ Resources: resources });
const codesOf = (template: unknown) => findTemplateQuotas(template).map(({ code }) => code);
const permission = (functionName: unknown) => ({
  Type: "AWS::Lambda::Permission",
  Properties: { Action: "lambda:InvokeFunction", FunctionName: functionName, Principal: "apigateway.amazonaws.com" },
});
const times = <Value>(count: number, make: (at: number) => Value) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`Resource${at}`, make(at)]));

describe("the environment of a function", () => {
  it("has at most 4096 bytes of names and values", () => {
    expect(codesOf(templateOf({ F: lambda({ A: "a".repeat(4095) }) }))).toEqual([]);
    expect(codesOf(templateOf({ F: lambda({ A: "a".repeat(4096) }) }))).toEqual(["quota.environment_bytes"]);
    expect(codesOf(templateOf({ F: lambda({ A: "ü".repeat(2048) }) }))).toEqual(["quota.environment_bytes"]);
    expect(codesOf(templateOf({ F: lambda({ A: "a".repeat(2048), B: "b".repeat(2048) }) }))).toHaveLength(1);
  });

  it("counts with what is known of values of a deployment", () => {
    const pools = { Pool: { Type: "AWS::Cognito::UserPool" }, Client: { Type: "AWS::Cognito::UserPoolClient" } };
    const joined = (literal: number) => ({
      ...pools,
      F: lambda({ A: { "Fn::Join": ["-", ["a".repeat(literal), { Ref: "Pool" }, { Ref: "Client" }]] } }),
    });
    // The name has 1 byte, the delimiters 2, the pool's id at least 19 and the client's at least 25.
    expect(codesOf(templateOf(joined(4096 - 47)))).toEqual([]);
    expect(codesOf(templateOf(joined(4096 - 46)))).toEqual(["quota.environment_bytes"]);
  });

  it("counts nothing for values of which nothing is known", () => {
    const parts = ["a".repeat(4095), { Ref: "Parameter" }, { "Fn::ImportValue": "x".repeat(100) }];
    expect(codesOf(templateOf({ F: lambda({ A: { "Fn::Join": ["", parts] } }) }))).toEqual([]);
    expect(codesOf(templateOf({ F: lambda({ A: { "Fn::Sub": `${"a".repeat(4095)}\${Parameter}` } }) }))).toEqual([]);
    expect(codesOf(templateOf({ F: lambda({ A: { "Fn::Sub": ["a".repeat(4096), {}] } }) }))).toHaveLength(1);
  });
});

describe("the resource policy of a function", () => {
  it("has no room for a hundred APIs, and has for forty", () => {
    const name = { "Fn::GetAtt": ["Function", "Arn"] };
    expect(codesOf(templateOf(times(100, () => permission(name))))).toEqual(["quota.policy_bytes"]);
    expect(codesOf(templateOf(times(40, () => permission(name))))).toEqual([]);
  });

  it("is its own for each alias", () => {
    expect(codesOf(templateOf(times(100, (at) => permission({ Ref: `Alias${at}` }))))).toEqual([]);
  });
});

describe("a template", () => {
  it("has at most 500 resources and a million bytes", () => {
    expect(codesOf(templateOf(times(500, () => ({ Type: "A::B::C" }))))).toEqual([]);
    expect(codesOf(templateOf(times(501, () => ({ Type: "A::B::C" }))))).toEqual(["quota.stack_resources"]);
    const large = (bytes: number) => templateOf({ A: { Type: "A::B::C", Properties: { A: "a".repeat(bytes) } } });
    expect(codesOf(large(999_000))).toEqual([]);
    expect(codesOf(large(1_000_000))).toEqual(["quota.template_bytes"]);
  });

  it("has no quota passed if it is not one", () => {
    for (const other of [undefined, null, [], "a", { Resources: [] }]) expect(codesOf(other)).toEqual([]);
  });

  it("is named by the place that the caller gives", () => {
    const template = templateOf({ F: lambda({ A: "a".repeat(5000) }) });
    expect(findTemplateQuotas(template, (id) => `App/${id}`).map(({ where }) => where)).toEqual([["App/F"]]);
  });
});
