import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { isObject, parseJson } from "../../contract/json.ts";
import { type Contender, timedInTurn } from "../frame/chapter.ts";
import type { Answer, Decider } from "./decider.ts";
import type { ToInput } from "./input.ts";
import type { Question } from "./question.ts";

/** How often the server is tried until it has loaded the bundle, and how long between two tries. */
const TRIES = { count: 1_200, pauseMs: 100 };

/** Starts OPA as a server on the loopback address, with the bundle that the build makes of a policy. */
export async function startOpaServer(opaPath: string, bundle: string, toInput: ToInput): Promise<Decider> {
  const port = await findFreePort();
  const flags = ["--server", "--addr", `127.0.0.1:${port}`, "--log-level", "error", "--optimize-store-for-read-speed"];
  const server = spawn(opaPath, ["run", ...flags, "--disable-telemetry", "--bundle", bundle], { stdio: "ignore" });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = (body: string) => post(agent, port, body);
  await untilReady(server, ask);
  const toBody = (question: Question) => JSON.stringify({ input: toInput(question) });
  return {
    answer: (question) => ask(toBody(question)),
    run: (question) => {
      const body = toBody(question);
      return withCpuOf(
        server,
        timedInTurn(() => ask(body)),
      );
    },
    close: () => {
      agent.destroy();
      server.kill();
    },
  };
}

function findFreePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

async function untilReady(server: ChildProcess, ask: (body: string) => Promise<Answer>): Promise<void> {
  for (let left = TRIES.count; left > 0; left -= 1) {
    if (server.exitCode !== null) throw new Error("OPA's server ended");
    const answer = await ask('{"input": {}}').catch(() => undefined);
    if (answer !== undefined) return;
    await new Promise((resolve) => setTimeout(resolve, TRIES.pauseMs));
  }
  server.kill();
  throw new Error("OPA's server does not answer");
}

function post(agent: Agent, port: number, body: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const options = { agent, host: "127.0.0.1", port, path: "/v1/data/engine/decision", method: "POST", headers };
    const sent = request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const answer = parseJson(Buffer.concat(chunks).toString());
        const result = isObject(answer) ? answer["result"] : undefined;
        const effect = isObject(result) ? result["effect"] : undefined;
        if (effect === "allow" || effect === "deny") resolve(effect);
        else reject(new Error("OPA's server gives no decision"));
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** Adds the CPU time of another process. Where the system does not tell it, there is no CPU time. */
function withCpuOf({ pid }: ChildProcess, run: Contender["run"]): Contender["run"] {
  return async (times) => {
    const before = readCpuUs(pid);
    const { "CPU time": own = 0, ...sample } = await run(times);
    const after = readCpuUs(pid);
    return before === undefined || after === undefined
      ? sample
      : { ...sample, "CPU time": own + (after - before) / times };
  };
}

/** Reads the CPU time of all threads of a process, in microseconds; Linux only. */
function readCpuUs(pid: number | undefined): number | undefined {
  try {
    const threads = readdirSync(`/proc/${pid}/task`).map((thread) =>
      Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]),
    );
    return threads.reduce((sum, ns) => sum + ns, 0) / 1_000;
  } catch {
    return undefined;
  }
}
