// In a process of its own, with --expose-gc: imports a built handler, and measures memory between decisions. Not in TypeScript, since
// what strips its types would count.
import { readFileSync } from "node:fs";

/** The memories of all instances of the engine, for reading their size. */
const memories = [];
WebAssembly.Memory = class extends WebAssembly.Memory {
  constructor(descriptor) {
    super(descriptor);
    memories.push(this);
  }
};

const [, , entry, eventFile, ...points] = process.argv;
const event = JSON.parse(readFileSync(eventFile, "utf8"));
const { handler } = await import(entry);
const measured = [];
let decisions = 0;
for (const point of points) {
  for (; decisions < Number(point); decisions += 1) await handler(event);
  globalThis.gc();
  const { heapUsed: heap, rss: resident } = process.memoryUsage();
  const engine = memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
  measured.push({ decisions, engine, heap, resident, peak: process.resourceUsage().maxRSS * 1024 });
}
process.stderr.write(`${JSON.stringify(measured)}\n`);
