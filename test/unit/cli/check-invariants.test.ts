import { expect, it } from "vitest";
import { command as check } from "../../../cli/check.ts";
import { createWorkspace } from "../../../dev/workspace.ts";

const HOME = {
  "access/roles.rego": `# METADATA
# title: Roles
package access.roles

# METADATA
# title: Customers
customer := {"groups": {"Customers"}}
`,
  "access/home.rego": `# METADATA
# title: Home
package access.home

# METADATA
# title: Everybody reads
grants["read"] := {"roles": {"authenticated"}, "verbs": {"GET"}, "path": "/home"}
`,
};

function given(policies: string) {
  return { flags: { policies }, switches: new Set<string>(), positionals: [] };
}

const toInvariant = (statement: string) => ({
  ...HOME,
  "access/invariants.rego": `# METADATA
# title: Invariants
package access.invariants

# METADATA
# title: Customers stay out
invariants["stay_out"] := ${statement}
`,
});

it.each<[name: string, statement: string, exit: number, line: string]>([
  ["holds", `{"only": {"roles": {"authenticated"}}, "verbs": {"GET"}, "path": "/home"}`, 0, ""],
  [
    "is broken",
    `{"never": {"kinds": {"machine"}}, "verbs": {"GET"}, "path": "/home"}`,
    1,
    `invariants.stay_out ("Customers stay out") is broken: kind machine may GET /home, by home.read (DIR/access/home.rego:7). Witness: {"principal":{"kind":"machine","claims":{}},"request":{"method":"GET","path":"/home"}}. [invariant.broken]`,
  ],
  [
    "is about an unknown role",
    `{"never": {"roles": {"robot"}}, "verbs": {"GET"}, "path": "/home"}`,
    2,
    `invariants.stay_out: there is no role "robot"; there are authenticated, customer [invariant.unknown_role]`,
  ],
  [
    "requires an unknown condition",
    `{"requires": {"fresh"}, "verbs": {"GET"}, "path": "/home"}`,
    2,
    `"requires" names the condition "fresh", and there is none; conditions are rules of package access.conditions [invariant.unknown_condition]`,
  ],
  [
    "holds of nothing",
    `{"never": {"groups": {"Custommers"}}, "verbs": {"PUT"}, "path": "/home"}`,
    0,
    "invariants.stay_out holds of nothing, as far as no role comes by group Custommers, and no grant or public rule is about these requests; correct it if that is a misspelling [invariant.idle]",
  ],
])("an invariant that %s has its exit code and its line", async (_, statement, exit, line) => {
  await using workspace = await createWorkspace(toInvariant(statement));
  const outcome = (await check.run(given(workspace.policies))) as { exit: number; lines: readonly string[] };
  const [first = ""] = outcome.lines;
  const text = first.replaceAll(workspace.policies, "DIR").replace(/^(notice: )?DIR\/access\/invariants\.rego:7: /, "");
  expect([outcome.exit, line === "" ? "" : text]).toEqual([exit, line]);
});

it("the JSON of check has each invariant, with the rules that break it and a witness", async () => {
  await using workspace = await createWorkspace(
    toInvariant(`{"only": {"kinds": {"user"}}, "verbs": {"ANY"}, "path": "/{proxy+}"}`),
  );
  const asJson = { ...given(workspace.policies), flags: { policies: workspace.policies, format: "json" } };
  const { exit, output } = (await check.run(asJson)) as { exit: number; output: string };
  expect(exit).toBe(1);
  expect(JSON.parse(output.replaceAll(workspace.policies, "DIR")).invariants).toEqual([
    {
      name: "stay_out",
      title: "Customers stay out",
      statement: "only",
      file: "DIR/access/invariants.rego",
      line: 7,
      holds: false,
      idle: [],
      roles: {},
      breach: {
        who: [{ role: "authenticated" }],
        verbs: ["GET"],
        path: "/home",
        access: "allow",
        by: [{ name: "home.read", file: "DIR/access/home.rego", line: 7 }],
        witness: {
          input: { principal: { claims: {} }, request: { method: "GET", path: "/home" } },
          assumes: {},
        },
      },
    },
  ]);
});

it("the Markdown of check has all that it says on standard output, with the same exit code", async () => {
  await using workspace = await createWorkspace(
    toInvariant(`{"only": {"kinds": {"user"}}, "verbs": {"ANY"}, "path": "/{proxy+}"}`),
  );
  const asMarkdown = { ...given(workspace.policies), flags: { policies: workspace.policies, format: "md" } };
  const { exit, output, ...others } = (await check.run(asMarkdown)) as { exit: number; output: string };
  expect([exit, Object.hasOwn(others, "lines")]).toEqual([1, false]);
  expect(output).toMatch(/^\*\*.*: the check found something\*\*\n\n```text\n.* is broken: .*\n/);
});
