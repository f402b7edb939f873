import { parentPort, workerData } from "node:worker_threads";
import { captureOutput } from "./captured-output.ts";

// This runs in a worker thread: it imports the built handler and invokes it, like the Lambda runtime.

// The log goes through the same port as the responses, so that the line of a decision arrives before its response.
captureOutput((printed) => parentPort?.postMessage({ printed }));
const { handler } = (await import(workerData.handler)) as {
  handler: (event: unknown, context: object) => Promise<unknown>;
};

parentPort?.on("message", async ({ id, event, context }: { id: number; event: unknown; context: object }) => {
  try {
    parentPort?.postMessage({ id, response: await handler(event, context) });
  } catch (error) {
    parentPort?.postMessage({ id, error: error instanceof Error ? error.message : String(error) });
  }
});
parentPort?.postMessage({ ready: true });
