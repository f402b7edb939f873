import { expect, it } from "vitest";
import { assemble } from "../../../../build/policy/assembly.ts";
import { askOpa } from "../../../../build/policy/engine-queries.ts";
import { listRego } from "../../../../build/rego/files.ts";
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
  const { checked, problems, data } = await askOpa({ ...assembly, opa }, files);
  const isFine = checked.succeeded && problems.succeeded && data.succeeded;
  return { commands, isFine, checked: checked.succeeded, answers: [problems.stdout, data.stdout] };
}

const TEXT = 'name := "<&> \\u2028 é"\n';
const WITH_TEXT = { "data/names.json": '{"odd": "<&> \\u2028 é", "sizes": [1.50, 2e3]}', "access/lib.rego": lib(TEXT) };

function lib(text: string): string {
  return `# METADATA\n# schemas:\n# - input: schema.input\npackage access_lib\n\n${text}`;
}

it("answers for a small policy in one process the very text that a large one gets from three", async () => {
  const small = await ask(WITH_TEXT);
  const large = await ask({ ...WITH_TEXT, "access/lib.rego": lib(`# ${"x".repeat(100_000)}\n\n${TEXT}`) });
  expect([small.commands, large.commands]).toEqual([["eval"], ["check", "eval", "eval"]]);
  expect([small.isFine, large.isFine]).toEqual([true, true]);
  expect(small.answers).toEqual(large.answers);
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
