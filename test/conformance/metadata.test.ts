import { expect, it } from "vitest";
import { checkSchemas } from "../../build/policy/packages.ts";
import { listRego, parseSource } from "../../build/rego/files.ts";
import { nameOfRule } from "../../build/rego/syntax-tree.ts";
import { opaIn } from "../support/opa.ts";

const opa = await opaIn(process.cwd());
const files = (await listRego(process.cwd(), "policies")).filter(({ part }) => part !== "test");
const sources = await Promise.all(files.map((file) => parseSource(opa, file)));

it("every package says what it is, once", () => {
  const packages = new Set(sources.map((source) => source.package));
  const titled = sources.filter(({ module }) =>
    module.annotations?.some(({ scope, title }) => scope === "package" && title),
  );
  expect(titled.map((source) => source.package).sort()).toEqual([...packages].sort());
});

it("every public rule says what it does: a line `# title: …` in its METADATA", () => {
  const untitled = sources.flatMap(({ file, module: { rules = [] } }) => {
    const titled = new Set(
      rules.filter(({ annotations = [] }) => annotations.some(({ title }) => title)).map(nameOfRule),
    );
    return rules
      .filter((rule) => !nameOfRule(rule).startsWith("_") && !titled.has(nameOfRule(rule)))
      .map((rule) => `${file}:${rule.location.row}: ${nameOfRule(rule)}`);
  });
  expect(untitled).toEqual([]);
});

it("every package that reads input is checked against its schema", () => {
  expect(checkSchemas(sources)).toEqual([]);
});
