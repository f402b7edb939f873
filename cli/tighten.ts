import { tmpdir } from "node:os";
import { compareAccess } from "../analysis/access/changes.ts";
import { toAccessPolicy } from "../analysis/compare/access-policy.ts";
import { findOpa } from "../build/opa/find.ts";
import { formatProblems } from "../build/policy/problem.ts";
import { readPolicy } from "../build/policy/read-policy.ts";
import { createStaging } from "../build/staging.ts";
import { ok } from "../contract/result.ts";
import { readLocatedRoutes } from "../openapi/located-routes.ts";
import { readLines } from "../replay/read-lines.ts";
import { compileUsed } from "../tighten/compile-used.ts";
import { formatPlace, formatTightenMarkdown, formatTightenText } from "../tighten/formats.ts";
import { openDecisionLog } from "../tighten/open-log.ts";
import { createLogUse, type LogUse } from "../tighten/read-use.ts";
import type { TightenReport } from "../tighten/report.ts";
import { tighten } from "../tighten/tighten.ts";
import { type Command, couldNotRun, createFlagReader, EXIT, misused, type Outcome, policiesOf } from "./command.ts";
import { findPatchPlace } from "./patch-place.ts";
import { readDocuments, readKind } from "./subject.ts";

export const command: Command = {
  usage: `rego-authorizer tighten --log FILE… [--openapi [NAME=]FILE]… [--policies DIR] [--api auto|rest|http]
                        [--format text|md|json|patch]
  proposes to take away what no logged decision used: grants, roles and verbs of grants, and with --openapi the part of a path
  that no used route is in. Each proposal is a patch, proved to give nobody access. Nothing is changed
  --log       a file with lines of the decision log, of the authorizer or of OPA, perhaps packed with gzip; - is standard input.
              More files may follow it
  --openapi   an API's OpenAPI document, JSON or YAML. Once for each API, with its name if there are several
  --policies  the folder with access/ in it; default: policies
  --api       the kind of API that the documents are for; default: auto, what each shows
  --format    text, md, json, or patch: one patch of all proposals, which git apply takes in the root of the policies' Git repository; default:
              text
  exit code: 0 no proposal, 1 proposals, 2 the log shows nothing about the policy`,
  flags: ["policies", "api", "format"],
  lists: ["log", "openapi"],
  takesPositionals: true,
  async run(given) {
    const flags = createFlagReader(given);
    const format = flags.choose("format", ["text", "md", "json", "patch"], "text");
    const kind = readKind(flags);
    const documents = readDocuments(given.lists?.["openapi"], flags);
    const files = [...(given.lists?.["log"] ?? []), ...given.positionals];
    if (files.length === 0) flags.report("name the files of the decision log with --log FILE; - is standard input");
    if (flags.errors.length > 0) return misused(flags.errors);
    const located = documents.length === 0 ? ok(undefined) : await readLocatedRoutes(documents, kind);
    if (!located.ok) return couldNotRun(located.error);
    const opa = await findOpa();
    if (!opa.ok) return couldNotRun([opa.error]);
    const policies = policiesOf(given);
    const read = await readPolicy(opa.value, policies);
    if (!read.ok)
      return couldNotRun([...formatProblems(read.error), "nothing is proposed for a policy that does not build"]);
    await using policy = read.value;
    const used = await compileUsed(policy, located.value?.routes);
    const log = createLogUse(used);
    const unread = await readAll(log, files);
    if (unread !== undefined) return couldNotRun([unread]);
    await using staging = await createStaging(tmpdir(), "tightening");
    const report = await tighten({
      ...{ policy, policies, log, files, revisions: used.revisions },
      access: toAccessPolicy(policy),
      hasRoutes: located.value !== undefined,
      compare: compareAccess,
      folder: staging.path,
      place: await findPatchPlace(policies),
    });
    if (!report.ok) return couldNotRun(report.error);
    return toOutcome(report.value, format);
  },
};

function toOutcome(report: TightenReport, format: "text" | "md" | "json" | "patch"): Outcome {
  const exit = report.proposals.length === 0 ? EXIT.fine : EXIT.found;
  if (format !== "patch") return { kind: "done", exit, output: FORMATS[format](report) };
  const left = report.proposals.filter(({ by_hand: isByHand }) => isByHand);
  const lines = [
    ...formatPlace(report),
    ...report.notes,
    ...left.map(({ location, change }) => `${location}: by hand: ${change}`),
  ];
  return { kind: "done", exit, output: report.together.patch, lines };
}

const FORMATS: Readonly<Record<"text" | "md" | "json", (report: TightenReport) => string>> = {
  text: formatTightenText,
  md: formatTightenMarkdown,
  json: (report) => `${JSON.stringify(report)}\n`,
};

/** Reads all files into a count; gives why one can't be read. */
async function readAll(log: LogUse, files: readonly string[]): Promise<string | undefined> {
  for (const file of files) {
    const stream = await openDecisionLog(file, process.stdin);
    if (!stream.ok) return stream.error;
    try {
      await readLines(stream.value, (line) => log.add(line, file));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return `${file} can't be read to its end (${reason}); fetch it again`;
    }
  }
  return undefined;
}
