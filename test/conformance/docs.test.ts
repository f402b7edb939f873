import { readdir, readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { assemble } from "../../build/policy/assembly.ts";
import { IN_CONDITIONS } from "../../build/policy/builtins.ts";
import { isProblemCode, PROBLEM_CODES } from "../../contract/problem-codes.ts";
import { KIND_OF_CODE, POLICY_REASONS } from "../../contract/reason-codes.ts";
import { buildIn, createWorkspace } from "../../dev/workspace.ts";
import { FINDING_KINDS } from "../../gate/finding.ts";
import { opaPath } from "../support/opa.ts";
import { ORDERS_POLICIES } from "../support/orders-policies.ts";

const text = await readFile("docs/policy-language.md", "utf8");
const STATUS = { deny: "403", refuse: "401", fault: "500" };

/** Reads the codes in the first column of a section's table, with the last column. */
function tableOf(section: string): readonly (readonly [string, string])[] {
  const body = text.slice(text.indexOf(`## ${section}`)).split("\n## ")[0] ?? "";
  const rows = body.split("\n").filter((line) => line.startsWith("| `"));
  return rows.flatMap((row) => {
    const cells = row.split("|").map((cell) => cell.trim());
    return [...(cells[1] ?? "").matchAll(/`([^`]+)`/g)].map(([, code]) => [code ?? "", cells.at(-2) ?? ""] as const);
  });
}

it("the table of reasons has every reason, with what is answered", () => {
  const ofTheAuthorizer = Object.entries(KIND_OF_CODE).map(([code, kind]) => [code, STATUS[kind]]);
  const expected = [...POLICY_REASONS.map((code) => [code, "403"]), ...ofTheAuthorizer];
  expect([...tableOf("Reasons")].sort()).toEqual(expected.sort());
});

it("the page of reasons has a section for every reason, under the heading of its kind", async () => {
  const page = await readFile("docs/reasons.md", "utf8");
  const headings = { deny: "Denials before the policy", refuse: "Refusals", fault: "Faults" };
  const sections = page.split("\n## ").flatMap((chapter) => {
    const title = chapter.slice(0, chapter.indexOf("\n"));
    return chapter
      .split("\n### ")
      .slice(1)
      .map((section) => {
        const [heading = "", ...body] = section.split("\n");
        return [heading.replaceAll("`", ""), title, body.join(" ").trim().length > 60];
      });
  });
  const expected = [
    ...POLICY_REASONS.map((code) => [code, "Denials by the policy", true]),
    ...Object.entries(KIND_OF_CODE).map(([code, kind]) => [code, headings[kind], true]),
  ];
  expect(sections.sort()).toEqual(expected.sort());
});

it("the page of problems has a section for every code, which links can target", async () => {
  const page = await readFile("docs/problems.md", "utf8");
  const sections = [...page.matchAll(/^<a id="([^"]+)"><\/a>\n\n### `([^`]+)`$/gm)];
  expect(sections.map(([, , heading]) => heading).sort()).toEqual(Object.keys(PROBLEM_CODES).sort());
  expect(sections.map(([, anchor]) => anchor)).toEqual(sections.map(([, , heading]) => heading));
  const inContents = [...page.matchAll(/\[`([^`]+)`\]\(#([^)]+)\)/g)];
  expect(inContents.map(([, code]) => code)).toEqual(sections.map(([, , heading]) => heading));
  expect(inContents.map(([, , anchor]) => anchor)).toEqual(sections.map(([, anchor]) => anchor));
});

it("links to a problem code lead to its section", () => {
  const linked = [...text.matchAll(/\(problems\.md#([^)]+)\)/g)].map(([, anchor]) => anchor ?? "");
  expect(linked.length).toBeGreaterThan(2);
  expect(linked.filter((anchor) => !isProblemCode(anchor))).toEqual([]);
});

it("the engine gives the reasons of a policy, and no others", async () => {
  const files = ["decision.rego", "outcomes.rego"].map((name) => readFile(`policies/engine/${name}`, "utf8"));
  const rego = (await Promise.all(files)).join("\n");
  const given = [
    ...rego.matchAll(
      /_outcome\([^)]*\) := "([\w.]+)"|\[name, "([\w.]+)"\]|\{"([\w.]+)" \||"reasons": sort\(\{"(\w+)"\}/g,
    ),
  ];
  const outcomes = new Set(given.map(([, ...groups]) => groups.find((name) => name !== undefined)));
  // What becomes of a grant or denial that does not deny.
  for (const other of ["granted", "lifted"]) outcomes.delete(other);
  expect([...outcomes].sort()).toEqual([...POLICY_REASONS].sort());
});

it("the list of functions is that of the build, which counts operators too", () => {
  const section = text.slice(text.indexOf("### Functions")).split("\n## ")[0] ?? "";
  const listed = [...section.slice(section.indexOf("\n- ")).matchAll(/`([^`]+)`/g)].map(([, name]) => name);
  const operators = "assign div equal gt gte internal.member_2 internal.member_3 lt lte minus mul plus rem".split(" ");
  const functions = [...IN_CONDITIONS.keys()].filter((name) => !operators.includes(name));
  expect(listed.sort()).toEqual(functions.sort());
});

it("the tests that SECURITY.md names exist", async () => {
  const security = await readFile("SECURITY.md", "utf8");
  const named = [...security.matchAll(/`((?:[\w-]+\/)*[\w.-]+(?:\.test\.ts|_test\.rego|\/))`/g)].map(
    ([, name]) => name ?? "",
  );
  const files = (await readdir(".", { recursive: true })).filter((file) => !file.startsWith("node_modules"));
  expect(named.length).toBeGreaterThan(20);
  const isThere = (name: string) =>
    files.some((file) => `/${file}${name.endsWith("/") ? "/" : ""}`.endsWith(`/${name}`));
  expect(named.filter((name) => !isThere(name))).toEqual([]);
});

/** Extracts the Rego examples of a page, in order. */
function examplesOf(page: string): readonly string[] {
  return [...page.matchAll(/```rego\n(.*?)```/gs)].map(([, example]) => example ?? "");
}

it("the examples of the policy language build", async () => {
  const [grant, denial, , exception, roles, tokenUse, conditions] = examplesOf(text);
  const basket =
    'grants["basket"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/baskets/{basket_id}", "when": {"own_basket", "of_this_tenant"}}';
  const project =
    'grants["project"] := {"roles": {"customer"}, "verbs": {"PUT"}, "path": "/projects/{project_id}", "when": {"on_the_project", "in_reach", "in_working_hours"}}';
  await using workspace = await createWorkspace({
    "access/roles.rego": `${tokenUse}\ncustomer := {"groups": {"Customers"}}\n\n${roles}`,
    "access/conditions.rego": conditions ?? "",
    "access/everywhere.rego": `package access.everywhere\n\n${exception}`,
    "access/orders.rego": ["package access.orders", grant, denial, basket, project, ""].join("\n\n"),
  });
  const built = await buildIn(workspace.root);
  expect(built).toMatchObject({ ok: true });
});

it("the grant that the README adds builds, and passes its test", async () => {
  const [grant, cases] = examplesOf(await readFile("README.md", "utf8"));
  const { "access/orders.rego": orders, "access/orders_test.rego": tests = "" } = ORDERS_POLICIES;
  await using workspace = await createWorkspace({
    ...ORDERS_POLICIES,
    "access/orders.rego": `${orders}\n${grant}`,
    "access/orders_test.rego": tests.replace("some name, case in {\n", `$&${cases}`),
  });
  expect(await buildIn(workspace.root)).toMatchObject({ ok: true });
  await using assembly = await assemble(await opaPath(), workspace.policies);
  expect(await assembly.opa("test", "--timeout", "120s", "--run", "access_test.orders", "policies")).toMatchObject({
    succeeded: true,
    stdout: "PASS: 17/17\n",
  });
  expect(await assembly.opa("fmt", "--list", "--fail", "policies/access")).toMatchObject({ succeeded: true });
});

it("the example test of the policy language passes", async () => {
  const example = examplesOf(text).find((one) => one.includes("package access_test."));
  await using workspace = await createWorkspace({ ...ORDERS_POLICIES, "access/example_test.rego": example ?? "" });
  await using assembly = await assemble(await opaPath(), workspace.policies);
  expect(await assembly.opa("test", "--timeout", "120s", "policies/engine", "policies/access")).toMatchObject({
    succeeded: true,
  });
  expect(await assembly.opa("fmt", "--list", "--fail", "policies/access")).toMatchObject({ succeeded: true });
});

it("every field of the input can be set in a Rego test, and is in the table of its keys", async () => {
  const { properties } = JSON.parse(await readFile("policies/schemas/input.json", "utf8"));
  const fields = [properties.principal, properties.request].flatMap((part) => Object.keys(part.properties));
  const keys = tableOf("Tests").map(([key]) => key);
  expect(keys.sort()).toEqual([...fields, "calendar", "now_s", "groups", "scopes", "who"].sort());
});

it("the page of check-template lists every kind of finding, and whether it can be accepted", async () => {
  const page = await readFile("docs/check-template.md", "utf8");
  const rows = [...page.matchAll(/^\| `([\w.]+)` \| (.*) \| (yes|no) \|$/gm)].map(([, ...cells]) => cells);
  const kinds = Object.entries(FINDING_KINDS);
  expect(rows).toEqual(kinds.map(([code, { title, isAcceptable }]) => [code, title, isAcceptable ? "yes" : "no"]));
});
