import { parentPort, workerData } from "node:worker_threads";

// Inside a worker: imports the handler as it was built and runs it, like the Lambda runtime does.
const { handler } = (await import(workerData.handler)) as { handler: (event: unknown) => Promise<unknown> };

parentPort?.on("message", async ({ id, event }: { id: number; event: unknown }) => {
  try {
    parentPort?.postMessage({ id, answer: await handler(event) });
  } catch (error) {
    parentPort?.postMessage({ id, error: error instanceof Error ? error.message : String(error) });
  }
});
parentPort?.postMessage({ ready: true });
