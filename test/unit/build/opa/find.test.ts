import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { OPA_VERSION } from "../../../../build/opa/release.ts";
import { createOpaHome, type OpaHome, opaOf } from "../../../support/opa-home.ts";

const CLOSE = OPA_VERSION.replace(/\d+$/, "99");

/** Writes an executable that claims to be a close version, and answers `opa test` with a text. */
function closeOpa(tests: string): string {
  const answer = `echo test >> "$HOME/tested"\necho '${tests}'`;
  return `#!/bin/sh\nif [ "$1" = version ]; then echo "Version: ${CLOSE}"; else\n${answer}\nfi\n`;
}
const PASSING = closeOpa('[{"package": "data.engine_test", "name": "test_decision"}]');

let home: OpaHome;
beforeEach(async () => {
  home = await createOpaHome();
});
afterEach(() => home[Symbol.asyncDispose]());

/** Installs an npm package with OPA for this platform beside the product. */
function putPackage(text: string): Promise<string> {
  return home.put(`node_modules/@rego-authorizer/opa-${process.platform}-${process.arch}/opa`, text);
}

describe("OPA is found", () => {
  it("where the variable OPA names it", async () => {
    const named = await home.put("named", opaOf(OPA_VERSION));
    await home.put("bin/opa", opaOf(OPA_VERSION));
    expect(await home.find({ OPA: named })).toEqual({ ok: true, value: named });
  });

  it("by the name in the variable OPA, on the PATH", async () => {
    const file = await home.put("bin/opa-exact", opaOf(OPA_VERSION));
    expect(await home.find({ OPA: "opa-exact" })).toEqual({ ok: true, value: file });
  });

  it("on the PATH", async () => {
    const file = await home.put("bin/opa", opaOf(OPA_VERSION));
    await putPackage(opaOf(OPA_VERSION));
    expect(await home.find()).toEqual({ ok: true, value: file });
  });

  it("further down the PATH, past one of another version", async () => {
    await home.put("bin/opa", opaOf("1.0.0"));
    const file = await home.put("more/opa", opaOf(OPA_VERSION));
    const PATH = `${join(home.path, "bin")}:${join(home.path, "more")}`;
    expect(await home.find({ PATH })).toEqual({ ok: true, value: file });
    expect(home.said).toEqual([`${join(home.path, "bin/opa")} is version 1.0.0; looking for ${OPA_VERSION}`]);
  });

  it("in the npm package for this platform, before the cache", async () => {
    const file = await putPackage(opaOf(OPA_VERSION));
    await home.putInCache(opaOf(OPA_VERSION));
    expect(await home.find()).toEqual({ ok: true, value: file });
    expect(home.said).toEqual([]);
  });

  it("in the cache, if the npm package has another version", async () => {
    const packed = await putPackage(opaOf("1.0.0"));
    const file = await home.putInCache(opaOf(OPA_VERSION));
    expect(await home.find()).toEqual({ ok: true, value: file });
    expect(home.said).toEqual([`${packed} is version 1.0.0; looking for ${OPA_VERSION}`]);
  });

  it("in the cache", async () => {
    const file = await home.putInCache(opaOf(OPA_VERSION));
    expect(await home.find()).toEqual({ ok: true, value: file });
  });
});

describe("OPA of a close version", () => {
  it("is used with a warning if the engine's tests pass in it, which run once", async () => {
    const file = await home.put("bin/opa", PASSING);
    expect(await home.find()).toEqual({ ok: true, value: file });
    expect(home.said).toEqual([
      `${file} is version ${CLOSE}, not ${OPA_VERSION}; running the engine's tests in it, once`,
      expect.stringMatching(/^warning: .* so it is used, but what it builds can differ in its bytes and its revision/),
    ]);
    expect(await home.find({ OPA: file })).toEqual({ ok: true, value: file });
    expect(home.said.length).toBe(3);
    await home.put("bin/opa", `${PASSING}# Another executable.\n`);
    expect(await home.find()).toEqual({ ok: true, value: file });
    expect(home.said.length).toBe(5);
  });

  it("is not used if there is an exact one", async () => {
    await home.put("bin/opa", PASSING);
    const file = await home.putInCache(opaOf(OPA_VERSION));
    expect(await home.find()).toEqual({ ok: true, value: file });
    expect(home.said).toEqual([]);
  });

  it.each([
    ["a test fails", '[{"package": "p", "name": "test_a", "fail": true}]', "in it the engine's test p.test_a fails"],
    ["a test can't end", '[{"package": "p", "name": "test_a", "error": {}}]', "in it the engine's test p.test_a fails"],
    ["there are no tests", "[]", "there are no tests of the engine in"],
    ["OPA finds no tests", "null", "there are no tests of the engine in"],
    ["it does not answer", "oops", "it can't run the engine's tests"],
  ])("is not used if %s", async (_, answer, reason) => {
    const file = await home.put("named", closeOpa(answer));
    const found = await home.find({ OPA: file });
    expect(found.ok ? "" : found.error).toContain(
      `OPA=${file}: ${file} is version ${CLOSE}, not ${OPA_VERSION}, and ${reason}`,
    );
    await home.put("bin/opa", closeOpa(answer));
    expect(await home.find()).toMatchObject({ ok: false });
  });
});

describe("OPA is not used", () => {
  it.each(["1.0.0", "1.2.2", "1.23.0", "2.22.2", `${OPA_VERSION}-dev`, "0.22.2"])(
    "from the variable OPA in version %s, even if the engine's tests would pass",
    async (version) => {
      const named = await home.put("named", PASSING.replace(CLOSE, version));
      expect(await home.find({ OPA: named })).toEqual({
        ok: false,
        error: `OPA=${named} is version ${version}; set OPA to the path of OPA ${OPA_VERSION}, or unset it`,
      });
    },
  );

  it.each([
    ["nothing is there", async () => {}, "does not exist"],
    ["it is a folder", (path: string) => mkdir(path), "is a folder; the executable may be"],
    [
      "it is not executable",
      (path: string) => writeFile(path, "x").then(() => chmod(path, 0o644)),
      "is not executable",
    ],
    ["it can't be run", (path: string) => writeFile(path, "#!/nowhere/sh\n", { mode: 0o755 }), "can't be run"],
    ["it is another program", (path: string) => writeFile(path, "#!/bin/sh\n", { mode: 0o755 }), "is not OPA"],
  ])("from the variable OPA if %s", async (_, make, reason) => {
    const named = join(home.path, "named");
    await make(named);
    const found = await home.find({ OPA: named });
    expect(found.ok ? "" : found.error).toMatch(
      new RegExp(`^OPA=${named} .*${reason}.*; set OPA to the path of OPA ${OPA_VERSION}, or unset it$`),
    );
  });

  it("from the PATH if it is a folder or not executable", async () => {
    await mkdir(join(home.path, "bin/opa"), { recursive: true });
    await home.put("more/opa", opaOf(OPA_VERSION));
    await chmod(join(home.path, "more/opa"), 0o644);
    const cached = await home.putInCache(opaOf(OPA_VERSION));
    const PATH = `${join(home.path, "bin")}:${join(home.path, "more")}`;
    expect(await home.find({ PATH })).toEqual({ ok: true, value: cached });
    await chmod(join(home.path, "more/opa"), 0o755);
    expect(await home.find({ PATH })).toEqual({ ok: true, value: join(home.path, "more/opa") });
  });

  it("from the cache if its content has changed", async () => {
    await home.putInCache(opaOf(OPA_VERSION), "something else");
    expect(await home.find()).toMatchObject({ ok: false });
  });

  it("if it is nowhere: one text names all ways", async () => {
    const release = { url: "https://127.0.0.1/opa_linux_amd64_static", sha256: undefined };
    const found = await home.find({}, release);
    expect(found.ok ? [] : found.error.split("\n")).toEqual([
      `OPA ${OPA_VERSION} not found. No official release: its SHA-256 is neither pinned for this platform nor in OPA_SHA256. ` +
        "No Go: go is not on the PATH. Go from PyPI: python3 is not on the PATH. Any of these helps:",
      `  - put OPA ${OPA_VERSION} on the PATH, or name its path in the variable OPA`,
      "  - set OPA_SHA256 to the SHA-256 of opa_linux_amd64_static on " +
        `https://github.com/open-policy-agent/opa/releases/tag/v${OPA_VERSION}, and it is downloaded`,
      "  - install Go (https://go.dev/dl), and it is built",
      "  - install Python 3 with pip, and Go comes from PyPI for the build",
    ]);
  });

  it("if the cache folder can't be written", async () => {
    await rm(join(home.path, "cache"), { recursive: true, force: true });
    await writeFile(join(home.path, "cache"), "a file");
    const found = await home.find();
    expect(found.ok ? "" : found.error).toMatch(
      /^OPA \S+ can't be installed in \S+: E\w+: .*\. XDG_CACHE_HOME names another folder for it$/,
    );
  });
});
