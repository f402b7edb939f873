import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";

// The job that docs/pull-requests.md has for GitLab, run as a runner does, against an emulated API.

const DOCS = await readFile(join(import.meta.dirname, "..", "..", "docs", "pull-requests.md"), "utf8");
const [, SNIPPET = ""] = /```yaml\n(access-review:[\s\S]*?)```/.exec(DOCS) ?? [];
const JOB = (parse(SNIPPET) as Record<string, { readonly script: readonly string[] }>)["access-review"];

const MARK = "<!-- rego-authorizer pull-request policies -->";
const REVIEW = `${MARK}\n### Access: 1 gain, "quoted" & 50 % + 1\n`;
const NOTES = "/api/v4/projects/5/merge_requests/7/notes";
const TOKEN_USER = 31;

interface Note {
  readonly id: number;
  readonly body: string;
  readonly author: { readonly id: number };
}

interface Call {
  readonly method: string;
  readonly url: string;
  readonly body: string | null;
}

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "rego-authorizer-gitlab-"));
});

afterEach(() => rm(folder, { recursive: true }));

/** Emulates the part of GitLab's API that the job calls. */
async function emulateGitLab(notes: readonly Note[], refused?: string) {
  const calls: Call[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      calls.push({ method, url, body: new URLSearchParams(Buffer.concat(chunks).toString()).get("body") });
      if (headers["private-token"] !== "secret") response.statusCode = 401;
      else if (method === refused) response.statusCode = 403;
      const page = Number(/page=(\d+)$/.exec(url)?.[1] ?? 1);
      const isLast = page * 100 >= notes.length;
      response.setHeader("X-Next-Page", isLast ? "" : page + 1);
      const listed = notes.slice((page - 1) * 100, page * 100);
      response.end(JSON.stringify(url === "/api/v4/user" ? { id: TOKEN_USER } : method === "GET" ? listed : {}));
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  return { calls, url: `http://127.0.0.1:${port}/api/v4`, close: () => new Promise((closed) => server.close(closed)) };
}

interface Given {
  readonly code?: number;
  readonly review?: string;
  /** The method that GitLab refuses. */
  readonly refused?: string;
  readonly token?: string;
}

/** Runs the script of the job on a merge request with some notes. */
async function runJob(notes: readonly Note[], given: Given = {}) {
  const { code = 1, review = REVIEW, refused, token = "secret" } = given;
  await mkdir(join(folder, "bin"));
  await writeFile(join(folder, "written.md"), review);
  const programs = { npm: "exit 0", npx: `printf '%s\\n' "$@" > args.txt; cat written.md; exit ${code}` };
  for (const [name, script] of Object.entries(programs)) {
    await writeFile(join(folder, "bin", name), `#!/bin/sh\n${script}\n`);
    await chmod(join(folder, "bin", name), 0o755);
  }
  const gitLab = await emulateGitLab(notes, refused);
  const env = {
    // The node of this test is the one of the image.
    PATH: `${join(folder, "bin")}:${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`,
    ...{ CI_API_V4_URL: gitLab.url, CI_PROJECT_ID: "5", CI_MERGE_REQUEST_IID: "7", HOME: folder },
    ...{ CI_MERGE_REQUEST_DIFF_BASE_SHA: "abc", ACCESS_REVIEW_TOKEN: token },
  };
  const args = ["--noprofile", "--norc", "-eo", "pipefail", "-c", (JOB?.script ?? ["exit 99"]).join("\n")];
  const [exit, text] = await new Promise<readonly [number, string]>((settle) => {
    execFile("bash", args, { cwd: folder, env }, (error, stdout, stderr) =>
      settle([error === null ? 0 : Number(error.code), `${stdout}${stderr}`]),
    );
  });
  await gitLab.close();
  expect(text).not.toContain("secret");
  const writes = gitLab.calls.filter(({ method }) => method !== "GET");
  return { exit, text, writes: writes.map(({ method, url, body }) => [method, url, body]) };
}

const note = (id: number, body: string, author = TOKEN_USER): Note => ({ id, body, author: { id: author } });

describe("the job for GitLab", () => {
  it("writes a note once", async () => {
    const { exit, writes } = await runJob([note(1, "Something else"), note(2, "")]);
    expect([exit, writes]).toEqual([0, [["POST", NOTES, REVIEW]]]);
    const given = await readFile(join(folder, "args.txt"), "utf8");
    expect(given.trim().split("\n")).toEqual([
      "--no-install",
      "rego-authorizer",
      "pull-request",
      "abc",
      "--openapi",
      "openapi.yaml",
    ]);
  });

  it("updates its note afterwards, also behind two hundred others", async () => {
    const others = Array.from({ length: 230 }, (_, at) => note(at + 1, "Something else"));
    const { exit, writes } = await runJob([...others, note(500, `${MARK}\r\nold`)]);
    expect([exit, writes]).toEqual([0, [["PUT", `${NOTES}/500`, REVIEW]]]);
  });

  it("leaves a note of somebody else with the same mark, and of another folder's review, alone", async () => {
    const { writes } = await runJob([note(1, REVIEW, 8), note(2, "<!-- rego-authorizer pull-request other -->\n")]);
    expect(writes.map(([method]) => method)).toEqual(["POST"]);
  });

  it("says why nothing was compared, and fails", async () => {
    const { exit, writes } = await runJob([], { code: 2 });
    expect([exit === 0, writes]).toEqual([false, [["POST", NOTES, REVIEW]]]);
  });

  it.each([
    ["the command wrote no review", { review: "" }, 0],
    ["notes can't be read", { refused: "GET" }, 0],
    ["a note can't be written", { refused: "POST" }, 1],
  ])("fails if %s", async (_name, given, writes) => {
    const ran = await runJob([], given);
    expect([ran.exit === 0, ran.writes.length]).toEqual([false, writes]);
  });

  it.each([
    [1, 0],
    [2, 1],
  ])("prints the review without a token, as for a fork; with the exit code %i it ends with %i", async (code, ends) => {
    const { exit, text, writes } = await runJob([], { code, token: "" });
    expect([exit, text.includes(REVIEW), writes]).toEqual([ends, true, []]);
  });

  it("puts no variable of a merge request into a script as text", () => {
    expect(SNIPPET).not.toMatch(/\$CI_(MERGE_REQUEST_TITLE|COMMIT_MESSAGE|MERGE_REQUEST_SOURCE_BRANCH_NAME)/);
    expect(SNIPPET).toMatch(/image: node:\d+\.\d+\.\d+/);
  });
});
