import { expect, it } from "vitest";
import { judgeTemplate, toLines } from "../../support/gate.ts";
import { type GateApp, toCloudFormation, toPlan, toSam } from "../../support/gate-apps.ts";

const app = (...paths: readonly string[]): GateApp => ({
  kind: "rest",
  methods: paths.map((path) => ({ verb: "GET", segments: path.split("/").slice(1), way: "iam" })),
});

it.each([
  ["CloudFormation", toCloudFormation, "M"],
  ["AWS SAM", toSam, "Backend.Events.E"],
])("two siblings with variable parts, which API Gateway refuses, are found in %s", (_, render, id) => {
  const siblings = render(app("/orders/{id}", "/orders/{proxy+}"));
  const { findings } = judgeTemplate(siblings);
  expect(toLines(findings)).toEqual([expect.stringMatching(`^rule.broken ${id}`)]);
  expect(judgeTemplate(render(app("/orders/{id}", "/users/{proxy+}"))).findings).toEqual([]);
});

it("the quota of an API's resources is found, and can be accepted if AWS has raised it", () => {
  const many = toSam(app(...Array.from({ length: 301 }, (_, at) => `/a${at}`)));
  const { findings } = judgeTemplate(many);
  const [finding] = findings;
  expect(findings.map(({ code, cause }) => [code, /301/.test(cause)])).toEqual([["rule.broken", true]]);
  const accepted = [{ name: finding?.names[0] ?? "", reason: "raised to 500 by AWS" }];
  expect(judgeTemplate(many, { accepted }).findings).toEqual([]);
});

it("a plan whose paths are known after the apply only breaks no rule about them", () => {
  expect(judgeTemplate(toPlan(app("/orders/{id}", "/orders/{proxy+}"))).findings).toEqual([]);
});

it.each([
  [4096, true],
  [4095, false],
])(
  "an environment of %i bytes and a name of one is found if Lambda refuses it, and can't be accepted",
  (bytes, isFound) => {
    const template = {
      Resources: {
        Authorizer: {
          Type: "AWS::Lambda::Function",
          Properties: { Environment: { Variables: { A: "a".repeat(bytes) } } },
        },
      },
    };
    const { findings } = judgeTemplate(template);
    const quotas = findings.filter(({ code }) => code === "rule.broken");
    expect(quotas.map(({ place, names }) => [place.id, names])).toEqual(isFound ? [["Authorizer", []]] : []);
  },
);
