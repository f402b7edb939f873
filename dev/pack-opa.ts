import { execFile } from "node:child_process";
import { chmod, copyFile, mkdir, rm, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs, promisify } from "node:util";
import { readVersion } from "../build/opa/executable.ts";
import { OPA_MODULE } from "../build/opa/go-install.ts";
import { OPA_PACKAGES } from "../build/opa/npm-package.ts";
import { OPA_VERSION } from "../build/opa/release.ts";
import { readRepository } from "./release-manifest.ts";

// `npm run pack:opa -- [--out DIR] [PLATFORM…]` builds OPA for each platform from its checksummed source, and packs it as an npm
// package. The release publishes the packages, so that nobody who installs this product needs Go.

/**
 * The digest of OPA's source, as `go mod download -json` computes it and Go's checksum database lists it. The `go.sum` in that
 * source has the digests of all modules that OPA uses, and `-mod=readonly` holds the build to them.
 */
const OPA_MODULE_SUM = "h1:WzqReKk2VjcvBN/NQTlcIxKqFPKpzIdb6KYMHzPEbe0=";

type Platform = keyof typeof OPA_PACKAGES;

const isPlatform = (name: string): name is Platform => Object.hasOwn(OPA_PACKAGES, name);
const run = promisify(execFile);

const { values, positionals } = parseArgs({
  options: { out: { type: "string", default: "dist/opa-packages" } },
  allowPositionals: true,
});
const all = Object.keys(OPA_PACKAGES).filter(isPlatform);
const unknown = positionals.filter((name) => !isPlatform(name));
if (unknown.length > 0) throw new Error(`there is no platform ${unknown.join(", ")}; there are ${all.join(", ")}`);
const platforms = positionals.length === 0 ? all : positionals.filter(isPlatform);
const out = resolve(values.out);

const source = await fetchSource();
for (const platform of platforms) {
  const startMs = Date.now();
  const tarball = await pack(platform, source);
  const megabytes = ((await stat(tarball)).size / 1e6).toFixed(1);
  console.log(`${tarball}: ${megabytes} MB, ${((Date.now() - startMs) / 1000).toFixed(0)} s`);
}

/** Fetches OPA's source through Go's module proxy, and checks its digest. */
async function fetchSource(): Promise<string> {
  const { stdout } = await run("go", ["mod", "download", "-json", `${OPA_MODULE}@v${OPA_VERSION}`]);
  const { Dir, Sum } = JSON.parse(stdout);
  if (Sum !== OPA_MODULE_SUM) throw new Error(`the source of OPA ${OPA_VERSION} has ${Sum}, not ${OPA_MODULE_SUM}`);
  return String(Dir);
}

/** Makes the package for one platform; returns the path of the tarball. */
async function pack(platform: Platform, folder: string): Promise<string> {
  const { name, os, cpu, GOOS, GOARCH } = OPA_PACKAGES[platform];
  const target = join(out, `opa-${platform}`);
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  const path = join(target, "opa");
  await run("go", ["build", "-mod=readonly", "-buildvcs=false", "-trimpath", "-ldflags", "-s -w", "-o", path, "."], {
    cwd: folder,
    env: { ...process.env, CGO_ENABLED: "0", GOOS, GOARCH },
    maxBuffer: 2 ** 26,
  });
  // A build for another platform can't be run here.
  if (platform === `${process.platform}-${process.arch}`) {
    const version = await readVersion(path);
    if (!version.ok || version.value !== OPA_VERSION) throw new Error(`${path} is not OPA ${OPA_VERSION}`);
  }
  await copyFile(join(folder, "LICENSE"), join(target, "LICENSE"));
  await chmod(join(target, "LICENSE"), 0o644);
  const manifest = {
    name,
    version: OPA_VERSION,
    description: `Open Policy Agent ${OPA_VERSION} for ${platform}, built from its source for rego-authorizer.`,
    license: "Apache-2.0",
    ...readRepository(process.env),
    os: [os],
    cpu: [cpu],
    // Yarn would leave it in a zip file, where it can't be executed.
    preferUnplugged: true,
  };
  await writeFile(join(target, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  await writeFile(join(target, "README.md"), `# ${name}\n\n${manifest.description}\n`);
  const packed = await run("npm", ["pack", target, "--pack-destination", out, "--silent", "--ignore-scripts"]);
  return join(out, packed.stdout.trim());
}
