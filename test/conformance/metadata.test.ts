import { expect, it } from "vitest";
import { nameOfRule } from "../../build/ast.ts";
import { checkSchemas } from "../../build/check/files.ts";
import { listRego, parseSource } from "../../build/sources.ts";
import { opaIn } from "../support/authorizer.ts";

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

it.each(sources.map((source) => [source.file, source] as const))(
  "every public rule of %s says what it does",
  (_, source) => {
    const rules = source.module.rules ?? [];
    const titled = rules.filter(({ annotations = [] }) => annotations.some(({ title }) => title)).map(nameOfRule);
    const isPublic = (name: string) => !name.startsWith("_");
    expect([...new Set(rules.map(nameOfRule).filter(isPublic))].filter((name) => !titled.includes(name))).toEqual([]);
  },
);

it("every package that reads input is checked against its schema", () => {
  expect(checkSchemas(sources)).toEqual([]);
});
