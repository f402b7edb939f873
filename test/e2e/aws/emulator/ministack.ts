import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync } from "node:fs";
import { mkdir, readFile, symlink } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { err, ok, type Result } from "../../../../contract/result.ts";
import { signalGroup, tailOf } from "./run-command.ts";

/** The emulator, running. */
export interface Ministack {
  readonly port: number;
  /** The last lines of its output. */
  readonly tail: (lines: number) => Promise<readonly string[]>;
  /** Ends the emulator and every function that it runs. */
  readonly stop: () => Promise<void>;
}

export const REGION = "us-east-1";

/** The account of the emulator, and the name of its key with all permissions. */
export const ACCOUNT = "000000000000";

const SHIM = join(import.meta.dirname, "..", "ministack-shim.py");
const HEALTH_DEADLINE_MS = 20_000;

/** The emulator stops within a second, unless a deployment is under way. */
const STOP_DEADLINE_MS = 5_000;

/**
 * Starts the emulator on a free port of the loopback interface, with nothing of this process's environment, since its
 * functions inherit its own.
 *
 * @param python - The Python of the virtual environment.
 * @param folder - The folder for its state, its log and its functions' code; no `package.json` and no `node_modules`
 * above it.
 */
export async function startMinistack(
  python: string,
  folder: string,
  signal: AbortSignal,
): Promise<Result<Ministack, string>> {
  const hiding = ["package.json", "node_modules"].map((name) => findAbove(folder, name)).find((path) => path !== "");
  if (hiding !== undefined) {
    return err(
      `functions that are unpacked in ${folder} would see ${hiding}; set TMPDIR to a folder that is not below it`,
    );
  }
  const [home, temporary] = [join(folder, "home"), join(folder, "functions")];
  await Promise.all([mkdir(home, { recursive: true }), mkdir(temporary, { recursive: true })]);
  const sdk = await linkSdk(folder);
  const port = await findPort();
  const log = join(folder, "ministack.log");
  const file = openSync(log, "a");
  const child = spawn(python, [SHIM], {
    // Functions run on the first `node` of the PATH.
    env: {
      PATH: [dirname(process.execPath), "/usr/bin", "/bin"].join(":"),
      HOME: home,
      LANG: "C.UTF-8",
      BIND_HOST: "127.0.0.1",
      GATEWAY_PORT: String(port),
      IOT_MTLS_ENABLED: "0",
      MINISTACK_REGION: REGION,
      STATE_DIR: stateFolderOf(folder),
      TMPDIR: temporary,
      NODE_PATH: sdk,
      // The emulator checks signatures and policies only with this variable.
      AUTH: "true",
      PYTHONDONTWRITEBYTECODE: "1",
    },
    // The emulator ends when its standard input does, and so when this process is killed.
    stdio: ["pipe", file, file],
    detached: true,
  });
  closeSync(file);
  const failed = once(child, "error").then(([error]) => String(error));
  const exited = once(child, "exit").then(([code, by]) => `it ended with ${code ?? by}`);
  const ended = Promise.race([failed, exited]);

  const tail = async (lines: number) => tailOf(await readFile(log, "utf8").catch(() => ""), lines);
  async function stop() {
    signalGroup(child, "SIGTERM");
    const untilMs = Date.now() + STOP_DEADLINE_MS;
    while (signalGroup(child, 0) && Date.now() < untilMs) await wait(50);
    signalGroup(child, "SIGKILL");
    await ended;
  }

  const problem = await Promise.race([ended, answers(port, signal)]);
  if (problem === undefined) return ok({ port, tail, stop });
  await stop();
  return err([`ministack did not start: ${problem}`, ...(await tail(20))].join("\n  "));
}

/** The parts of the AWS SDK that functions of the CDK use. Lambda's own runtime has all of it. */
const SDK_CLIENTS = ["client-api-gateway", "client-apigatewayv2"];

/** Creates a folder of modules with links to the AWS SDK, and nothing else that functions could find. */
async function linkSdk(folder: string): Promise<string> {
  const modules = join(folder, "sdk");
  await mkdir(join(modules, "@aws-sdk"), { recursive: true });
  for (const client of SDK_CLIENTS)
    await symlink(join(process.cwd(), "node_modules", "@aws-sdk", client), join(modules, "@aws-sdk", client));
  return modules;
}

/** Returns the folder where the emulator saves its state, Cognito's private keys included. */
export function stateFolderOf(folder: string): string {
  return join(folder, "state");
}

async function answers(port: number, signal: AbortSignal): Promise<string | undefined> {
  const untilMs = Date.now() + HEALTH_DEADLINE_MS;
  while (Date.now() < untilMs) {
    if (signal.aborted) return "it was interrupted";
    const response = await fetch(`http://127.0.0.1:${port}/_ministack/health`).catch(() => undefined);
    if (response?.ok) return undefined;
    await wait(50);
  }
  return `it was not healthy after ${HEALTH_DEADLINE_MS / 1000} s`;
}

function findAbove(folder: string, name: string): string {
  const path = join(folder, name);
  if (existsSync(path)) return path;
  return dirname(folder) === folder ? "" : findAbove(dirname(folder), name);
}

async function findPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return address !== null && typeof address === "object" ? address.port : 0;
}
