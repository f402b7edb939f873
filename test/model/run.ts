import { pathToFileURL } from "node:url";
import { createHandler } from "../../authorizer/create-handler.ts";
import type { Configuration, Run } from "./cloud.ts";

/** Runs a function with the clock at a time. */
export async function at<Value>(nowMs: number, run: () => Promise<Value>): Promise<Value> {
  const real = Date.now;
  Date.now = () => nowMs;
  try {
    return await run();
  } finally {
    Date.now = real;
  }
}

type Handler = ReturnType<typeof createHandler>;

const handlers = new Map<string, Handler | undefined>();

/** Starts the handler of a configuration once; undefined if it does not start, as after an update by halves. */
function handlerOf({ code, environment }: Configuration): Handler | undefined {
  const key = JSON.stringify([code, environment]);
  if (!handlers.has(key)) handlers.set(key, start(code, environment));
  return handlers.get(key);
}

function start(code: string, environment: Configuration["environment"]): Handler | undefined {
  try {
    return createHandler(environment, pathToFileURL(`${code}/`), { record: () => {}, warn: () => {} });
  } catch {
    return undefined;
  }
}

/** The beginning of the name of code that stands for version 0.1, which does not read by which alias it was invoked. */
export const LEGACY = "legacy-";

/** Runs the product's handler, in this process. */
export const run: Run = async ({ code, environment }, event, invokedFunctionArn) => {
  const isLegacy = code.includes(LEGACY);
  const handler = handlerOf({ code: code.replace(LEGACY, ""), environment });
  if (handler === undefined) return { error: "the authorizer can't start" };
  return handler(event, undefined, isLegacy ? undefined : invokedFunctionArn).then(
    (response) => ({ response }),
    (error: Error) => ({ error: error.message }),
  );
};
