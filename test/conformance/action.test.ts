import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";

interface Step {
  readonly name: string;
  readonly id?: string;
  readonly shell?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
}

const ROOT = join(import.meta.dirname, "..", "..");
const TEXT = await readFile(join(ROOT, "action.yml"), "utf8");
const ACTION = parse(TEXT) as { readonly runs: { readonly using: string; readonly steps: readonly Step[] } };
const [COMPARE, COMMENT, FAIL] = ACTION.runs.steps;
const DOCS = await readFile(join(ROOT, "docs", "pull-requests.md"), "utf8");

const MARK = "<!-- rego-authorizer pull-request policies -->";
const REVIEW = `${MARK}\n### Access: 1 gain\n`;

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "rego-authorizer-action-"));
  await mkdir(join(folder, "bin"));
});

afterEach(() => rm(folder, { recursive: true }));

interface Ran {
  readonly exit: number;
  readonly text: string;
  readonly output: string;
  readonly summary: string;
}

/** Runs the script of a step as a runner does. */
async function run(step: Step | undefined, env: Readonly<Record<string, string>>): Promise<Ran> {
  const [output, summary] = [join(folder, "output"), join(folder, "summary")];
  await Promise.all([writeFile(output, ""), writeFile(summary, "")]);
  const files = { GITHUB_OUTPUT: output, GITHUB_STEP_SUMMARY: summary, RUNNER_TEMP: folder, HOME: folder };
  const path = `${join(folder, "bin")}:${process.env["PATH"] ?? ""}`;
  const args = ["--noprofile", "--norc", "-eo", "pipefail", "-c", step?.run ?? "exit 99"];
  const [exit, text] = await new Promise<readonly [number, string]>((settle) => {
    execFile("bash", args, { cwd: folder, env: { PATH: path, ...files, ...env } }, (error, stdout, stderr) =>
      settle([error === null ? 0 : Number(error.code), `${stdout}${stderr}`]),
    );
  });
  return { exit, text, output: await readFile(output, "utf8"), summary: await readFile(summary, "utf8") };
}

async function addProgram(name: string, script: string): Promise<void> {
  await writeFile(join(folder, "bin", name), `#!/bin/sh\n${script}\n`);
  await chmod(join(folder, "bin", name), 0o755);
}

describe("action.yml", () => {
  it("uses no other action, and puts no value into a script", () => {
    const { steps, using } = ACTION.runs;
    expect([using, steps.filter(({ uses }) => uses !== undefined)]).toEqual(["composite", []]);
    expect(steps.filter(({ run: script, shell }) => script?.includes("${{") !== false || shell !== "bash")).toEqual([]);
    // What the scripts read comes from the environment of their step, or from the runner.
    expect(Object.keys({ ...COMPARE?.env, ...COMMENT?.env, ...FAIL?.env }).sort()).toEqual(
      ["ACTION", "BASE", "CODE", "EVENT", "OPENAPI", "POLICIES", "PULL_REQUEST", "TOKEN"].sort(),
    );
  });

  it("is documented with the least permissions, and with actions that are pinned by a commit", () => {
    const [, workflow = ""] = /```yaml\n(name: Access[\s\S]*?)```/.exec(DOCS) ?? [];
    const { permissions, on } = parse(workflow) as { permissions: unknown; on: unknown };
    expect(permissions).toEqual({ contents: "read", "pull-requests": "write" });
    expect(on).toEqual({ pull_request: null });
    const used = [...workflow.matchAll(/\buses:(.*)$/gm)].map(([, action]) => action ?? "");
    expect(used.length).toBeGreaterThan(2);
    expect(used.filter((action) => !/^ [\w./<>-]+@([0-9a-f]{40} # v\d+\.\d+\.\d+|<commit>)/.test(action))).toEqual([]);
  });
});

describe("the comparison", () => {
  const env = {
    BASE: "abc",
    POLICIES: "my policies",
    OPENAPI: "orders=a b.yaml\n$(touch hacked).yaml\n",
    EVENT: "pull_request",
  };

  it("runs the package of the lock file, and takes values as they are", async () => {
    await addProgram("git", "exit 0");
    await addProgram("npx", `for one in "$@"; do echo "$one"; done; exit 1`);
    const { exit, output } = await run(COMPARE, env);
    const given = await readFile(join(folder, "rego-authorizer-review.md"), "utf8");
    expect([exit, output, given.trimEnd().split("\n")]).toEqual([
      0,
      "changed=true\ncode=1\n",
      [
        ...["--no-install", "rego-authorizer", "pull-request", "abc", "--policies", "my policies"],
        ...["--openapi", "orders=a b.yaml", "--openapi", "$(touch hacked).yaml"],
      ],
    ]);
  });

  it("fetches a base that the checkout does not have", async () => {
    await addProgram("git", `echo "$@" >> git.log; [ "$1" = fetch ]`);
    await addProgram("npx", "exit 0");
    const { output } = await run(COMPARE, { ...env, OPENAPI: "" });
    expect(output).toBe("changed=false\ncode=0\n");
    expect(await readFile(join(folder, "git.log"), "utf8")).toContain("fetch --quiet --no-tags --depth=1 origin abc");
  });

  it.each([
    ["pull_request_target", { ...env, EVENT: "pull_request_target" }],
    ["a push, which has no base", { ...env, BASE: "" }],
    ["a base that is a flag", { ...env, BASE: "--output=/etc/passwd" }],
  ])("refuses %s", async (_name, given) => {
    await addProgram("git", "exit 0");
    await addProgram("npx", "touch ran");
    const { exit, text } = await run(COMPARE, given);
    expect([exit, text]).toEqual([1, expect.stringContaining("::error::")]);
  });

  it.each([
    ["0", 0],
    ["1", 0],
    ["2", 1],
    ["127", 1],
    ["", 1],
  ])("with the exit code %j of the command, ends with %i", async (code, exit) => {
    expect((await run(FAIL, { CODE: code })).exit).toBe(exit);
  });
});

interface Call {
  readonly method: string;
  readonly url: string;
  readonly body: string;
}

/** Emulates the part of GitHub's API that the action calls. */
async function emulateGitHub(comments: readonly object[], answer: (call: Call) => number) {
  const calls: Call[] = [];
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      const call = { method, url, body: Buffer.concat(chunks).toString() };
      calls.push(call);
      response.statusCode = headers.authorization === "Bearer secret" ? answer(call) : 401;
      const page = Number(/page=(\d+)$/.exec(url)?.[1] ?? 1);
      response.end(JSON.stringify(method === "GET" ? comments.slice((page - 1) * 100, page * 100) : {}));
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  return { calls, url: `http://127.0.0.1:${port}`, close: () => new Promise((closed) => server.close(closed)) };
}

describe("the comment", () => {
  const PATH = "/repos/acme/policies/issues";
  const bot = (id: number, body: string) => ({ id, body, user: { type: "Bot" } });

  async function comment(comments: readonly object[], answer: (call: Call) => number = () => 200, review = REVIEW) {
    await writeFile(join(folder, "rego-authorizer-review.md"), review);
    const github = await emulateGitHub(comments, answer);
    const ran = await run(COMMENT, {
      ...{ TOKEN: "secret", PULL_REQUEST: "7", ACTION: ROOT, GITHUB_REPOSITORY: "acme/policies" },
      GITHUB_API_URL: github.url,
    });
    await github.close();
    expect(ran.text).not.toContain("secret");
    const changes = github.calls.filter(({ method }) => method !== "GET");
    return {
      ...ran,
      changes: changes.map(({ method, url, body }) => [method, url, (JSON.parse(body) as { body: string }).body]),
    };
  }

  it("is written once", async () => {
    const { exit, changes, summary } = await comment([bot(1, "Something else")]);
    expect([exit, changes, summary]).toEqual([0, [["POST", `${PATH}/7/comments`, REVIEW]], ""]);
  });

  it("is updated afterwards, also behind a hundred others", async () => {
    const others = Array.from({ length: 130 }, (_, at) => bot(at, "Something else"));
    const { changes } = await comment([...others, bot(500, `${MARK}\r\nold`)]);
    expect(changes).toEqual([["PATCH", `${PATH}/comments/500`, REVIEW]]);
  });

  it("leaves the comment of a person with the same mark, and of another folder's review, alone", async () => {
    const person = { id: 1, body: REVIEW, user: { type: "User" } };
    const { changes } = await comment([person, bot(2, "<!-- rego-authorizer pull-request other -->\n")]);
    expect(changes.map(([method]) => method)).toEqual(["POST"]);
  });

  it("goes to the summary of the run if the token may not comment, as for a fork", async () => {
    const { exit, summary, text } = await comment([], ({ method }) => (method === "GET" ? 200 : 403));
    expect([exit, summary, text]).toEqual([0, REVIEW, expect.stringContaining("::notice::")]);
  });

  it("fails if the command wrote no review", async () => {
    const { exit, changes } = await comment([], () => 200, "");
    expect([exit, changes]).toEqual([1, []]);
  });
});
