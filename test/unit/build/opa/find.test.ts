import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findOpa } from "../../../../build/opa/find.ts";
import type { Surroundings } from "../../../../build/opa/install.ts";
import { OPA_VERSION, type Release } from "../../../../build/opa/release.ts";

/** Writes an executable that claims to be some version of OPA. */
function opaOf(version: string): string {
  return `#!/bin/sh\necho "Version: ${version}"\n`;
}

/** A `go` that installs such an executable. */
const GO = `#!/bin/sh
printf '${opaOf(OPA_VERSION).replaceAll("\n", "\\n")}' > "$GOBIN/opa"
/bin/chmod 755 "$GOBIN/opa"
`;

let home: string;
let said: string[];
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "rego-authorizer-opa-"));
  said = [];
});
afterEach(() => rm(home, { recursive: true, force: true }));

async function put(path: string, text: string): Promise<string> {
  const file = join(home, path);
  await mkdir(join(file, ".."), { recursive: true });
  await writeFile(file, text, { mode: 0o755 });
  return file;
}

/** Looks for OPA in a home of its own, with nothing on the PATH but what was put in `bin`. */
function find(environment: Readonly<Record<string, string>> = {}, release?: Release) {
  const surroundings: Surroundings = {
    environment: { HOME: home, XDG_CACHE_HOME: join(home, "cache"), PATH: join(home, "bin"), ...environment },
    release,
    say: (line) => said.push(line),
  };
  return findOpa(surroundings);
}

const CACHED = `cache/rego-authorizer/opa-${OPA_VERSION}/opa`;

async function putInCache(text: string, digestOf = text): Promise<string> {
  const file = await put(CACHED, text);
  await writeFile(`${file}.sha256`, createHash("sha256").update(digestOf).digest("hex"));
  return file;
}

describe("OPA is found", () => {
  it("where the variable OPA names it", async () => {
    const named = await put("named", opaOf(OPA_VERSION));
    await put("bin/opa", opaOf(OPA_VERSION));
    expect(await find({ OPA: named })).toEqual({ ok: true, value: named });
  });

  it("on the PATH", async () => {
    const file = await put("bin/opa", opaOf(OPA_VERSION));
    expect(await find()).toEqual({ ok: true, value: file });
  });

  it("further down the PATH, past one of another version", async () => {
    await put("bin/opa", opaOf("1.0.0"));
    const file = await put("more/opa", opaOf(OPA_VERSION));
    expect(await find({ PATH: `${join(home, "bin")}:${join(home, "more")}` })).toEqual({ ok: true, value: file });
    expect(said).toEqual([`${join(home, "bin/opa")} is version 1.0.0; looking for ${OPA_VERSION}`]);
  });

  it("in the cache", async () => {
    const file = await putInCache(opaOf(OPA_VERSION));
    expect(await find()).toEqual({ ok: true, value: file });
  });
});

describe("OPA is not used", () => {
  it("from the variable OPA in another version", async () => {
    const named = await put("named", opaOf("1.0.0"));
    expect(await find({ OPA: named })).toEqual({
      ok: false,
      error: `OPA=${named} is version 1.0.0; set OPA to OPA ${OPA_VERSION}, or unset it`,
    });
  });

  it("from the variable OPA if nothing is there", async () => {
    expect(await find({ OPA: "/nowhere/opa" })).toEqual({
      ok: false,
      error: `OPA=/nowhere/opa can't be run; set OPA to OPA ${OPA_VERSION}, or unset it`,
    });
  });

  it("from the cache if its content has changed", async () => {
    await putInCache(opaOf(OPA_VERSION), "something else");
    expect(await find()).toMatchObject({ ok: false });
  });

  it("if it is nowhere: one line tells what to do", async () => {
    const found = await find();
    expect(found.ok ? "" : found.error).toMatch(
      /^OPA 1\.\S+ not found\. Official release: .*\. go install: .*\. Put OPA 1\.\S+ on the PATH, name its path in the variable OPA, or install Go/,
    );
    expect(found.ok ? "" : found.error).not.toContain("\n");
  });
});

/** Serves a release on this machine. */
async function withRelease<Value>(body: string, use: (url: string) => Promise<Value>): Promise<Value> {
  const server = createServer((_, response) => response.end(body)).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/opa`);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

describe("OPA is fetched", () => {
  const body = opaOf(OPA_VERSION);
  const sha256 = createHash("sha256").update(body).digest("hex");

  it("as the official release, if its digest is the pinned one", async () => {
    const found = await withRelease(body, (url) => find({}, { url, sha256 }));
    expect(found).toEqual({ ok: true, value: join(home, CACHED) });
    expect(await readFile(join(home, CACHED), "utf8")).toBe(body);
    expect(await readdir(join(home, "cache/rego-authorizer"))).toEqual([`opa-${OPA_VERSION}`]);
    expect(await find()).toEqual(found);
  });

  it.each([
    ["of another digest", body, "0".repeat(64), /has SHA-256 [0-9a-f]{64}, not the pinned 0{64}/],
    ["without a pinned digest", body, undefined, /its SHA-256 is not pinned for this platform/],
  ])("but not a release %s", async (_, text, pinned, message) => {
    const found = await withRelease(text, (url) => find({}, { url, sha256: pinned }));
    expect(found.ok ? "" : found.error).toMatch(message);
    expect(await readdir(join(home, "cache/rego-authorizer"))).toEqual([]);
  });

  it("but not a release whose binary is another version", async () => {
    const other = opaOf("1.0.0");
    const digest = createHash("sha256").update(other).digest("hex");
    const found = await withRelease(other, (url) => find({}, { url, sha256: digest }));
    expect(found.ok ? "" : found.error).toBe(
      `the OPA that was installed is version 1.0.0, not ${OPA_VERSION}. Put OPA ${OPA_VERSION} on the PATH, name its path in the ` +
        "variable OPA, or install Go (https://go.dev/dl)",
    );
    expect(await readdir(join(home, "cache/rego-authorizer"))).toEqual([]);
  });
});

describe("OPA is built", () => {
  it("with go, if the release can't be reached", async () => {
    await put("bin/go", GO);
    const found = await find({}, { url: "http://127.0.0.1:1/opa", sha256: "0".repeat(64) });
    expect(found).toEqual({ ok: true, value: join(home, CACHED) });
    expect(said).toContain(`not using the official release ${OPA_VERSION}: 127.0.0.1:1 can't be reached`);
  });

  it("again if the cached file is damaged", async () => {
    await put("bin/go", GO);
    await putInCache("damaged", "whole");
    expect(await find()).toEqual({ ok: true, value: join(home, CACHED) });
    expect(await readFile(join(home, CACHED), "utf8")).toBe(opaOf(OPA_VERSION));
  });

  it("by two processes at once, and both get it", async () => {
    await put("bin/go", GO);
    const found = await Promise.all([find(), find()]);
    expect(found).toEqual([
      { ok: true, value: join(home, CACHED) },
      { ok: true, value: join(home, CACHED) },
    ]);
    expect(await readdir(join(home, "cache/rego-authorizer"))).toEqual([`opa-${OPA_VERSION}`]);
  });

  it("and on failure the error has the last line of go", async () => {
    await put("bin/go", "#!/bin/sh\necho 'go: no such module' >&2\nexit 1\n");
    const found = await find();
    expect(found.ok ? "" : found.error).toContain("go install: go: no such module.");
    expect(await readdir(join(home, "cache/rego-authorizer"))).toEqual([]);
  });

  it.each(["SIGINT", "SIGKILL"] as const)("again after %s interrupted a build", async (signal) => {
    await put("bin/go", '#!/bin/sh\necho half > "$GOBIN/opa"\necho $$ > "$HOME/started"\nexec /bin/sleep 60\n');
    const command = join(import.meta.dirname, "../../../../cli/main.ts");
    const environment = { HOME: home, XDG_CACHE_HOME: join(home, "cache"), PATH: join(home, "bin") };
    const child = spawn(process.execPath, [command, "opa", "version"], { env: environment, stdio: "ignore" });
    const exited = once(child, "exit");
    const pid = await firstOf(() => readFile(join(home, "started"), "utf8"));
    child.kill(signal);
    await exited;
    // A process that is killed can't take along what it has started.
    if (signal === "SIGKILL") process.kill(Number(pid));
    await put("bin/go", GO);
    expect(await find()).toEqual({ ok: true, value: join(home, CACHED) });
    expect(await readdir(join(home, "cache/rego-authorizer"))).toEqual([`opa-${OPA_VERSION}`]);
  });
});

/** Repeats an attempt until it returns something. */
async function firstOf(attempt: () => Promise<string>): Promise<string> {
  for (;;) {
    const text = await attempt().catch(() => "");
    if (text.endsWith("\n")) return text;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
