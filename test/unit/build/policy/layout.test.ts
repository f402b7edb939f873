import { expect, it } from "vitest";
import { checkLayout } from "../../../../build/policy/layout.ts";
import { createWorkspace } from "../../../../dev/workspace.ts";

it.each<[string, readonly string[]]>([
  ["users.yaml", []],
  ["users.yml", ["layout.data_elsewhere"]],
  ["Users.yaml", ["layout.data_elsewhere"]],
  ["users.json", ["layout.data_elsewhere"]],
  ["access/users.yaml", ["layout.data_elsewhere"]],
  ["data/users.yaml", []],
])("the layout with %s has the problems %j", async (file, codes) => {
  await using workspace = await createWorkspace({ [file]: "users:\n  anna:\n" });
  expect((await checkLayout(workspace.policies)).map(({ code }) => code)).toEqual(codes);
});
