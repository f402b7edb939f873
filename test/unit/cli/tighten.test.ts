import { execFileSync } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEvaluator } from "../../../authorizer/policy/evaluator.ts";
import { compileShipped } from "../../../build/package/compile.ts";
import { readPolicy } from "../../../build/policy/read-policy.ts";
import { readArguments } from "../../../cli/command.ts";
import { command as diff } from "../../../cli/diff.ts";
import { command as tighten } from "../../../cli/tighten.ts";
import { createWorkspace, type Workspace } from "../../../dev/workspace.ts";
import { compileUsed } from "../../../tighten/compile-used.ts";
import { runAuthorizer } from "../../support/command-line.ts";
import { createLogger, type LoggedRequest } from "../../support/decision-lines.ts";
import { opaPath } from "../../support/opa.ts";

const POLICIES = {
  "access/roles.rego": `package access.roles

support := {"groups": {"Support"}}

auditor := {"groups": {"Auditors"}}
`,
  "access/orders.rego": `# METADATA
# title: Orders
package access.orders

# METADATA
# title: Orders are read
grants["read"] := {
	"roles": {"support", "auditor"},
	"verbs": {"GET"},
	"path": "/orders/{order_id}",
}
`,
};

const requestOf = (group: string): LoggedRequest => {
  return { claims: { "cognito:groups": [group] }, method: "GET", path: "/orders/7" };
};

let workspace: Workspace;
let log: ReturnType<typeof createLogger>;

beforeAll(async () => {
  workspace = await createWorkspace(POLICIES);
  const read = await readPolicy(await opaPath(), workspace.policies);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  await using policy = read.value;
  const [revision = ""] = (await compileUsed(policy, undefined)).revisions;
  log = createLogger(
    createEvaluator(await compileShipped(policy), Uint8Array.from(Buffer.from(policy.data)).buffer),
    revision,
  );
  const half = gzipSync(Array.from({ length: 200 }, (_, at) => log(requestOf("Support"), at)).join("")).subarray(
    0,
    900,
  );
  const files: Readonly<Record<string, string | Uint8Array>> = {
    "support.log.gz": gzipSync(log(requestOf("Support"))),
    "all.log": log(requestOf("Support")) + log(requestOf("Auditors"), 1),
    "half.log": `${log(requestOf("Support"))}{"cut off\nSTART RequestId: 7\n`,
    "cut.log.gz": half,
    "tokens.log": log(requestOf("Support"), 0, {
      path: "engine/entitlements",
      result: { grants: ["orders.read"], denials: [] },
    }),
  };
  await mkdir(join(workspace.root, "logs"));
  for (const [name, text] of Object.entries(files)) await writeFile(join(workspace.root, "logs", name), text);
});

afterAll(() => workspace[Symbol.asyncDispose]());

async function run(file: string, ...more: readonly string[]) {
  const named = file === "" ? [] : ["--log", join(workspace.root, "logs", file)];
  const given = readArguments(tighten, [...named, "--policies", workspace.policies, ...more]);
  const outcome = "kind" in given ? given : await tighten.run(given);
  if (outcome.kind === "running") throw new Error("the command ends");
  if (outcome.kind === "misused") return { exit: 2, output: "", lines: outcome.lines };
  return { exit: outcome.exit, output: outcome.output ?? "", lines: outcome.lines ?? [] };
}

describe("rego-authorizer tighten", () => {
  it.each<[format: string, shows: RegExp]>([
    ["text", /drop the role auditor/],
    ["json", /^\{.*"change":"drop the role auditor.*\}\n$/],
  ])("proposes what a packed log does not use, as %s, and exits with 1", async (format, shows) => {
    const { exit, output } = await run("support.log.gz", "--format", format);
    expect([exit, output]).toEqual([1, expect.stringMatching(shows)]);
  });

  it("exits with 0 if each grant, role and verb is used", async () => {
    expect(await run("all.log")).toMatchObject({ exit: 0 });
  });

  it("counts and shows the lines that it can't read", async () => {
    const { exit, output } = await run("half.log", "--format", "json");
    expect([exit, JSON.stringify(JSON.parse(output))]).toEqual([1, expect.stringMatching(/line\.not_json.*2/)]);
  });

  it("gives one patch that git applies, and after which nobody gains", async () => {
    const { root } = workspace;
    const git = (...args: readonly string[]) =>
      execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.com", ...args], { cwd: root });
    git("init", "--quiet");
    git("add", "policies");
    git("commit", "--quiet", "--message", "Before");
    const { code, stdout } = await runAuthorizer(root, "tighten", "--log", "logs/support.log.gz", "--format", "patch");
    const { together } = JSON.parse(
      (await runAuthorizer(root, "tighten", "--log", "logs/support.log.gz", "--format", "json")).stdout,
    );
    await writeFile(join(root, "all.patch"), stdout);
    git("apply", "all.patch");
    const compared = await diff.run({
      flags: { policies: workspace.policies, format: "json" },
      switches: new Set(),
      positionals: ["HEAD"],
    });
    git("checkout", "--quiet", "policies");
    const { summary, changes } = JSON.parse((compared.kind === "done" && compared.output) || "null");
    expect([code, summary]).toEqual([1, { gains: 0, losses: 1, conditions: 0, guards: 0, public: 0 }]);
    // What the proposals take away is written as diff writes it.
    const { witness: _, test: __, ...loss } = changes[0];
    expect(together.losses).toEqual([loss]);
  });

  it.each<[where: string, from: string, isRepository: boolean, command: string]>([
    ["the root of their repository", "company", true, "git apply"],
    ["a folder of their repository", "company/tools", true, "git -C .. apply"],
    ["another repository", "other", true, "git -C '../company' apply"],
    ["a folder, if they are in no repository", "company", false, "git -C policies apply"],
    ["another folder, if they are in no repository", "other", false, "git -C '../company'/policies apply"],
  ])("says how to apply the patch from %s", async (_, from, isRepository, command) => {
    // A name that the shell would take apart.
    const company = "a company's";
    const place = await mkdtemp(join(tmpdir(), "rego-authorizer-place-"));
    const folderOf = (name: string) =>
      join(
        place,
        name.replace("company", () => company),
      );
    const env = { ...process.env, GIT_CEILING_DIRECTORIES: tmpdir() };
    await cp(workspace.policies, join(folderOf("company"), "policies"), { recursive: true });
    for (const name of ["company/tools", "other"]) await mkdir(folderOf(name), { recursive: true });
    const repositories = isRepository ? ["company", "other"] : [];
    for (const name of repositories) execFileSync("git", ["init", "--quiet"], { cwd: folderOf(name), env });
    const policies = relative(folderOf(from), join(folderOf("company"), "policies"));
    const args = ["--policies", policies, "--log", join(workspace.root, "logs", "support.log.gz"), "--format", "patch"];
    const { stdout, stderr } = await runAuthorizer(folderOf(from), "tighten", ...args);
    const [, said = "git apply"] = /; apply them with (.*)$/m.exec(stderr) ?? [];
    execFileSync("sh", ["-c", said], { cwd: folderOf(from), env, input: stdout });
    const patched = await readFile(join(folderOf("company"), "policies", "access", "orders.rego"), "utf8");
    await rm(place, { recursive: true });
    const quoted = (path: string) => `'${path.replace("company", company).replaceAll("'", "'\\''")}'`;
    const expected = command.replace(/'(.*)'(\S*)/, (_all, path: string, rest: string) => quoted(`${path}${rest}`));
    expect([said, patched]).toEqual([
      expected,
      POLICIES["access/orders.rego"].replace('{"support", "auditor"}', '{"support"}'),
    ]);
  });

  it.each<[name: string, file: string, line: RegExp]>([
    ["no log", "", /^name the files of the decision log with --log FILE/],
    ["a log that is not there", "none.log", /none\.log/],
    ["a packed log that is cut off", "cut.log.gz", /cut\.log\.gz can't be read to its end \(.*\); fetch it again$/],
    ["a log of per-token policy documents", "tokens.log", /is of a per-token policy document/],
  ])("proposes nothing for %s: one line says why, and the exit code is 2", async (_, file, line) => {
    const { exit, output, lines } = await run(file);
    expect([exit, output, lines[0]]).toEqual([2, "", expect.stringMatching(line)]);
  });
});
