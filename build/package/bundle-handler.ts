import { readFile } from "node:fs/promises";
import { build, type Plugin } from "esbuild";
import { PRODUCT_FOLDER } from "../product.ts";

/**
 * The stubs for library code that can't be reached, by the path that the libraries import it under.
 *
 * `opa-wasm` brings JavaScript versions of built-in functions, with 85 kB of YAML; the functions that policies may call run
 * inside WebAssembly. `aws-jwt-verify` brings a fetcher, a parser, and verifiers that fetch keys; the handler uses its
 * claim checks only.
 */
const STUBS: Readonly<Record<string, string>> = {
  "./builtins/index": "module.exports = {}",
  "./https-node.js": "export function fetch() {}",
  "./jwt-verifier.js": "export class JwtVerifierBase {}",
  "#node-web-compat": "export const nodeWebCompat = {}",
};

/** Library code that can't be reached although its file is needed: from the match on. A file without a match stays whole. */
const TAILS = [
  { file: /[\\/]aws-jwt-verify[\\/].*cognito-verifier\.js$/, from: /^export class CognitoJwtVerifier extends/m },
];

const stubUnreachable: Plugin = {
  name: "stub-unreachable",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(?:\.\/|#)/ }, ({ path, importer }) => {
      const isLibrary = importer.includes("node_modules");
      return isLibrary && Object.hasOwn(STUBS, path) ? { path, namespace: "stub" } : undefined;
    });
    onLoad({ filter: /.*/, namespace: "stub" }, ({ path }) => ({ contents: STUBS[path] ?? "" }));
    for (const { file, from } of TAILS) {
      onLoad({ filter: file }, async ({ path }) => ({ contents: (await readFile(path, "utf8")).split(from)[0] ?? "" }));
    }
  },
};

/**
 * The exports of Node's modules that the handler uses. An import would make Node read every export of the module, and with that
 * load what stands behind each: streams behind `node:fs`, the Web Cryptography API behind `node:crypto`.
 */
const NODE_EXPORTS: Readonly<Record<string, readonly string[]>> = {
  "node:buffer": ["isUtf8"],
  "node:crypto": ["constants", "createPublicKey", "hash", "randomUUID", "verify", "X509Certificate"],
  "node:fs": ["existsSync", "readFileSync", "writeSync"],
};

const takeFromNode: Plugin = {
  name: "take-from-node",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path }) =>
      Object.hasOwn(NODE_EXPORTS, path) ? { path, namespace: "node", sideEffects: false } : undefined,
    );
    onLoad({ filter: /.*/, namespace: "node" }, ({ path }) => ({
      contents: `export const { ${(NODE_EXPORTS[path] ?? []).join(", ")} } = process.getBuiltinModule("${path}");`,
    }));
  },
};

/** The bundled handler. */
export interface BundledHandler {
  readonly code: Uint8Array;
  /** The names of the npm packages that code was taken from, sorted. */
  readonly packages: readonly string[];
}

let bundled: Promise<BundledHandler> | undefined;

/** Bundles the Lambda handler, once in a process. Stubs out library code that can't be reached. */
export function bundleHandler(): Promise<BundledHandler> {
  bundled ??= runEsbuild();
  return bundled;
}

async function runEsbuild(): Promise<BundledHandler> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: PRODUCT_FOLDER,
    entryPoints: ["authorizer/index.ts"],
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "node",
    target: "node24",
    minify: true,
    // Node prints the whole source line with a stack trace. Shorter lines would break texts, and take more of the zip.
    lineLimit: 1_000,
    legalComments: "none",
    logLevel: "silent",
    plugins: [stubUnreachable, takeFromNode],
  });
  const [output] = outputFiles;
  if (output === undefined) throw new Error("esbuild made no file");
  const packages = Object.keys(metafile.inputs).flatMap(
    (file) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? [],
  );
  return { code: output.contents, packages: [...new Set(packages)].sort() };
}
