import { captureOutput } from "../../local/captured-output.ts";

// In a process of its own: imports the handler as it was built and runs it. An environment variable of Node itself, such as
// NODE_EXTRA_CA_CERTS, counts only from the start of a process, so that a thread will not do.

captureOutput((printed) => process.send?.({ printed }));
const { handler } = (await import(process.argv[2] ?? "")) as { handler: (event: unknown) => Promise<unknown> };

process.on("message", async ({ id, event }: { id: number; event: unknown }) => {
  try {
    process.send?.({ id, response: await handler(event) });
  } catch (error) {
    process.send?.({ id, error: error instanceof Error ? error.message : String(error) });
  }
});
process.send?.({ ready: true });
