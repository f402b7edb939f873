import { expect, it } from "vitest";
import { createOpa } from "../../../../build/opa/run.ts";
import { packAreas } from "../../../../build/policy/packed-areas.ts";
import { isPolicy, listRego, parseFile } from "../../../../build/rego/files.ts";
import { createWorkspace } from "../../../../dev/workspace.ts";
import { opaPath } from "../../../support/opa.ts";

const TITLE = "# METADATA\n# title: Something\n";
const GRANT = 'grants["read"] := {"roles": {"reader"}, "verbs": {"GET"}, "path": "/x"}\n';

/** Areas that are packed, some of several files. */
const PLAIN = {
  "one.rego": `${TITLE}package access.one\n\n${TITLE}${GRANT}\n${TITLE}denials["no-.x"] := {"verbs": set(), "unless": {"b", "a", "a"}}\n`,
  "odd.rego": `package access.odd\n\ngrants["odd"] := {"where": {"<&>\\u2028é\\"\\\\": "\\t\\u0000😀", "x": {}}, \`a\\b\`: {{"c"}}}\n`,
  "split.rego": `package access.split\n\n${GRANT}`,
  "split_more.rego": `${TITLE}package access.split\n\npublic["open"] := {"verbs": {"GET"}}\n\ngrants["more"] := {}\n`,
  "empty.rego": "package access.empty\n",
  "custom.rego": `package access.custom\n\n# METADATA\n# title: X\n# custom:\n#   accepted: because\n${GRANT}`,
};

/** Areas that stay as they are, since OPA or the build could have something to say about them. */
const OTHERS = {
  "imports.rego": `package access.imports\n\nimport data.engine\n\n${GRANT}`,
  "schemas.rego": `package access.schemas\n\n# METADATA\n# schemas:\n# - input: schema.input\n${GRANT}`,
  "document.rego": `package access.document\n\n# METADATA\n# title: X\n# scope: document\n${GRANT}`,
  "twice.rego": `package access.twice\n\n${GRANT}\n${GRANT}`,
  "number.rego": 'package access.number\n\ngrants["x"] := {"path": 12345678901234567890}\n',
  "if.rego": 'package access.if_\n\ngrants["x"] := {} if input.x\n',
  "name.rego": 'package access.name\n\ngrants["a"]["b"] := {}\n',
  "titled.rego": `${TITLE}package access.titled\n\n${GRANT}`,
  "titled_too.rego": `${TITLE}package access.titled\n\ngrants["y"] := {}\n`,
};

async function packed(files: Readonly<Record<string, string>>) {
  const workspace = await createWorkspace(
    Object.fromEntries(Object.entries(files).map(([name, text]) => [`access/${name}`, text])),
  );
  const { root } = workspace;
  const opa = createOpa(await opaPath(), root);
  const parsed = await Promise.all(
    (await listRego(root, "policies")).filter(isPolicy).map((file) => parseFile(opa, file)),
  );
  return { workspace, opa, texts: packAreas(parsed) };
}

it("gives areas of one rule for each kind, which have the values that they had", async () => {
  const { workspace, opa, texts } = await packed(PLAIN);
  await using original = workspace;
  await using copy = await createWorkspace(
    Object.fromEntries([...texts].map(([file, text]) => [file.replace("policies/", ""), text])),
  );
  // This prints a set as a set, and not as a list.
  const query = 'sprintf("%v", [data.access])';
  const evaluate = (folder: string) => opa("eval", "--format", "raw", "--data", `${folder}/access`, query);
  const [before, after] = await Promise.all([original.policies, copy.policies].map(evaluate));
  expect([...texts.keys()]).toEqual(
    Object.keys(PLAIN)
      .map((name) => `policies/access/${name}`)
      .sort(),
  );
  expect(before?.stdout).toContain('{"a", "b"}');
  expect(after).toEqual(before);
  expect([...texts.values()].join("").match(/^grants :=/gm)).toHaveLength(4);
});

it("leaves an area as it is that has anything else", async () => {
  const { workspace, texts } = await packed({ ...OTHERS, "one.rego": PLAIN["one.rego"] });
  await using _ = workspace;
  expect([...texts.keys()]).toEqual(["policies/access/one.rego"]);
});
