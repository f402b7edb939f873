import { parentPort, workerData } from "node:worker_threads";

// Inside a worker: imports the handler as it was built and runs it, like the Lambda runtime does.

// What it prints goes the same way as its answers, so that the line about a decision arrives before the answer.
process.stdout.write = (chunk) => {
  parentPort?.postMessage({ printed: String(chunk) });
  return true;
};
const { handler } = (await import(workerData.handler)) as { handler: (event: unknown) => Promise<unknown> };

parentPort?.on("message", async ({ id, event }: { id: number; event: unknown }) => {
  try {
    parentPort?.postMessage({ id, answer: await handler(event) });
  } catch (error) {
    parentPort?.postMessage({ id, error: error instanceof Error ? error.message : String(error) });
  }
});
parentPort?.postMessage({ ready: true });
