import fc from "fast-check";
import { changed, createEvent, redirected } from "../support/events.ts";
import { eventsWith } from "./events.ts";
import { importHandler } from "./handler.ts";

// `npm run soak`: 100,000 decisions on good and bad requests in one process, and the largest event that API Gateway
// sends. Prints memory at the start, at the end and at its maximum.

const DECISIONS = 100_000;
const MB = 1e6;

/** The memories of all instances of the engine, for reading their size. */
const memories: WebAssembly.Memory[] = [];
WebAssembly.Memory = class extends WebAssembly.Memory {
  constructor(descriptor: WebAssembly.MemoryDescriptor) {
    super(descriptor);
    memories.push(this);
  }
};

if (globalThis.gc === undefined) throw new Error("needs --expose-gc");
const collect = globalThis.gc;
await using soaked = await importHandler();
const { handler, tokens } = soaked;
const events = fc.sample(eventsWith(tokens), 5_000);
const answer = (event: unknown) => handler(event).catch(() => undefined);
for (const event of events) await answer(event);

const heaps: number[] = [];
const engines: number[] = [];
for (let at = 0; at <= DECISIONS; at += 1) {
  if (at % 10_000 === 0) {
    collect();
    heaps.push(process.memoryUsage().heapUsed);
    engines.push(memories.at(-1)?.buffer.byteLength ?? 0);
  }
  await answer(events[at % events.length]);
}
console.log(`${DECISIONS} decisions, after ${events.length} to warm up; ${memories.length} engine instances in all`);
print("heap after collection", heaps);
print("memory of the engine", engines);

const [good = ""] = tokens.good.keys();
const largest = changed(
  redirected("rest-request", createEvent("rest-request", good), "GET", `/files/${"a/".repeat(700)}b`),
  {
    // 10,240 bytes of headers, the token's included; 10,240 characters of a URL.
    ...Object.fromEntries([...Array(90).keys()].map((at) => [`headers.x-${at}`, "y".repeat(90)])),
    ...Object.fromEntries([...Array(400).keys()].map((at) => [`queryStringParameters.q${at}`, "z".repeat(18)])),
  },
);
const times: number[] = [];
for (let run = 0; run < 200; run += 1) {
  const start = performance.now();
  await answer(largest);
  times.push(performance.now() - start);
}
console.log(
  `the largest event, ${(JSON.stringify(largest).length / 1000).toFixed(0)} kB, first: ${times[0]?.toFixed(1)} ms, at most: ${Math.max(...times).toFixed(1)} ms (below 20 ms)`,
);

function print(what: string, sizes: readonly number[]): void {
  const [start = 0, end = 0] = [sizes[0], sizes.at(-1)];
  console.log(
    `${what}: start ${(start / MB).toFixed(2)} MB, end ${(end / MB).toFixed(2)} MB, at most ${(Math.max(...sizes) / MB).toFixed(2)} MB`,
  );
}
