import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { type LogEntry, parseLogEntry } from "../contract/decision-log.ts";
import type { Invocation } from "../simulator/invocation.ts";

/** The built handler, running. */
export interface Lambda {
  readonly invoke: (event: unknown) => Promise<Invocation>;
  /** Ends it, once it has answered all that it was asked. */
  readonly close: () => Promise<void>;
}

/** What the handler is run with. */
export interface LambdaOptions {
  /** The path of `index.mjs`. */
  readonly handler: string;
  /** All of its environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** The time-out that docs and deployment give the Lambda. */
  readonly timeoutMs?: number;
  /** Told each entry of the decision log, before the answer that it is about. */
  readonly onDecision: (entry: LogEntry) => void;
}

/**
 * Runs the handler of `dist/authorizer` in a thread with an environment of its own, so that a rebuilt one can take over
 * while this one finishes. As in Lambda, one that does not answer in time is ended, and the next event gets a new one.
 *
 * @throws What the handler's module throws when it is imported.
 */
export async function startLambda(options: LambdaOptions): Promise<Lambda> {
  const { timeoutMs = 5_000 } = options;
  let current = startThread(options);
  await current;
  return {
    async invoke(event) {
      const used = current;
      const thread = await used;
      const timedOut = Promise.withResolvers<undefined>();
      const timer = setTimeout(() => timedOut.resolve(undefined), timeoutMs);
      const invocation = await Promise.race([thread.invoke(event), timedOut.promise]);
      clearTimeout(timer);
      if (invocation !== undefined) return invocation;
      // Whoever is first replaces it for all.
      if (current === used) current = startThread(options);
      await thread.terminate();
      return { error: `Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds` };
    },
    async close() {
      const thread = await current;
      await thread.drain();
      await thread.terminate();
    },
  };
}

interface Thread {
  readonly invoke: (event: unknown) => Promise<Invocation>;
  /** Resolves when nothing is under way. */
  readonly drain: () => Promise<void>;
  readonly terminate: () => Promise<unknown>;
}

async function startThread({ handler, environment, onDecision }: LambdaOptions): Promise<Thread> {
  const worker = new Worker(new URL("lambda-worker.ts", import.meta.url), {
    env: environment,
    workerData: { handler: pathToFileURL(handler).href },
  });
  const waiting = new Map<number, (invocation: Invocation) => void>();
  let lastId = 0;
  let drained: (() => void) | undefined;

  await new Promise<void>((resolve, reject) => {
    worker.once("message", () => resolve());
    worker.once("error", reject);
  });
  worker.on("exit", () => {
    for (const answer of waiting.values()) answer({ error: "the handler's thread has ended" });
  });
  worker.on("message", (message: { readonly printed: string } | ({ readonly id: number } & Invocation)) => {
    if ("printed" in message) {
      const entry = parseLogEntry(message.printed);
      if (entry.ok) onDecision(entry.value);
      return;
    }
    const { id, ...invocation } = message;
    waiting.get(id)?.(invocation);
    waiting.delete(id);
    if (waiting.size === 0) drained?.();
  });

  return {
    invoke(event) {
      return new Promise((resolve) => {
        lastId += 1;
        waiting.set(lastId, resolve);
        worker.postMessage({ id: lastId, event });
      });
    },
    drain: () => (waiting.size === 0 ? Promise.resolve() : new Promise<void>((resolve) => (drained = resolve))),
    terminate: () => worker.terminate(),
  };
}
