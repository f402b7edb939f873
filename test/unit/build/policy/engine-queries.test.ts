import { expect, it } from "vitest";
import { assemble } from "../../../../build/policy/assembly.ts";
import { askOpa } from "../../../../build/policy/engine-queries.ts";
import { isPolicy, listRego, tryParseFile } from "../../../../build/rego/files.ts";
import { createWorkspace } from "../../../../dev/workspace.ts";
import { opaPath } from "../../../support/opa.ts";
import { ORDERS_POLICIES } from "../../../support/orders-policies.ts";

/** Asks OPA about the policy of the example API with changes, and names the commands that it took. */
async function ask(policies: Readonly<Record<string, string>>) {
  await using workspace = await createWorkspace({ ...ORDERS_POLICIES, ...policies });
  await using assembly = await assemble(await opaPath(), workspace.policies);
  const commands: string[] = [];
  const opa: typeof assembly.opa = (...args) => {
    commands.push(args[0] ?? "");
    return assembly.opa(...args);
  };
  const files = await listRego(assembly.folder, "policies");
  const parsed = Promise.all(files.filter(isPolicy).map((file) => tryParseFile(assembly.opa, file)));
  const { checked, problems, data } = await askOpa({ ...assembly, opa }, files, parsed);
  const isFine = checked.succeeded && problems.succeeded && data.succeeded;
  return { commands, isFine, checked: checked.succeeded, answers: [problems.stdout, data.stdout] };
}

/** A policy with it is a large one. */
const LONG = `# ${"x".repeat(100_000)}\n\n`;
const TEXT = 'name := "<&> \\u2028 é"\n';
const WITH_TEXT = { "data/names.json": '{"odd": "<&> \\u2028 é", "sizes": [1.50, 2e3]}', "access/lib.rego": lib(TEXT) };

function lib(text: string): string {
  return `# METADATA\n# schemas:\n# - input: schema.input\npackage access_lib\n\n${text}`;
}

it("answers for a large policy in one process the very text that it answers for a small one", async () => {
  const small = await ask(WITH_TEXT);
  const large = await ask({ ...WITH_TEXT, "access/lib.rego": lib(`${LONG}${TEXT}`) });
  const apart = await ask({
    ...WITH_TEXT,
    "access/lib.rego": lib(TEXT),
    "access/orders_test.rego": "package access.x\n",
  });
  expect([small.commands, large.commands, apart.commands]).toEqual([["eval"], [], ["check", "eval", "eval"]]);
  expect([small.isFine, large.isFine, apart.isFine]).toEqual([true, true, true]);
  expect([large.answers, apart.answers]).toEqual([small.answers, small.answers]);
});

it("asks about the files themselves if something is wrong in a large policy", async () => {
  const { commands, checked } = await ask({ "access/lib.rego": lib(`${LONG}is_it if input.request.headerz\n`) });
  expect([commands, checked]).toEqual([["check", "eval", "eval"], false]);
});

it.each([
  ["a field that the input does not have", "is_it if input.request.headerz"],
  ["a variable that is not used", 'is_it if {\n\tunused := 1\n\tinput.request.path == "/x"\n}'],
  ["a function that is not allowed", 'is_it if http.send({"url": "x"})'],
])("leaves it to `opa check` to tell of %s", async (_, text) => {
  const { commands, checked } = await ask({ "access/lib.rego": lib(`${text}\n`) });
  expect([commands, checked]).toEqual([["eval", "check", "eval", "eval"], false]);
});

it("leaves out tests that are in the package of a policy", async () => {
  const { commands } = await ask({ "access/orders_test.rego": "package access.orders\n" });
  expect(commands).toEqual(["check", "eval", "eval"]);
});
