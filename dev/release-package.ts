import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { completeManifest } from "./release-manifest.ts";

// `node dev/release-package.ts FOLDER` completes the unpacked package of the product for its release: it adds the npm packages
// with OPA as optional dependencies, of which npm installs the one for its platform, and the repository that the
// provenance is about. The repository's own package.json can't list these packages: until they are published, `npm ci` would fail.

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("usage: node dev/release-package.ts FOLDER");
const file = join(folder, "package.json");
const manifest = JSON.parse(await readFile(file, "utf8"));
await writeFile(file, `${JSON.stringify(completeManifest(manifest, process.env), null, 2)}\n`);
