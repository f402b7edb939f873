import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import type { Answers, Contender, Sample } from "../frame/chapter.ts";
import type { BenchEvent } from "./handlers.ts";
import type { Order } from "./worker.ts";

/** A contender in a process of its own. */
export interface Running {
  readonly contender: Contender;
  readonly close: () => void;
}

/**
 * Starts the process of a contender.
 *
 * @param questions - The events of the questions; undefined where it can't be asked. The first is the one that is timed.
 */
export async function startContender(
  name: string,
  start: Order,
  questions: readonly [BenchEvent, ...(BenchEvent | undefined)[]],
  env: Readonly<Record<string, string>>,
): Promise<Running> {
  const child = fork(join(import.meta.dirname, "worker.ts"), {
    env: { ...process.env, ...env },
    // Refused tokens have lines on standard error.
    stdio: ["ignore", "pipe", "ignore", "ipc"],
  });
  // Reads the log lines, and drops them.
  child.stdout?.resume();
  await tell(child, start);
  const [timed] = questions;
  return {
    contender: {
      name,
      answers: async (): Promise<Answers> => {
        const given: (string | undefined)[] = [];
        for (const event of questions) {
          given.push(event === undefined ? undefined : String(await tell(child, { kind: "answer", event })));
        }
        return given;
      },
      run: async (times) => (await tell(child, { kind: "run", event: timed, times })) as Sample,
    },
    close: () => child.kill(),
  };
}

function tell(child: ChildProcess, order: Order): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error("the process of a contender ended"));
    child.once("exit", ended);
    child.once("message", (reply: { readonly value?: unknown; readonly error?: string }) => {
      child.off("exit", ended);
      if (reply.error === undefined) resolve(reply.value);
      else reject(new Error(reply.error));
    });
    child.send(order);
  });
}
