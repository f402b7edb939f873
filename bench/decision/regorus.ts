import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseTarGzip } from "nanotar";
import { PEERS_FOLDER } from "../peers.ts";
import type { Answer, Decider } from "./decider.ts";
import type { ToInput } from "./input.ts";

const FOLDER = join(PEERS_FOLDER, "regorus");

/** A line of the program. */
interface Reply {
  readonly effect: Answer;
  readonly wall_ns: number;
  readonly cpu_ns: number;
}

/** Compiles the program that embeds regorus; gives a reason if there is no compiler of Rust. It takes a minute the first time. */
export function compileRegorus(): string | undefined {
  try {
    execFileSync("cargo", ["build", "--release", "--locked", "--quiet"], {
      cwd: FOLDER,
      stdio: ["ignore", "ignore", "pipe"],
    });
    return undefined;
  } catch {
    return "needs `cargo`, and the crates that it fetches";
  }
}

/** Modules that no decision uses. Their functions without a body, such as `_is_first("", [])`, are an error of syntax in regorus. */
const LEFT_OUT = /\/(entitlements|explanation)\.rego$/;

/** Starts the program with the engine and the data of a bundle. */
export async function startRegorus(bundle: string, toInput: ToInput): Promise<Decider> {
  const files = await parseTarGzip(await readFile(bundle));
  const isUsed = (name: string) => name.endsWith(".rego") && !LEFT_OUT.test(name);
  const modules = files.filter(({ name }) => isUsed(name)).map(({ name, text }) => [name, text] as const);
  const data = files.find(({ name }) => /^\/?data\.json$/.test(name))?.text;
  const program = spawn(join(FOLDER, "target/release/rego-authorizer-bench-regorus"), {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ask = createAsk(program);
  // A program that ended says so when it is asked.
  program.stdin
    ?.on("error", () => undefined)
    .write(`${JSON.stringify({ modules: Object.fromEntries(modules), data })}\n`);
  return {
    answer: async (question) => (await ask(JSON.stringify(toInput(question)), 1)).effect,
    run: (question) => {
      const input = JSON.stringify(toInput(question));
      return async (times) => {
        const { wall_ns, cpu_ns } = await ask(input, times);
        return { "wall time": wall_ns / 1_000, ...(cpu_ns > 0 && { "CPU time": cpu_ns / 1_000 }) };
      };
    },
    close: () => program.kill(),
  };
}

/** Creates the function that asks the program; it answers in the order of the questions. */
function createAsk({ stdin, stdout }: ChildProcess): (input: string, times: number) => Promise<Reply> {
  if (stdin === null || stdout === null) throw new Error("regorus has no pipes");
  const replies = createInterface(stdout)[Symbol.asyncIterator]();
  return async (input, times) => {
    stdin.write(`${JSON.stringify({ input, times })}\n`);
    const { done, value } = await replies.next();
    if (done === true) throw new Error("the program with regorus ended");
    return JSON.parse(value) as Reply;
  };
}
