import { access, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { run, runAuthorizer } from "../support/command-line.ts";
import { opaPath } from "../support/opa.ts";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "rego-authorizer-init-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** Makes a company's repository, with this repository as its `node_modules/rego-authorizer`. */
async function init(name: string, ...args: readonly string[]): Promise<string> {
  const made = await runAuthorizer(root, "init", name, ...args);
  expect(made).toMatchObject({ code: 0, stderr: "" });
  const folder = join(root, name);
  await mkdir(join(folder, "node_modules"));
  await symlink(process.cwd(), join(folder, "node_modules", "rego-authorizer"));
  return folder;
}

/** Lists all files below a folder, without those of packages. */
async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.parentPath.includes("node_modules"))
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

/** Runs the commands of OPA that the README of a company's repository has, in a shell. */
async function runOpaCommands(folder: string): Promise<readonly (readonly [number, string])[]> {
  const readme = await readFile(join(folder, "README.md"), "utf8");
  const commands = [...readme.matchAll(/^opa .*$/gm)].map(([command]) => command);
  const path = `${dirname(await opaPath())}${delimiter}${process.env["PATH"]}`;
  const ran: (readonly [number, string])[] = [];
  for (const command of commands) ran.push([(await run("sh", ["-c", command], folder, path)).code, command]);
  return ran;
}

describe("a company's repository, in a folder with a space and an umlaut in its name", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await init("Zugriff für uns");
  });

  it("has the company's files only", async () => {
    expect(await filesIn(folder)).toEqual([
      ".github/CODEOWNERS",
      ".github/workflows/policies.yml",
      ".gitignore",
      ".regal/config.yaml",
      ".vscode/settings.json",
      "README.md",
      "cdk.json",
      "infra/app.ts",
      "package.json",
      "policies/access.lock",
      "policies/access/conditions.rego",
      "policies/access/documents.rego",
      "policies/access/documents_test.rego",
      "policies/access/invariants.rego",
      "policies/access/roles.rego",
      "policies/users.yaml",
    ]);
  });

  it("depends on this version of the product, and on the CDK that the product is tested with", async () => {
    const [theirs, ours] = await Promise.all(
      [join(folder, "package.json"), "package.json"].map(async (file) => JSON.parse(await readFile(file, "utf8"))),
    );
    expect(theirs).toMatchObject({ name: "zugriff-fur-uns", private: true });
    expect(theirs.dependencies).toEqual({ "rego-authorizer": ours.version });
    const { tsx, ...ofCdk } = theirs.devDependencies;
    const pinned = Object.keys(ofCdk).map((name) => [name, ours.devDependencies[name]]);
    expect([tsx, Object.keys(ofCdk), ofCdk]).toEqual([
      expect.stringMatching(/^\d+\.\d+\.\d+$/),
      ["aws-cdk", "aws-cdk-lib", "constructs"],
      Object.fromEntries(pinned),
    ]);
  });

  it.each([
    ["check", expect.stringMatching(/^policies: 4 grants, no problems; 3 invariants hold\./)],
    ["test", "OPA          13 passed, 0 failed\nWebAssembly  13 passed, 0 failed\n"],
    ["build", expect.stringContaining("with 4 grants")],
  ])("%s finds nothing wrong", async (command, stdout) => {
    expect(await runAuthorizer(folder, command)).toMatchObject({ code: 0, stdout });
  });

  it("works with plain OPA, as its README says, and is formatted", async () => {
    expect(await runOpaCommands(folder)).toEqual([
      [0, expect.stringMatching(/^opa test /)],
      [0, expect.stringMatching(/^opa check --strict --schema /)],
      [0, "opa fmt --write policies"],
    ]);
    expect(await run(await opaPath(), ["fmt", "--list", "policies"], folder)).toMatchObject({ code: 0, stdout: "" });
  });

  it("makes plain OPA find a test that fails, and a misspelt field of the input", async () => {
    const file = join(folder, "policies/access/conditions.rego");
    const text = await readFile(file, "utf8");
    await writeFile(file, text.replace("input.now_s", "input.now"));
    try {
      expect(await runOpaCommands(folder)).toMatchObject([
        [2, expect.anything()],
        [1, expect.anything()],
        [0, expect.anything()],
      ]);
    } finally {
      await writeFile(file, text);
    }
  });

  it("tells the editor's extension of folders that are there", async () => {
    const settings = JSON.parse(await readFile(join(folder, ".vscode/settings.json"), "utf8"));
    const paths = [...settings["opa.roots"], settings["opa.schema"]];
    expect(paths).toHaveLength(3);
    for (const path of paths) await access(path.replace("${workspaceFolder}", folder));
  });

  it("has users whose groups and scopes the roles name", async () => {
    const { users, machines } = parse(await readFile(join(folder, "policies/users.yaml"), "utf8"));
    const roles = await readFile(join(folder, "policies/access/roles.rego"), "utf8");
    const named = [users, machines].flatMap((entries) =>
      Object.values<{ readonly groups?: string[]; readonly scopes?: string[] }>(entries).flatMap(
        ({ groups = [], scopes = [] }) => [...groups, ...scopes],
      ),
    );
    expect([named.length > 2, named.filter((name) => !roles.includes(`"${name}"`))]).toEqual([true, []]);
  });

  it("has no engine of its own, and an altered copy is refused by name", async () => {
    const file = join(folder, "policies/engine/decision.rego");
    await mkdir(dirname(file));
    await writeFile(file, `${await readFile("policies/engine/decision.rego", "utf8")}\n# Ours.\n`);
    try {
      expect(await runAuthorizer(folder, "check")).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/^policies\/engine\/decision\.rego:1: .*\[engine\.altered\]$/m),
      });
    } finally {
      await rm(dirname(file), { recursive: true });
    }
  });
});

/** An API whose paths, operations and summaries are hard to make names of. */
const AWKWARD = `openapi: 3.0.3
paths:
  /: { get: { summary: "Yes" } }
  /{proxy+}: { x-amazon-apigateway-any-method: { summary: 'The rest: "all" of it # here' } }
  /roles: { get: { operationId: list-roles }, post: { operationId: list_roles } }
  /Roles/{id}: { delete: { summary: "Deletes\\n# METADATA\\n# title: a role" } }
  /default/{a}/{b+}: { put: {} }
  /load-test: { get: { summary: "Läuft" } }
  /2fa/.well-known: { patch: {}, options: { security: [] } }
`;

describe("init --openapi", () => {
  let folder: string;
  beforeAll(async () => {
    await writeFile(join(root, "über uns.yaml"), AWKWARD);
    folder = await init("closed", "--openapi", "über uns.yaml");
  });

  it("writes an area and its test for each part of the API, and copies the document", async () => {
    const files = await filesIn(folder);
    expect(files.filter((file) => file.startsWith("policies/access/"))).toEqual(
      [
        ...["area_2fa", "area_default", "area_load_tests", "area_roles", "root"].flatMap((area) => [
          `policies/access/${area}.rego`,
          `policies/access/${area}_test.rego`,
        ]),
        ...["conditions", "invariants", "roles"].map((name) => `policies/access/${name}.rego`),
      ].sort(),
    );
    expect(await readFile(join(folder, "openapi.yaml"), "utf8")).toBe(AWKWARD);
    expect(JSON.parse(await readFile(join(folder, "package.json"), "utf8")).scripts.build).toBe(
      "rego-authorizer build --openapi openapi.yaml",
    );
  });

  it("opens nothing: the tests of all routes pass, and check says which lines to make a grant of", async () => {
    expect(await runAuthorizer(folder, "test")).toMatchObject({
      code: 0,
      stdout: "OPA          8 passed, 0 failed\nWebAssembly  8 passed, 0 failed\n",
    });
    expect(await runAuthorizer(folder, "check")).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^policies\/access\/area_2fa\.rego:11: .* a grant is ready here: .*\[grant\.missing\]$/m,
      ),
    });
    expect((await runOpaCommands(folder)).map(([code]) => code)).toEqual([0, 0, 0]);
    expect(await run(await opaPath(), ["fmt", "--list", "policies"], folder)).toMatchObject({ code: 0, stdout: "" });
  });

  it("writes a grant for each route that is complete but for its role", async () => {
    const areas = (await filesIn(folder)).filter((file) =>
      /^policies\/access\/(area_|root).*(?<!_test)\.rego$/.test(file),
    );
    const decide = async (role: string) => {
      for (const file of areas) {
        const text = await readFile(join(folder, file), "utf8");
        const opened = text.replaceAll(/^# (?=(# METADATA|# title|grants\[|\t|\}))(?!title: )/gm, "");
        await writeFile(join(folder, file), opened.replaceAll('"choose_a_role"', `"${role}"`));
      }
    };
    await decide("choose_a_role");
    const undecided = await runAuthorizer(folder, "check");
    expect(undecided.code).toBe(1);
    expect(undecided.stderr.match(/there is no role "choose_a_role".*\[role\.unknown\]$/gm)).toHaveLength(8);

    await decide("member");
    expect(await runAuthorizer(folder, "opa", "fmt", "--write", "policies/access")).toMatchObject({ code: 0 });
    expect(await runAuthorizer(folder, "check")).toMatchObject({
      code: 0,
      stdout: "policies: 8 grants, no problems\n",
    });
    expect(await runAuthorizer(folder, "build", "--openapi", "openapi.yaml")).toMatchObject({ code: 0 });
    expect((await runAuthorizer(folder, "test")).stdout).toContain("OPA          0 passed, 8 failed\n");
  });
});

describe("init writes nothing", () => {
  const before = () => filesIn(root);

  it("into a folder that is not empty, and names what is there", async () => {
    await mkdir(join(root, "full/.git"), { recursive: true });
    await writeFile(join(root, "full/notes.txt"), "");
    const files = await before();
    expect(await runAuthorizer(root, "init", "full")).toEqual({
      code: 2,
      stdout: "",
      stderr: "full is not empty: it has notes.txt; name a new folder, or an empty one. Nothing was written\n",
    });
    expect(await before()).toEqual(files);
    // An empty folder is taken, and so is one in which only Git has been.
    await rm(join(root, "full/notes.txt"));
    expect(await runAuthorizer(root, "init", "full")).toMatchObject({ code: 0 });
    expect(await readdir(join(root, "full"))).toEqual(expect.arrayContaining([".git", "README.md", "policies"]));
  });

  it.each([
    ["a file", "file"],
    ["a folder below a file", "file/below/it"],
    ["a folder that the system does not let anybody make", "/proc/below"],
  ])("if the folder is %s", async (_, folder) => {
    await writeFile(join(root, "file"), "");
    const files = await before();
    const { code, stdout, stderr } = await runAuthorizer(root, "init", folder);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(
      new RegExp(`^${folder} can't be written: .*; name another folder\\. Nothing was written\n$`),
    );
    expect(await before()).toEqual(files);
  });

  it.each([
    ["is not there", "nowhere.yaml", undefined, /^nowhere\.yaml: can't be read\n/],
    [
      "does not parse",
      "bad.yaml",
      "openapi: 3.0.3\npaths:\n  /a: {\n",
      /^bad\.yaml: is neither JSON nor YAML: .* line 4/,
    ],
    ["is another document", "other.yaml", "a: b\n", /^other\.yaml: is not an OpenAPI document/],
    [
      "has paths that no grant can name",
      "paths.yaml",
      JSON.stringify({
        openapi: "3.0.3",
        paths: { "/:a": { get: {} }, "/a/{x}/{x}": { get: {} }, "/b:c": { get: {} } },
      }),
      /^paths\.yaml: \/:a: no grant can name this path.*\npaths\.yaml: \/a\/\{x\}\/\{x\}: no grant .*\nnothing was written\n$/,
    ],
  ])("if the OpenAPI document %s", async (_, file, text, message) => {
    if (text !== undefined) await writeFile(join(root, file), text);
    const files = await before();
    const { code, stdout, stderr } = await runAuthorizer(root, "init", "new", "--openapi", file);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(message);
    expect(await before()).toEqual(files);
  });

  it.each([[], ["a", "b"], [""]])("if the folder is not named once: %j", async (...args) => {
    const { code, stderr } = await runAuthorizer(root, "init", ...args);
    expect([code, stderr.startsWith("name one folder\nrego-authorizer init DIR")]).toEqual([2, true]);
  });
});
