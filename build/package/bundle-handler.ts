import { build, type Plugin } from "esbuild";
import { PRODUCT_FOLDER } from "../product.ts";

/**
 * Library code that the handler can't reach, by how the libraries import it, and what stands in for it.
 *
 * `opa-wasm` has built-in functions of its own, which bring 85 kB of YAML; all that policies may call run inside
 * WebAssembly. `aws-jwt-verify` has a fetcher and verifiers that fetch keys; the handler uses its claim checks alone.
 */
const STUBS: Readonly<Record<string, string>> = {
  "./builtins/index": "module.exports = {}",
  "./https-node.js": "export function fetch() {}",
  "./jwt-verifier.js": "export class JwtVerifierBase {}",
};

const stubUnreachable: Plugin = {
  name: "stub-unreachable",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\.\// }, ({ path, importer }) => {
      const isLibrary = importer.includes("node_modules");
      return isLibrary && Object.hasOwn(STUBS, path) ? { path, namespace: "stub" } : undefined;
    });
    onLoad({ filter: /.*/, namespace: "stub" }, ({ path }) => ({ contents: STUBS[path] ?? "" }));
  },
};

/** Bundles the Lambda handler. Library code that can't be reached is stubbed out. */
export async function bundleHandler(): Promise<Uint8Array> {
  const { outputFiles } = await build({
    absWorkingDir: PRODUCT_FOLDER,
    entryPoints: ["authorizer/index.ts"],
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "node24",
    minify: true,
    // A stack trace shows the line that it starts from.
    lineLimit: 120,
    legalComments: "none",
    logLevel: "silent",
    plugins: [stubUnreachable],
  });
  const [output] = outputFiles;
  if (output === undefined) throw new Error("esbuild made no file");
  return output.contents;
}
