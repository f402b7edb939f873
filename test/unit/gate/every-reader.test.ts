import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judgeTemplate } from "../../support/gate.ts";
import { type GateApp, pathOf, toCloudFormation, toPlan, toSam, toYaml } from "../../support/gate-apps.ts";

const READERS: Readonly<Record<string, (app: GateApp) => unknown>> = {
  CloudFormation: toCloudFormation,
  "YAML with short tags": toYaml,
  "AWS SAM": toSam,
  "a plan of Terraform": toPlan,
};

const method = fc.record({
  verb: fc.constantFrom("GET", "PUT", "ANY"),
  segments: fc
    .tuple(fc.constantFrom(["orders", "{id}", "items", "{item}"], ["a.b", "x-y"]), fc.nat(4))
    .map(([parts, length]) => parts.slice(0, length)),
  way: fc.constantFrom("policy" as const, "iam" as const),
});

const app: fc.Arbitrary<GateApp> = fc.record({
  kind: fc.constantFrom("rest" as const, "http" as const),
  methods: fc.uniqueArray(method, { minLength: 1, maxLength: 8, selector: (one) => `${one.verb} ${pathOf(one)}` }),
});

describe.each(Object.entries(READERS))("%s", (_, render) => {
  it("passes if every method has a policy or IAM", () => {
    fc.assert(
      fc.property(app, (generated) => {
        const { findings, seen } = judgeTemplate(render(generated));
        const ways = generated.methods.map(({ way }) => way);
        expect({ findings, seen }).toEqual({
          findings: [],
          seen: {
            apis: 1,
            methods: ways.length,
            withPolicy: ways.filter((way) => way === "policy").length,
            withIam: ways.filter((way) => way === "iam").length,
            needingNone: 0,
          },
        });
      }),
      { numRuns: 50 },
    );
  });

  it("finds the one method that is open", () => {
    fc.assert(
      fc.property(app, fc.nat(), (generated, choice) => {
        const chosen = choice % generated.methods.length;
        const methods = generated.methods.map((one, at) => (at === chosen ? { ...one, way: "none" as const } : one));
        const { findings } = judgeTemplate(render({ ...generated, methods }));
        expect(findings.map(({ code }) => code)).toEqual(["method.open"]);
        expect(findings[0]?.cause).toContain(methods[chosen]?.verb);
      }),
      { numRuns: 50 },
    );
  });
});
