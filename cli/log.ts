import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { parseLogEntry } from "../contract/decision-log.ts";
import { type Command, couldNotRun, done, found } from "./command.ts";

export const command: Command = {
  usage: `rego-authorizer log [--api NAME] [--stage NAME] [--revision ID] [FILE…]
  prints lines of the decision log as whole entries in OPA's format, one JSON document a line; other lines are left out
  --api       only entries of the API with this name, or id
  --stage     only entries of this stage
  --revision  only entries of this revision, of which the beginning is enough
  FILE  a file with lines of the log, as CloudWatch has them; default: standard input
  the "input" of an entry is what opa eval repeats the decision with; an entry has no issuer if only one is trusted`,
  flags: ["api", "stage", "revision"],
  takesPositionals: true,
  async run({ flags: { api, stage, revision = "" }, positionals: files }) {
    const texts: string[] = [];
    for (const file of files) {
      const read = await readFile(file, "utf8").catch(() => undefined);
      if (read === undefined) return couldNotRun([`${file} can't be read; name a file with lines of the decision log`]);
      texts.push(read);
    }
    if (files.length === 0) texts.push(await text(process.stdin));
    // The CLI of AWS separates messages by tabs if it prints text.
    const lines = texts.flatMap((one) => one.split(/[\n\t]/)).filter((line) => line.trim() !== "");
    const entries = lines.map(parseLogEntry).flatMap((entry) => (entry.ok ? [entry.value] : []));
    if (entries.length === 0) return found([`none of ${lines.length} lines is of the decision log`]);
    const left = lines.length - entries.length;
    const note = left > 0 ? [`${left} of ${lines.length} lines are not of the decision log`] : [];
    const wanted = entries.filter(
      ({ labels, revision: own }) =>
        [undefined, labels.api].includes(api) && [undefined, labels.stage].includes(stage) && own.startsWith(revision),
    );
    if (wanted.length === 0)
      return found([`none of ${entries.length} entries is of this API, stage and revision; leave a flag out`]);
    return done(wanted.map((entry) => `${JSON.stringify(entry)}\n`).join(""), note);
  },
};
