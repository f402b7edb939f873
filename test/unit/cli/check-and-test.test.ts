import { existsSync } from "node:fs";
import { cp } from "node:fs/promises";
import { join, relative } from "node:path";
import { expect, it } from "vitest";
import { command as check } from "../../../cli/check.ts";
import { command as lock } from "../../../cli/lock.ts";
import { command as test } from "../../../cli/test.ts";
import { createWorkspace } from "../../../dev/workspace.ts";
import { ORDERS_FOLDER } from "../../support/orders-policies.ts";

const UNTITLED = {
  "access/home.rego": `# METADATA
# title: Home
package access.home

grants["read"] := {"roles": {"authenticated"}, "verbs": {"GET"}, "path": "/home"}
`,
  "access/home_test.rego": `package access_test.home

import data.engine
import data.engine.testing

test_home_is_read if {
	engine.decision.effect == "allow" with input as testing.input_for({"path": "/home"})
}
`,
};

function given(policies: string) {
  return { flags: { policies }, switches: new Set<string>(), positionals: [] };
}

it("a valid policy has no problems, and its tests pass in both engines", async () => {
  expect(await check.run(given(ORDERS_FOLDER))).toMatchObject({
    exit: 0,
    output: `${ORDERS_FOLDER}: 10 grants, no problems\n`,
  });
  expect(await test.run(given(ORDERS_FOLDER))).toEqual({
    kind: "done",
    exit: 0,
    output: "OPA          33 passed, 0 failed\nWebAssembly  33 passed, 0 failed\n",
  });
});

it.each(["policies", "policies/", "./policies", "."])(
  "the folder can be written %s, also with the engine in it",
  async (folder) => {
    await using workspace = await createWorkspace({ "access/home.rego": UNTITLED["access/home.rego"] });
    await cp("policies/engine", join(workspace.policies, "engine"), { recursive: true });
    const from = folder === "." ? workspace.policies : workspace.root;
    const { exit, lines } = (await check.run(given(`${relative(process.cwd(), from)}/${folder}`))) as {
      exit: number;
      lines: readonly string[];
    };
    expect([exit, lines]).toEqual([
      1,
      [expect.stringMatching(/policies\/access\/home\.rego:5: .* \[title\.rule\]$/), expect.anything()],
    ]);
    const [, named] = /^(.*)\/access/.exec(lines[0] ?? "") ?? [];
    expect(named).toBe(relative(process.cwd(), workspace.policies));
  },
);

it("both commands find a rule without a title, in the given folder", async () => {
  await using workspace = await createWorkspace(UNTITLED);
  const line =
    `${workspace.policies}/access/home.rego:5: grants["read"] has no title; ` +
    "reviewers read titles, so put the lines `# METADATA` and `# title: …` above it [title.rule]";
  const closing = "docs/problems.md explains each code, with an example";
  expect(await check.run(given(workspace.policies))).toEqual({ kind: "done", exit: 1, lines: [line, closing] });
  expect(await test.run(given(workspace.policies))).toEqual({
    kind: "done",
    exit: 1,
    output: `${line}\n${closing}\nOPA          1 passed, 0 failed\nWebAssembly  1 passed, 0 failed\n`,
  });
});

it("a failed test is reported with its decision", async () => {
  await using workspace = await createWorkspace({
    ...UNTITLED,
    "access/home.rego": UNTITLED["access/home.rego"].replace("grants", "# METADATA\n# title: Home is read\ngrants"),
    "access/home_test.rego": UNTITLED["access/home_test.rego"].replace('"/home"', '"/office"'),
  });
  expect(await test.run(given(workspace.policies))).toMatchObject({
    exit: 1,
    output: [
      `FAILED access_test.home.test_home_is_read — expected allow, decided deny: grant.none (${workspace.policies}/access/home_test.rego:6)`,
      "OPA          0 passed, 1 failed",
      "WebAssembly  0 passed, 1 failed",
      "",
    ].join("\n"),
  });
});

const API = `openapi: 3.0.3
paths:
  /home:
    get: {}
  /office:
    get: {}
`;

const OPEN = `# METADATA
# title: What is open to everybody
package access.open

# METADATA
# title: Everybody finds the office
public["office"] := {"verbs": {"GET"}, "path": "/office", "api": {"home"}}
`;

function withDocuments(policies: string, ...openapi: readonly string[]) {
  return { ...given(policies), lists: { openapi } };
}

it("check prints problems as one JSON document", async () => {
  await using workspace = await createWorkspace(UNTITLED);
  const checked = await check.run({
    flags: { policies: workspace.policies, format: "json" },
    switches: new Set(),
    positionals: [],
  });
  expect(checked).toMatchObject({ kind: "done", exit: 1 });
  const { output } = checked as { output: string };
  expect(JSON.parse(output)).toEqual({
    problems: expect.arrayContaining([
      {
        code: "title.rule",
        file: `${workspace.policies}/access/home.rego`,
        line: expect.any(Number),
        message: expect.any(String),
      },
    ]),
    notices: [],
  });
});

it("check compares the policy with the routes of one document or several", async () => {
  const titled = UNTITLED["access/home.rego"].replace("grants", "# METADATA\n# title: Home is read\ngrants");
  const more = titled.replaceAll("/home", "/reports").replaceAll("home", "reports");
  await using workspace = await createWorkspace({
    "access/home.rego": titled,
    "access/reports.rego": more,
    "../api.yaml": API,
    "../reports.yaml": API.replace("/home", "/reports").replace("/office", "/reports/{id}"),
  });
  const [api, reports] = ["api.yaml", "reports.yaml"].map((name) => join(workspace.root, name));
  const closing = "docs/problems.md explains each code, with an example";
  const withoutLock = expect.stringMatching(/access\.lock does not exist; rego-authorizer lock --policies/);
  expect(await check.run(withDocuments(workspace.policies, api ?? ""))).toEqual({
    kind: "done",
    exit: 1,
    lines: [
      expect.stringMatching(/access\/reports\.rego:7: reports\.read: no route of .*\[rule\.no_route\]$/),
      closing,
    ],
  });
  expect(await check.run(withDocuments(workspace.policies, `home=${api}`, `reports=${reports}`))).toEqual({
    kind: "done",
    exit: 0,
    output: `${workspace.policies}: 2 grants, no problems\n`,
    lines: [
      `notice: ${api}:6: no grant names GET /office of home, so nobody can call it [route.no_grant]`,
      `notice: ${reports}:6: no grant names GET /reports/{id} of reports, so nobody can call it [route.no_grant]`,
      closing,
      withoutLock,
    ],
  });
  expect(await check.run(withDocuments(workspace.policies, api ?? "", reports ?? ""))).toMatchObject({
    kind: "misused",
    lines: [expect.stringMatching(/^with several documents, each --openapi must name its API/)],
  });
  expect(await check.run(withDocuments(workspace.policies, `${api}.missing`))).toMatchObject({ exit: 2 });
  await workspace.write({ "access/open.rego": OPEN });
  expect(await check.run(withDocuments(workspace.policies, `home=${api}`, `reports=${reports}`))).toMatchObject({
    output: `${workspace.policies}: 2 grants, 1 public rule, no problems\n`,
    lines: [expect.stringContaining("no grant names GET /reports/{id} of reports"), closing, withoutLock],
  });
});

const HOME = {
  "access/home.rego": UNTITLED["access/home.rego"].replace("grants", "# METADATA\n# title: Home is read\ngrants"),
  "access/home_test.rego": UNTITLED["access/home_test.rego"],
};

function mutating(policies: string, format: string) {
  return { flags: { policies, format }, switches: new Set(["mutate"]), positionals: [] };
}

it("mutants that no test notices are listed with a case, as one JSON document", async () => {
  await using workspace = await createWorkspace(HOME);
  const outcome = await test.run(mutating(workspace.policies, "json"));
  expect(outcome).toMatchObject({ kind: "done", exit: 1, lines: [] });
  const report = JSON.parse((outcome as { output: string }).output);
  expect(report).toEqual({
    mutants: 7,
    noticed: 0,
    survivors: [
      ...["DELETE", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"].map((verb) => ({
        rule: "home.read",
        change: `opened to the verb ${verb}`,
        location: `${workspace.policies}/access/home.rego:7`,
        case: `"home.read does not allow ${verb}": {"method": "${verb}", "path": "/home", "effect": "deny"},`,
      })),
      {
        rule: "home.read",
        change: "opened to the path /{any0}",
        location: `${workspace.policies}/access/home.rego:7`,
        case: '"home.read is not for /{any0}": {"path": "/7", "effect": "deny"},',
      },
    ],
  });
});

it("a file that is not formatted is reported", async () => {
  await using workspace = await createWorkspace({
    ...HOME,
    "access/home_test.rego": HOME["access/home_test.rego"].replace("\tengine", "  engine"),
  });
  expect(await test.run(given(workspace.policies))).toEqual({
    kind: "done",
    exit: 1,
    output: expect.stringMatching(
      /access\/home_test\.rego:1: opa fmt would write .* \[format\.differs\]\n.*\nOPA {10}1 passed, 0 failed\nWebAssembly {2}1 passed, 0 failed\n$/,
    ),
  });
});

it("no mutant is tried while a test fails", async () => {
  await using workspace = await createWorkspace({
    ...HOME,
    "access/home_test.rego": HOME["access/home_test.rego"].replace('"/home"', '"/office"'),
  });
  const outcome = await test.run(mutating(workspace.policies, "json"));
  expect(outcome).toMatchObject({ kind: "done", exit: 1 });
  expect((outcome as { lines: readonly string[] }).lines.at(-1)).toBe("mutants are tried when all tests pass");
  expect(outcome).not.toHaveProperty("output");
});

it("no lock is written or compared of a policy with problems", async () => {
  await using workspace = await createWorkspace({ "access/home.rego": `${UNTITLED["access/home.rego"]}}` });
  const { policies } = workspace;
  for (const switches of [new Set<string>(), new Set(["check"])]) {
    expect(await lock.run({ ...given(policies), switches })).toMatchObject({
      exit: 2,
      lines: [expect.stringMatching(/home\.rego:6: .* \[opa\.parse\]$/), expect.anything()],
    });
  }
  expect(existsSync(join(policies, "access.lock"))).toBe(false);
});

it("a lock is written, compared, and stale as soon as somebody may do something else", async () => {
  await using workspace = await createWorkspace(HOME);
  const { policies } = workspace;
  const checked = { ...given(policies), switches: new Set(["check"]) };
  expect(await lock.run(checked)).toMatchObject({ exit: 1, lines: [expect.stringContaining("does not exist")] });
  expect(await lock.run(given(policies))).toMatchObject({ exit: 0, output: `${policies}/access.lock: 1 line\n` });
  expect(await lock.run(given(policies))).toMatchObject({ output: `${policies}/access.lock: 1 line, as before\n` });
  expect(await lock.run(checked)).toMatchObject({ exit: 0, output: `${policies}/access.lock is current\n` });
  expect(await check.run(given(policies))).toMatchObject({ exit: 0, lines: [] });
  await workspace.write({ "access/home.rego": HOME["access/home.rego"].replace('"GET"', '"GET", "POST"') });
  const stale = [
    `${policies}/access.lock is stale: it does not have the access that the policy gives; run rego-authorizer lock --policies ${policies}, and review its diff`,
    "  - allow | authenticated | GET | /home",
    "  + allow | authenticated | GET,POST | /home",
  ];
  expect(await lock.run(checked)).toMatchObject({ exit: 1, lines: stale });
  const [added, removed] = [["allow | authenticated | GET,POST | /home"], ["allow | authenticated | GET | /home"]];
  const ofJson = await lock.run({ ...checked, flags: { policies, format: "json" } });
  expect(ofJson).toMatchObject({ exit: 1, output: `${JSON.stringify({ lock: "stale", removed, added })}\n` });
  const ofMarkdown = await lock.run({ ...checked, flags: { policies, format: "md" } });
  expect(ofMarkdown).toMatchObject({
    exit: 1,
    output: expect.stringMatching(/^\*\*.* is stale: .*```text\n {2}- allow/s),
  });
  expect(await check.run(given(policies))).toMatchObject({ exit: 1, lines: stale });
  expect(await test.run(given(policies))).toMatchObject({ exit: 1, output: expect.stringContaining(stale.join("\n")) });
});
