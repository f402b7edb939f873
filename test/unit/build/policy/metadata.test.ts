import { expect, it } from "vitest";
import { assemble } from "../../../../build/policy/assembly.ts";
import { checkMetadata } from "../../../../build/policy/metadata.ts";
import { formatProblems } from "../../../../build/policy/problem.ts";
import { createWorkspace } from "../../../../dev/workspace.ts";
import { opaPath } from "../../../support/opa.ts";
import { ORDERS_POLICIES } from "../../../support/orders-policies.ts";

async function problemsOf(policies: Readonly<Record<string, string>>): Promise<readonly string[]> {
  await using workspace = await createWorkspace(policies);
  await using assembly = await assemble(await opaPath(), workspace.policies);
  return formatProblems(await checkMetadata(assembly)).slice(0, -1);
}

const REMEDY = "reviewers read titles, so put the lines `# METADATA` and `# title: …` above it";
const TITLE = "# METADATA\n# title: Something\n";

it("a policy in which everything says what it is has no such problem", async () => {
  expect(await problemsOf(ORDERS_POLICIES)).toEqual([]);
});

it("packages and public rules without a title are named, each once", async () => {
  const grant = '{"roles": {"reader"}, "verbs": {"GET"}, "path": "/a"}';
  expect(
    await problemsOf({
      "access/roles.rego": `${TITLE}package access.roles\n\nreader := {"groups": {"Readers"}}\n`,
      "access/a.rego": `package access.a\n\ngrants["one"] := ${grant}\n\n${TITLE}grants["two"] := ${grant}\n`,
      "access/lib.rego": `${TITLE}package access_lib\n\n_hidden := 1\n\nopen if _hidden == 1\n\nopen if _hidden == 2\n`,
      "access/more.rego": `# METADATA\n# description: No title.\npackage access.more\n\n${TITLE}grants["one"] := ${grant}\n`,
    }),
  ).toEqual([
    `policies/access/a.rego:1: package access.a has no title; ${REMEDY} [title.package]`,
    `policies/access/a.rego:3: grants["one"] has no title; ${REMEDY} [title.rule]`,
    `policies/access/lib.rego:7: open has no title; ${REMEDY} [title.rule]`,
    `policies/access/more.rego:3: package access.more has no title; ${REMEDY} [title.package]`,
    `policies/access/roles.rego:5: reader has no title; ${REMEDY} [title.rule]`,
  ]);
});

it("a title for all definitions of a rule, and for all files of a package, is enough", async () => {
  expect(
    await problemsOf({
      "access/conditions.rego": `${TITLE}package access.conditions\n\n${TITLE}late if input.now_s > 7\n\nlate if input.now_s < 3\n`,
      "access/more_conditions.rego": `package access.conditions\n\n${TITLE}early if input.now_s < 7\n`,
    }),
  ).toEqual([]);
});
