import { execFile } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { isObject } from "../../contract/json.ts";
import { type BuiltPolicy, builtPolicy } from "../built-policies.ts";
import { columnsOf, perRound } from "../columns.ts";
import type { Chapter } from "../frame/chapter.ts";
import { bundleStarter } from "../starter-bundles.ts";

const SCRIPT = join(import.meta.dirname, "../cold-start-process-parts.mjs");
const CPU = "CPU time";

const PARTS = {
  crypto: "loading `node:crypto`, which every verification of a token needs",
  modules: "loading the other modules of Node that the handler imports",
  files: "reading the package's files",
  json: "`JSON.parse`, of which the manifest is nearly all",
  digest: "SHA-256 over what decides, for the revision",
  compile: "`new WebAssembly.Module`",
  instance: "`new WebAssembly.Instance`",
  data: "`opa_json_parse`: the policy index gets into the memory of the module",
  trial: "the decision that a start tries",
  verify: "reading the key, and the first verification of a signature",
  decision: "the first decision",
  rest: "loading the handler's JavaScript, its configuration, the event and the response",
};

export const COLD_START_PARTS: Chapter = {
  name: "cold-start-parts",
  title: "Where a cold start goes",
  asks: `The same processes, taken apart: the built handler runs as it is, and the calls of Node and of the compiled policy that it makes
are timed from outside. What an empty handler takes for the same is subtracted from the rest.`,
  contenders: PARTS,
  column: "part",
  measures: [{ name: CPU, unit: "ms" }],
  rounds: 11,
  roundMs: 0,
  goals: [],
  async *cases() {
    for (const grants of [10, 1_000, 10_000]) {
      const policy = await builtPolicy(grants);
      const { file: empty } = await bundleStarter("empty", {
        issuer: policy.issuer,
        grants,
        folder: join(policy.folder, "../../empty"),
      });
      const taken = perRound(async () => {
        const base = await takeApart(empty, policy);
        const parts = await takeApart(join(policy.folder, "index.mjs"), policy);
        return { ...parts, rest: (parts["rest"] ?? 0) - (base["rest"] ?? 0) };
      });
      yield {
        name: `${grants.toLocaleString("en-US")} grants`,
        contenders: columnsOf(Object.keys(PARTS), CPU, taken),
      };
    }
  },
};

/** Takes one cold start apart, in a fresh process. The figures are milliseconds. */
async function takeApart(
  file: string,
  { environment, eventFile }: BuiltPolicy,
): Promise<Readonly<Record<string, number>>> {
  const args = [SCRIPT, pathToFileURL(file).href, eventFile];
  const { stderr } = await promisify(execFile)(process.execPath, args, { env: environment });
  const parts: unknown = JSON.parse(stderr.trim().split("\n").at(-1) ?? "");
  if (!isObject(parts)) throw new Error(stderr);
  return Object.fromEntries(Object.keys(PARTS).map((part) => [part, Number(parts[part] ?? 0)]));
}
