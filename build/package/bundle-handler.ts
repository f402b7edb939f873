import { build } from "esbuild";
import { PRODUCT_FOLDER } from "../product.ts";

/**
 * Bundles the Lambda handler.
 *
 * What of the libraries can't be reached is replaced by nothing: `opa-wasm`'s own built-in functions (all that policies
 * may call run inside WebAssembly; 85 kB of YAML otherwise) and `aws-jwt-verify`'s fetcher (ours is bounded).
 */
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
    plugins: [
      {
        name: "unreachable",
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^\.\/(builtins\/index|https-node\.js)$/ }, ({ path }) => ({
            path,
            namespace: "unreachable",
          }));
          onLoad({ filter: /builtins/, namespace: "unreachable" }, () => ({ contents: "module.exports = {}" }));
          onLoad({ filter: /https-node/, namespace: "unreachable" }, () => ({
            contents: "export function fetch() {}",
          }));
        },
      },
    ],
  });
  const [output] = outputFiles;
  if (output === undefined) throw new Error("esbuild made no file");
  return output.contents;
}
