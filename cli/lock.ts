import { join } from "node:path";
import { formatTooManyTests } from "../analysis/access/formats.ts";
import { toAccessPolicy } from "../analysis/compare/access-policy.ts";
import { formatLockState, readLockState, toLockText, writeLock } from "../analysis/compare/lock-file.ts";
import { LOCK_FILE } from "../contract/access-lock.ts";
import { formatAnswer } from "../review/markdown.ts";
import {
  type Command,
  couldNotRun,
  createFlagReader,
  done,
  EXIT,
  type ExitCode,
  found,
  misused,
  type Outcome,
  policiesOf,
} from "./command.ts";
import { readWholePolicy } from "./subject.ts";

export const command: Command = {
  usage: `rego-authorizer lock [--check] [--policies DIR] [--format text|md|json]
  writes who may do what into the file access.lock beside access/, as sorted lines; check it in, and review its diff
  --check     compares the file with the policy instead; exit code 1 if it is stale or missing
  --policies  the folder with access/ in it; default: policies
  --format    text, md or json; json has all lines that come and go; default: text`,
  flags: ["policies", "format"],
  switches: ["check"],
  async run(given) {
    const flags = createFlagReader(given);
    const format = flags.choose("format", ["text", "md", "json"], "text");
    if (flags.errors.length > 0) return misused(flags.errors);
    const policies = policiesOf(given);
    const read = await readWholePolicy(given);
    if (!read.ok) return read.error;
    await using policy = read.value;
    const access = toAccessPolicy(policy);
    const file = join(policies, LOCK_FILE);
    if (given.switches.has("check")) {
      const state = await readLockState(policies, access);
      if (!state.ok) return couldNotRun([formatTooManyTests(state.error)]);
      const { kind: lock, ...changes } = state.value;
      const lines = formatLockState(policies, state.value);
      if (lines.length === 0) return print(EXIT.fine, format, [`${file} is current`], { lock });
      return print(EXIT.found, format, lines, { lock, ...changes });
    }
    const text = toLockText(access);
    if (!text.ok) return couldNotRun([formatTooManyTests(text.error)]);
    const isChanged = await writeLock(policies, text.value);
    const count = text.value.split("\n").length - 2;
    const line = `${file}: ${count} ${count === 1 ? "line" : "lines"}${isChanged ? "" : ", as before"}`;
    return print(EXIT.fine, format, [line], { lock: "current", lines: count, changed: isChanged });
  },
};

/** Prints what is said of a lock. What is wrong is on standard error, unless the output is a document. */
function print(exit: ExitCode, format: "text" | "md" | "json", lines: readonly string[], report: object): Outcome {
  const text = `${lines.join("\n")}\n`;
  if (format === "json") return { kind: "done", exit, output: `${JSON.stringify(report)}\n` };
  if (format === "md") return { kind: "done", exit, output: formatAnswer(text) };
  return exit === EXIT.fine ? done(text) : found(lines);
}
