// One cold start: loads the handler, sends it the event, and prints what that took on standard error, where nothing else goes.
// It uses no module but `node:fs`, which Lambda's own runtime loads, too: what a handler loads is to count as its own.
import { readFileSync } from "node:fs";

const [, , entry, eventFile] = process.argv;
const { handler } = await import(entry);
const loadedMs = process.uptime() * 1000;
const answer = await handler(JSON.parse(readFileSync(eventFile, "utf8")));
const answeredMs = process.uptime() * 1000;
const { userCPUTime, systemCPUTime } = process.resourceUsage();
const cpuMs = (userCPUTime + systemCPUTime) / 1000;
process.stderr.write(`${JSON.stringify({ cpuMs, loadedMs, answeredMs, answer })}\n`);
