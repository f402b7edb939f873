import { pathToFileURL } from "node:url";
import { createHandler } from "../../authorizer/create-handler.ts";
import type { Respond } from "../../authorizer/pipeline.ts";
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

const handlers = new Map<string, Respond | undefined>();

/** Starts the handler of a configuration once; undefined if it does not start, as after an update by halves. */
function handlerOf({ code, environment }: Configuration): Respond | undefined {
  const key = JSON.stringify([code, environment]);
  if (!handlers.has(key)) handlers.set(key, start(code, environment));
  return handlers.get(key);
}

function start(code: string, environment: Configuration["environment"]): Respond | undefined {
  try {
    return createHandler(environment, pathToFileURL(`${code}/`), { record: () => {}, warn: () => {} });
  } catch {
    return undefined;
  }
}

/** Runs the product's handler, in this process. */
export const run: Run = async (configuration, event, _invokedFunctionArn) => {
  const handler = handlerOf(configuration);
  if (handler === undefined) return { error: "the authorizer can't start" };
  return handler(event).then(
    (response) => ({ response }),
    (error: Error) => ({ error: error.message }),
  );
};
