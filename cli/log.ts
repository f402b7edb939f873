import { createReadStream, existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { readDist } from "../build/package/dist.ts";
import { parseLogEntry } from "../contract/decision-log.ts";
import type { LogEntry } from "../contract/log-entry.ts";
import {
  type Command,
  couldNotRun,
  createFlagReader,
  done,
  EXIT,
  found,
  type Given,
  misused,
  type Outcome,
} from "./command.ts";
import { createReportOnlyCount, formatReportOnly } from "./report-only-summary.ts";

export const command: Command = {
  usage: `rego-authorizer log [FILE…] [--api NAME] [--stage NAME] [--revision ID] [--report-only] [--dist DIR] [--format text|json]
  prints lines of the decision log as whole entries in OPA's format, one JSON document a line; other lines are left out
  FILE           a file with lines of the log, as CloudWatch has them; default: standard input
  --api          only entries of the API with this name, or id
  --stage        only entries of this stage
  --revision     only entries of this revision, of which the beginning is enough
  --report-only  sums up what report-only authorizers would refuse: by reason, by route, by group; exits with 1 if they
                 would refuse something, or could not decide
  --dist         the folder of the package, whose routes paths are counted by; default: dist, if it is there
  --format       of the sum; default: text
  the "input" of an entry is what opa eval repeats the decision with; an entry has no issuer if only one is trusted`,
  flags: ["api", "stage", "revision", "dist", "format"],
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
    return isSum ? sumUp(given, isJson) : print(given);
  },
};

async function print(given: Given): Promise<Outcome> {
  const entries: LogEntry[] = [];
  const read = await readEntries(given, (entry) => entries.push(entry));
  if (entries.length === 0) return found(toNotes(read));
  return done(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""), toNotes(read));
}

async function sumUp(given: Given, isJson: boolean): Promise<Outcome> {
  const { dist: named } = given.flags;
  const distPath = named ?? "dist";
  const isThere = named !== undefined || existsSync(join(distPath, "authorizer", "manifest.json"));
  const dist = isThere ? readDist(distPath) : undefined;
  if (dist !== undefined && !dist.ok) return couldNotRun([dist.error]);
  const count = createReportOnlyCount(dist?.value.manifest.cache_contract.routes ?? []);
  let enforced = 0;
  const read = await readEntries(given, (entry) => {
    if (!count.add(entry)) enforced += 1;
  });
  const summary = count.summary();
  const notes = [
    ...toNotes(read),
    ...(enforced > 0 ? [`${enforced} of ${read.lines} lines are of enforced decisions, which are not counted`] : []),
  ];
  if (summary.requests === 0) return found([...notes, `none of ${read.lines} lines is of a report-only authorizer`]);
  const output = isJson ? `${JSON.stringify(summary, null, 2)}\n` : formatReportOnly(summary);
  const isFine = summary.refused + summary.undecided === 0;
  return { kind: "done", exit: isFine ? EXIT.fine : EXIT.found, output, lines: notes };
}

/** The numbers of lines: all, those that are entries, and those of the entries that are wanted. */
interface Lines {
  readonly lines: number;
  readonly entries: number;
  readonly wanted: number;
}

/** Says which lines were left out. */
function toNotes({ lines, entries, wanted }: Lines): readonly string[] {
  if (entries === 0) return [`none of ${lines} lines is of the decision log`];
  if (wanted === 0) return [`none of ${entries} entries is of this API, stage and revision; leave a flag out`];
  return lines === entries ? [] : [`${lines - entries} of ${lines} lines are not of the decision log`];
}

/** Reads the wanted entries of files, or of standard input, one after another. */
async function readEntries({ flags, positionals }: Given, onEntry: (entry: LogEntry) => void): Promise<Lines> {
  const { api, stage, revision = "" } = flags;
  const isWanted = ({ labels, revision: own }: LogEntry) =>
    [undefined, labels.api].includes(api) && [undefined, labels.stage].includes(stage) && own.startsWith(revision);
  let [lines, entries, wanted] = [0, 0, 0];
  const inputs = positionals.length === 0 ? [process.stdin] : positionals.map((file) => createReadStream(file, "utf8"));
  // The CLI of AWS separates messages by tabs if it prints text.
  for (const input of inputs)
    for await (const row of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY }))
      for (const line of row.split("\t").filter((text) => text.trim() !== "")) {
        lines += 1;
        const entry = parseLogEntry(line);
        if (!entry.ok) continue;
        entries += 1;
        if (!isWanted(entry.value)) continue;
        wanted += 1;
        onEntry(entry.value);
      }
  return { lines, entries, wanted };
}
