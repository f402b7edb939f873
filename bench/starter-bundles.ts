import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import { zipSync } from "fflate";
import { type BenchIssuer, CLIENT, POOL } from "./authorizer/issuer.ts";
import { templateOf } from "./policies.ts";

const STARTERS = join(import.meta.dirname, "starters");

/** The handlers that are bundled beside this engine's, and what each is. */
export const STARTERS_BY_NAME = {
  empty: "a handler that does nothing: Node's own start",
  "aws-jwt-verify": "verifies the token with `aws-jwt-verify`, and does nothing else",
  jose: "verifies the token with `jose`, and does nothing else",
  "hand-written": "`aws-jwt-verify` and a `Map` from verb and path, written for this one policy",
  casbin: "`aws-jwt-verify` and casbin: keyMatch2, a denial overrides",
  "cedar-wasm": "`aws-jwt-verify` and `@cedar-policy/cedar-wasm`, its policies parsed once",
} as const;

export type StarterName = keyof typeof STARTERS_BY_NAME;

/** The starters that decide; the others allow whoever has a good token. */
export const DECIDING: ReadonlySet<StarterName> = new Set(["hand-written", "casbin", "cedar-wasm"]);

/** Names that CommonJS code expects, which a bundle of ES modules does not have. */
const FOR_COMMONJS =
  'import{createRequire as toRequire}from"node:module";const require=toRequire(import.meta.url),__dirname=import.meta.dirname;';

/** A bundled handler. */
export interface StarterBundle {
  /** The module that exports `handler`. */
  readonly file: string;
  /** The size of everything that is deployed, as one zip. */
  readonly zipBytes: number;
}

/**
 * Bundles a handler as the product's own is bundled, with the rules of a policy of some number of grants beside it.
 *
 * @param folder - Is made, and gets the files that would be deployed.
 */
export async function bundleStarter(
  name: StarterName,
  { issuer, grants, folder }: { readonly issuer: BenchIssuer; readonly grants: number; readonly folder: string },
): Promise<StarterBundle> {
  await mkdir(folder, { recursive: true });
  const { outputFiles } = await build({
    entryPoints: [join(STARTERS, `${name}.mjs`)],
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "node24",
    minify: true,
    legalComments: "none",
    logLevel: "silent",
    banner: name === "casbin" || name === "cedar-wasm" ? { js: FOR_COMMONJS } : {},
  });
  const packed: Record<string, Uint8Array> = {
    "index.mjs": outputFiles[0]?.contents ?? new Uint8Array(),
    ...(name !== "empty" && { "pool.json": Buffer.from(toPoolFile(issuer)) }),
    ...(DECIDING.has(name) && { "rules.json": Buffer.from(toRulesFile(grants)) }),
    ...(name === "cedar-wasm" && { "cedar_wasm_bg.wasm": await readCedarModule() }),
  };
  for (const [file, bytes] of Object.entries(packed)) await writeFile(join(folder, file), bytes);
  return { file: join(folder, "index.mjs"), zipBytes: zipSync(packed, { level: 9 }).byteLength };
}

function toPoolFile({ issuer, jwk }: BenchIssuer): string {
  return JSON.stringify({ issuer, userPoolId: POOL, clientId: CLIENT, keySet: { keys: [jwk] } });
}

/** Makes the rules of the policy that grow in number, for handlers that have other languages: customers read what is theirs. */
function toRulesFile(grants: number): string {
  const toRule = (at: number) => ({ verb: "GET", path: templateOf(at), claim: "custom:customer_id" });
  return JSON.stringify(Array.from({ length: grants }, (_, at) => toRule(at)));
}

/** Reads the module of cedar-wasm, which its JavaScript expects beside itself. */
function readCedarModule(): Promise<Uint8Array> {
  const script = createRequire(join(STARTERS, "cedar-wasm.mjs")).resolve("@cedar-policy/cedar-wasm/nodejs");
  return readFile(join(dirname(script), "cedar_wasm_bg.wasm"));
}
