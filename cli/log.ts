import { createReadStream, existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { readDist } from "../build/package/dist.ts";
import { parseLogEntry } from "../contract/decision-log.ts";
import type { LogEntry } from "../contract/log-entry.ts";
import { type Command, couldNotRun, createFlagReader, done, EXIT, found, misused, type Outcome } from "./command.ts";
import { createReportOnlyCount, formatReportOnly } from "./report-only-summary.ts";

export const command: Command = {
  usage: `rego-authorizer log [FILE…] [--report-only] [--dist DIR] [--format text|json]
  prints lines of the decision log as whole entries in OPA's format, one JSON document a line; other lines are left out
  FILE           a file with lines of the log, as CloudWatch has them; default: standard input
  --report-only  sums up what report-only authorizers would refuse: by reason, by route, by group; exits with 1 if they
                 would refuse something, or could not decide
  --dist         the folder of the package, whose routes paths are counted by; default: dist, if it is there
  --format       of the sum; default: text
  the "input" of an entry is what opa eval repeats the decision with; an entry has no issuer if only one is trusted`,
  flags: ["dist", "format"],
  switches: ["report-only"],
  takesPositionals: true,
  async run(given) {
    const read = createFlagReader(given);
    const isJson = read.choose("format", ["text", "json"], "text") === "json";
    const isSum = given.switches.has("report-only");
    if (!isSum && (given.flags["format"] !== undefined || given.flags["dist"] !== undefined))
      read.report("--format and --dist are for --report-only");
    if (read.errors.length > 0) return misused(read.errors);
    const missing = given.positionals.find((file) => !existsSync(file));
    if (missing !== undefined)
      return couldNotRun([`${missing} can't be read; name a file with lines of the decision log`]);
    return isSum ? sumUp(given.positionals, given.flags["dist"], isJson) : print(given.positionals);
  },
};

async function print(files: readonly string[]): Promise<Outcome> {
  const entries: LogEntry[] = [];
  const { lines, left } = await readEntries(files, (entry) => entries.push(entry));
  if (entries.length === 0) return found([`none of ${lines} lines is of the decision log`]);
  const note = left > 0 ? [`${left} of ${lines} lines are not of the decision log`] : [];
  return done(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""), note);
}

async function sumUp(files: readonly string[], named: string | undefined, isJson: boolean): Promise<Outcome> {
  const distPath = named ?? "dist";
  const isThere = named !== undefined || existsSync(join(distPath, "authorizer", "manifest.json"));
  const dist = isThere ? readDist(distPath) : undefined;
  if (dist !== undefined && !dist.ok) return couldNotRun([dist.error]);
  const count = createReportOnlyCount(dist?.value.manifest.cache_contract.routes ?? []);
  let enforced = 0;
  const { lines, left } = await readEntries(files, (entry) => {
    if (!count.add(entry)) enforced += 1;
  });
  const summary = count.summary();
  const notes = [
    ...(left > 0 ? [`${left} of ${lines} lines are not of the decision log`] : []),
    ...(enforced > 0 ? [`${enforced} of ${lines} lines are of enforced decisions, which are not counted`] : []),
  ];
  if (summary.requests === 0) return found([...notes, `none of ${lines} lines is of a report-only authorizer`]);
  const output = isJson ? `${JSON.stringify(summary, null, 2)}\n` : formatReportOnly(summary);
  const isFine = summary.refused + summary.undecided === 0;
  return { kind: "done", exit: isFine ? EXIT.fine : EXIT.found, output, lines: notes };
}

/** Reads the entries of files, or of standard input; counts all lines, and those that are not entries. */
async function readEntries(files: readonly string[], onEntry: (entry: LogEntry) => void) {
  let [lines, left] = [0, 0];
  const inputs = files.length === 0 ? [process.stdin] : files.map((file) => createReadStream(file, "utf8"));
  // The CLI of AWS separates messages by tabs if it prints text.
  for (const input of inputs)
    for await (const row of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY }))
      for (const line of row.split("\t").filter((text) => text.trim() !== "")) {
        lines += 1;
        const entry = parseLogEntry(line);
        if (entry.ok) onEntry(entry.value);
        else left += 1;
      }
  return { lines, left };
}
