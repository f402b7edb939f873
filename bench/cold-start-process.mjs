// One cold start: loads the handler, sends it the event, and prints what that took on standard error, where nothing else goes.
import { readFileSync } from "node:fs";

const [, , entry, eventFile] = process.argv;
const { handler } = await import(entry);
const loadedMs = performance.now();
const answer = await handler(JSON.parse(readFileSync(eventFile, "utf8")));
const answeredMs = performance.now();
const { userCPUTime, systemCPUTime } = process.resourceUsage();
const cpuMs = (userCPUTime + systemCPUTime) / 1000;
process.stderr.write(`${JSON.stringify({ cpuMs, loadedMs, answeredMs, answer })}\n`);
