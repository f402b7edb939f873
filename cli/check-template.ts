import { existsSync } from "node:fs";
import { type Accepted, isDay } from "../gate/finding.ts";
import { judgeFiles } from "../gate/judge-files.ts";
import { formatReport } from "../gate/report.ts";
import { type Command, couldNotRun, createFlagReader, done, EXIT, misused } from "./command.ts";

export const command: Command = {
  usage: `rego-authorizer check-template FILE|FOLDER… [--accept NAME[@DAY]=REASON]… [--authorizer NAME]… [--format text|json]
  FILE          a template of CloudFormation or AWS SAM, JSON or YAML, or a plan: terraform show -json PLAN > plan.json
  FOLDER        a folder that cdk synth wrote, such as cdk.out
  --accept      accepts an authorizer without a policy, a stage that is deployed otherwise, and the like, by the name of
                the resource; what is open or can't be read is never accepted; with a day, such as Api@2026-12-31, until then
  --authorizer  an authorizer or function that evaluates the policy although the files don't show it: its logical id, name
                or ARN
  --format      text or json; default: text`,
  flags: ["format"],
  lists: ["accept", "authorizer"],
  takesPositionals: true,
  async run(given) {
    const flags = createFlagReader(given);
    const isJson = flags.choose("format", ["text", "json"], "text") === "json";
    const accepted = (given.lists?.["accept"] ?? []).map(parseAccepted);
    for (const one of accepted) if (one === undefined) flags.report("--accept must be NAME=REASON, with a reason");
    for (const one of accepted)
      if (one?.until !== undefined && !isDay(one.until))
        flags.report(`--accept: ${one.until} is not a day of the calendar`);
    const { positionals: paths } = given;
    if (paths.length === 0) flags.report("name the templates, plans or folders to check");
    if (flags.errors.length > 0) return misused(flags.errors);
    const missing = paths.filter((path) => !existsSync(path));
    if (missing.length > 0) return couldNotRun(missing.map((path) => `${path} does not exist`));

    const report = judgeFiles(paths, {
      accepted: accepted.filter((one) => one !== undefined),
      authorizers: given.lists?.["authorizer"] ?? [],
    });
    const isFine = report.findings.length === 0;
    if (isFine && report.seen.apis === 0 && report.seen.methods === 0)
      return couldNotRun([`found no API in ${paths.join(", ")}; name the templates that make APIs`]);
    if (isJson)
      return { kind: "done", exit: isFine ? EXIT.fine : EXIT.found, output: `${JSON.stringify(report, null, 2)}\n` };
    const lines = formatReport(report);
    return isFine ? done(`${lines.join("\n")}\n`) : { kind: "done", exit: EXIT.found, lines };
  },
};

/** Parses `NAME=REASON` or `NAME@2026-12-31=REASON`; gives undefined if the name or the reason is empty. */
function parseAccepted(text: string): Accepted | undefined {
  const [, name, until, reason] = /^([^=]+?)(?:@(\d{4}-\d{2}-\d{2}))?=(.*)$/s.exec(text) ?? [];
  if (name === undefined || reason === undefined || reason.trim() === "") return undefined;
  return { name, reason, ...(until !== undefined && { until }) };
}
