import { extname } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { parseLogEntry } from "../contract/decision-log.ts";
import type { LogEntry } from "../contract/log-entry.ts";
import type { Invocation } from "../simulator/invocation.ts";
import { ACCOUNT_ID, REGION } from "../simulator/simulated-api.ts";

/** A running handler. */
export interface Lambda {
  /** @param alias - The alias that the authorizer's URI names; default: none, and no ARN that was invoked. */
  readonly invoke: (event: unknown, alias?: string) => Promise<Invocation>;
  /** Ends the handler after all its responses have arrived. */
  readonly close: () => Promise<void>;
}

/** The settings that the handler runs with. */
export interface LambdaOptions {
  /** The path of `index.mjs`. */
  readonly handler: string;
  /** The whole environment of the handler. */
  readonly environment: Readonly<Record<string, string>>;
  /** The time-out of the Lambda; default: 5,000, as in the deployment. */
  readonly timeoutMs?: number;
  /** Called for each entry of the decision log, before its response arrives. */
  readonly onDecision: (entry: LogEntry) => void;
}

/**
 * Runs a handler in a thread with its own environment, so that a rebuilt handler can start while this one finishes.
 *
 * As in Lambda, a thread that does not respond in time is ended, and the next event gets a new thread.
 *
 * @throws The error that the handler's module throws when it is imported.
 */
export async function startLambda(options: LambdaOptions): Promise<Lambda> {
  const { timeoutMs = 5_000 } = options;
  let current = startThread(options);
  await current;
  return {
    async invoke(event, alias) {
      const used = current;
      const thread = await used;
      let timer: NodeJS.Timeout | undefined;
      const timedOut = new Promise<undefined>((resolve) => {
        timer = setTimeout(() => resolve(undefined), timeoutMs);
      });
      const invocation = await Promise.race([thread.invoke(event, alias), timedOut]);
      clearTimeout(timer);
      if (invocation !== undefined) return invocation;
      // Several invocations may time out in one thread; only the first replaces it.
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

/**
 * Formats the ARN with which Lambda is invoked through an alias.
 *
 * @see Lambda developer guide, "Using Lambda aliases in event sources and permissions policies"
 */
function toInvokedFunctionArn(alias: string): string {
  return `arn:aws:lambda:${REGION}:${ACCOUNT_ID}:function:authorizer:${alias}`;
}

// The compiled product has JavaScript files.
const WORKER = new URL(`lambda-worker${extname(import.meta.url)}`, import.meta.url);

interface Thread {
  readonly invoke: (event: unknown, alias?: string) => Promise<Invocation>;
  /** Resolves when no invocation is running. */
  readonly drain: () => Promise<void>;
  readonly terminate: () => Promise<unknown>;
}

async function startThread({ handler, environment, onDecision }: LambdaOptions): Promise<Thread> {
  const worker = new Worker(WORKER, {
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
    for (const resolve of waiting.values()) resolve({ error: "the handler's thread has ended" });
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
    invoke(event, alias) {
      return new Promise((resolve) => {
        lastId += 1;
        waiting.set(lastId, resolve);
        const invokedFunctionArn = alias === undefined ? undefined : toInvokedFunctionArn(alias);
        worker.postMessage({ id: lastId, event, context: { invokedFunctionArn } });
      });
    },
    drain: () => (waiting.size === 0 ? Promise.resolve() : new Promise<void>((resolve) => (drained = resolve))),
    terminate: () => worker.terminate(),
  };
}
