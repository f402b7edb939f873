import { execFile } from "node:child_process";
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { bundleHandler } from "../../build/package/bundle-handler.ts";
import { PACKED_FILES } from "../../build/package/handler.ts";
import { writeSbom } from "../../build/package/sbom.ts";
import { PRODUCT_FOLDER } from "../../build/product.ts";

// `npm pack` runs this: it compiles the product into lib/, for Node 20 and later. lib/commonjs/ has what `require` gets.

const run = promisify(execFile);
const lib = join(PRODUCT_FOLDER, "lib");

/** The modules that need the sources, so the package has their results instead. */
const OF_THE_REPOSITORY = ["build/package/bundle-handler", "build/package/sbom"];

await rm(lib, { recursive: true, force: true });
for (const config of ["tsconfig.json", "tsconfig.commonjs.json"])
  await run("tsc", ["--project", join(PRODUCT_FOLDER, "dev", "package", config)]).catch(fail);
await writeFile(join(lib, "commonjs", "package.json"), '{ "type": "commonjs" }\n');
await pointToDeclarations();
for (const module of OF_THE_REPOSITORY)
  for (const ending of [".js", ".js.map", ".d.ts"]) await rm(join(lib, module + ending));
await copyFile(
  join(PRODUCT_FOLDER, "build", "policy", "capabilities.json"),
  join(lib, "build", "policy", "capabilities.json"),
);
await checkImports();
const packed = join(lib, "packed");
await mkdir(packed);
const handler = await bundleHandler();
await writeFile(join(packed, PACKED_FILES.handler), handler.code);
const sbom = await writeSbom(join(packed, PACKED_FILES.sbom), handler.packages, process.env["npm_execpath"]);
if (!sbom.ok) fail(new Error(sbom.error));

/** Names `.js` in the imports of declarations. The compiler rewrites the imports of JavaScript only. */
async function pointToDeclarations(): Promise<void> {
  for (const entry of await readdir(lib, { recursive: true, withFileTypes: true })) {
    if (!entry.name.endsWith(".d.ts")) continue;
    const file = join(entry.parentPath, entry.name);
    const text = await readFile(file, "utf8");
    await writeFile(file, text.replace(/((?:from |import\()"\.[^"]*)\.ts"/g, '$1.js"'));
  }
}

/** Finds imports of packages that a company's `node_modules` need not have. */
async function checkImports(): Promise<void> {
  const { dependencies, peerDependencies } = JSON.parse(await readFile(join(PRODUCT_FOLDER, "package.json"), "utf8"));
  const declared = Object.keys({ ...dependencies, ...peerDependencies });
  for (const entry of await readdir(lib, { recursive: true, withFileTypes: true })) {
    if (!entry.name.endsWith(".js")) continue;
    const file = join(entry.parentPath, entry.name);
    const imports = (await readFile(file, "utf8")).matchAll(
      /(?:\bfrom |\bimport\(|\bimport |\brequire\()"([^."][^"]*)"/g,
    );
    for (const [, name = ""] of imports) {
      const isDeclared = declared.some((one) => name === one || name.startsWith(`${one}/`));
      if (!isDeclared && !name.startsWith("node:") && !name.startsWith("rego-authorizer/"))
        fail(new Error(`${file} imports ${name}, which package.json does not list under dependencies`));
    }
  }
}

function fail(error: unknown): never {
  const { stdout = "", message = "" } = Object(error);
  console.error(`the package could not be compiled:\n${stdout || message}`);
  process.exit(1);
}
