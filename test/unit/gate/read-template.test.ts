import { describe, expect, it } from "vitest";
import { parseTemplate } from "../../../gate/read-template.ts";
import { judgeFolder, toLines } from "../../support/gate.ts";
import { toCloudFormation, toPlan } from "../../support/gate-apps.ts";

describe("YAML of CloudFormation", () => {
  it.each([
    ["!Ref A", { Ref: "A" }],
    ["!GetAtt A.B", { "Fn::GetAtt": "A.B" }],
    ["!GetAtt [A, B]", { "Fn::GetAtt": ["A", "B"] }],
    ["!Sub 'x-${A}'", { "Fn::Sub": "x-${A}" }],
    ["!Join ['', [a, !Ref A]]", { "Fn::Join": ["", ["a", { Ref: "A" }]] }],
    ["!If [C, !Ref A, !Ref 'AWS::NoValue']", { "Fn::If": ["C", { Ref: "A" }, { Ref: "AWS::NoValue" }] }],
    ["!Transform {Name: M}", { "Fn::Transform": { Name: "M" } }],
    ["!Condition C", { Condition: "C" }],
    ["!!str 1", "1"],
  ])("%s is read in its long form", (text, value) => {
    expect(parseTemplate(`It: ${text}\n`)).toEqual({ ok: true, value: { It: value } });
  });

  it("has anchors, aliases and merge keys", () => {
    const text = "A: &a !Ref X\nB: *a\nC: &c {d: 1}\nE:\n  <<: *c\n  f: 2\n";
    expect(parseTemplate(text)).toEqual({
      ok: true,
      value: { A: { Ref: "X" }, B: { Ref: "X" }, C: { d: 1 }, E: { d: 1, f: 2 } },
    });
  });

  it.each(["A: !Unknown x\n", "A: 1\nA: 2\n", "A: *b\n", "- A\n", "text\n", "A: [\n", "A: 1\n---\nB: 2\n"])(
    "%j is refused",
    (text) => {
      expect(parseTemplate(text).ok).toBe(false);
    },
  );
});

describe("a file", () => {
  const open = toPlan({ kind: "http", methods: [{ verb: "GET", segments: ["a"], way: "none" }] });

  it.each([
    ["a byte order mark", `\uFEFF${JSON.stringify(open)}`],
    ["blank lines before JSON", `\n\n${JSON.stringify(open)}`],
  ])("may have %s", (_, content) => {
    expect(toLines(judgeFolder({ content }).findings)).toEqual(["method.open aws_apigatewayv2_route.m0"]);
  });

  it("may be in UTF-16, as shells of Windows write it", () => {
    const content = Buffer.from(`\uFEFF${JSON.stringify(open)}`, "utf16le");
    expect(toLines(judgeFolder({ content }).findings)).toEqual(["method.open aws_apigatewayv2_route.m0"]);
  });
});

it("a stage that is deployed automatically may say so in words of YAML 1.1", () => {
  const judgeWith = (word: unknown) => {
    const template = toCloudFormation({ kind: "http", methods: [{ verb: "GET", segments: ["a"], way: "iam" }] });
    const text = JSON.stringify(template).replace('"AutoDeploy":true', `"AutoDeploy":${JSON.stringify(word)}`);
    return toLines(judgeFolder({ text }).findings);
  };
  expect([true, "yes", "True"].map(judgeWith)).toEqual([[], [], []]);
  expect([false, "no", 1].flatMap(judgeWith)).toEqual(["stage.stale Stage", "stage.stale Stage", "stage.stale Stage"]);
});
