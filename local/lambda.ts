import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import type { LogEntry } from "../authorizer/decision-log.ts";

/** What the handler answered, or the message of what it threw. */
export type Invocation = { readonly answer: unknown } | { readonly error: string };

/** The built handler, running. */
export interface Lambda {
  readonly invoke: (event: unknown) => Promise<Invocation>;
  /** Ends it, once it has answered all that it was asked. */
  readonly close: () => Promise<void>;
}

/**
 * Runs the handler of `dist/authorizer` in a thread with an environment of its own, so that a rebuilt one can take over
 * while this one finishes.
 *
 * @param onDecision - Told each entry of the decision log.
 * @throws What the handler's module throws when it is imported.
 */
export async function startLambda(
  handler: string,
  environment: Readonly<Record<string, string>>,
  onDecision: (entry: LogEntry) => void,
): Promise<Lambda> {
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
      onDecision(JSON.parse(message.printed) as LogEntry);
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
    async close() {
      if (waiting.size > 0) await new Promise<void>((resolve) => (drained = resolve));
      await worker.terminate();
    },
  };
}
