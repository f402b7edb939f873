import { expect, it } from "vitest";
import { createOpa } from "../../../../build/opa/run.ts";
import { listRego, parseFile, parsePolicyFile } from "../../../../build/rego/files.ts";
import { findRuleRows } from "../../../../build/rego/rule-rows.ts";
import { nameOfRule } from "../../../../build/rego/syntax-tree.ts";
import { createWorkspace } from "../../../../dev/workspace.ts";
import { opaPath } from "../../../support/opa.ts";

const TITLE = '# METADATA\n# title: A brace { and a "quote\n';
const GRANT = 'grants["read"] := {"roles": {"reader"}, "verbs": {"GET"}, "path": "/x"}\n';

/** Files whose rows are found. */
const FOUND = {
  "empty.rego": "package access.empty\n",
  "comments.rego": `# A comment\n\n${TITLE}package access.comments # here\n\n${TITLE}${GRANT}# At the end {`,
  "brackets.rego": `package access.brackets\n\ngrants["a-.x"] :=\t{"path": "/{id}]\\"{", # not a " nor a {\n\t"x": [\`{\n"\`, {{"y"}}],\n}\n${GRANT}`,
  "sets.rego":
    'package access.sets\r\n\r\ndenials["none"] := {"verbs": set(), "n": -1.5e3, "t": [true, null]}\r\npublic["x"] := {}\r\n',
  "one_line.rego": 'package access.one_line\ngrants["a"] := {} grants["b"] := {}',
};

/** Files whose rows OPA has to find. */
const OTHERS = {
  "imports.rego": `package access.imports\n\nimport data.engine\n\n${GRANT}`,
  "equals.rego": 'package access.equals\n\ngrants["x"] = {}\n',
  "if.rego": 'package access.if_\n\ngrants["x"] := {} if input.x\n',
  "default.rego": 'package access.default_\n\ndefault grants["x"] := {}\n',
  "name.rego": 'package access.name\n\ngrants["a"]["b"] := {}\n',
  "dotted.rego": "package access.dotted\n\ngrants.x := {}\n",
  "raw.rego": "package access.raw\n\ngrants[`x`] := {}\n",
  "text.rego": 'package access.text\n\ngrants["x"] := "y"\n',
  "sum.rego": 'package access.sum\n\ngrants["x"] := {"a": 1} | {"b": 2}\n',
  "call.rego": 'package access.call\n\ngrants["x"] := {"a": count([1])}\n',
  "template.rego": 'package access.template\n\ngrants["x"] := {"a": $"{"{"}"}\n',
};

async function parse(files: Readonly<Record<string, string>>) {
  await using workspace = await createWorkspace(
    Object.fromEntries(Object.entries(files).map(([name, text]) => [`access/${name}`, text])),
  );
  const commands: (readonly string[])[] = [];
  const opa = createOpa(await opaPath(), workspace.root);
  const watched: typeof opa = (...args) => {
    commands.push(args);
    return opa(...args);
  };
  const listed = (await listRego(workspace.root, "policies")).filter(({ file }) => file.endsWith(".rego"));
  return {
    short: await Promise.all(listed.map((file) => parsePolicyFile(watched, workspace.root, file))),
    whole: await Promise.all(listed.map((file) => parseFile(opa, file))),
    // With everything that a file is parsed for once more.
    commands,
  };
}

const rowsOf = ({
  module: {
    package: { location },
    rules = [],
  },
}: Awaited<ReturnType<typeof parseFile>>) => ({
  package: location.row,
  rules: rules.map((rule) => ({ name: nameOfRule(rule), row: rule.location.row })),
});

const withoutLocations = (file: Awaited<ReturnType<typeof parsePolicyFile>>): unknown =>
  JSON.parse(JSON.stringify({ rules: [], ...file?.module }, (key, value) => (key === "location" ? undefined : value)));

it("finds the rows that OPA finds, and the same tree", async () => {
  const { short, whole, commands } = await parse(FOUND);
  expect(Object.values(FOUND).map(findRuleRows)).not.toContain(undefined);
  expect(commands).toHaveLength(Object.keys(FOUND).length);
  expect(short.map((file) => file && rowsOf(file))).toEqual(whole.map(rowsOf));
  expect(short.map(withoutLocations)).toEqual(whole.map(withoutLocations));
});

it("leaves every other file to OPA", async () => {
  expect(Object.values(OTHERS).map(findRuleRows)).toEqual(Object.values(OTHERS).map(() => undefined));
  const { short, whole } = await parse(OTHERS);
  expect(short).toEqual(whole);
});

it("gives no tree of a file whose syntax is wrong", async () => {
  expect(findRuleRows('package access.x\ngrants["x"] := {"a" "b"}')).toBeDefined();
  await using workspace = await createWorkspace({ "access/x.rego": 'package access.x\ngrants["x"] := {"a" "b"}\n' });
  const opa = createOpa(await opaPath(), workspace.root);
  const [file] = await listRego(workspace.root, "policies");
  expect(file && (await parsePolicyFile(opa, workspace.root, file))).toBeUndefined();
});
