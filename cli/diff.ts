import { compareSides, type DiffReport } from "../analysis/compare/diff.ts";
import { formatDiffJson } from "../analysis/compare/diff-json.ts";
import { formatDiffMarkdown, formatDiffText } from "../analysis/compare/diff-text.ts";
import { readSide } from "../analysis/compare/read-side.ts";
import { findOpa } from "../build/opa/find.ts";
import { type Command, couldNotRun, createFlagReader, EXIT, misused, policiesOf } from "./command.ts";

const FORMATS: Readonly<Record<"text" | "md" | "json", (report: DiffReport) => string>> = {
  text: formatDiffText,
  md: formatDiffMarkdown,
  json: formatDiffJson,
};

export const command: Command = {
  usage: `rego-authorizer diff BASE [HEAD] [--policies DIR] [--format text|md|json]
  says who gains access and who loses it between two policies, with a request that shows each change
  BASE, HEAD  a Git ref, such as main or HEAD~1; a folder of policies; a dist/ folder; a bundle; or an access.lock.
              HEAD is the folder of policies by default
  --policies  the folder with access/ in it, also at a Git ref; default: policies
  --format    text, md or json; default: text
  exit code 0: no change in access; 1: some; 2: the two could not be compared`,
  flags: ["policies", "format"],
  takesPositionals: true,
  needsNoPolicies: true,
  async run(given) {
    const reader = createFlagReader(given);
    const format = reader.choose("format", ["text", "md", "json"], "text");
    const policies = policiesOf(given);
    const [base, head = policies, ...others] = given.positionals;
    if (base === undefined || others.length > 0) reader.report("name one or two policies");
    if (reader.errors.length > 0 || base === undefined) return misused(reader.errors);
    const opa = await findOpa();
    if (!opa.ok) return couldNotRun([opa.error]);
    const options = { opaPath: opa.value, policies };
    const before = await readSide(base, options);
    if (!before.ok) return couldNotRun(before.error);
    await using first = before.value;
    const after = await readSide(head, options);
    if (!after.ok) return couldNotRun(after.error);
    await using second = after.value;
    const report = await compareSides(first, second);
    if (!report.ok) return couldNotRun(report.error);
    const exit = report.value.changes.length === 0 ? EXIT.fine : EXIT.found;
    return { kind: "done", exit, output: FORMATS[format](report.value) };
  },
};
