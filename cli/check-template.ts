import { existsSync } from "node:fs";
import { readDist } from "../build/package/dist.ts";
import type { PublicRule } from "../contract/public-rules.ts";
import { err, ok, type Result } from "../contract/result.ts";
import { type Accepted, isDay } from "../gate/finding.ts";
import type { Seen } from "../gate/judge.ts";
import { judgeFiles } from "../gate/judge-files.ts";
import { formatReport } from "../gate/report.ts";
import {
  type Command,
  couldNotRun,
  createFlagReader,
  done,
  EXIT,
  type Given,
  misused,
  type Outcome,
} from "./command.ts";
import { readSubject } from "./subject.ts";

export const command: Command = {
  usage: `rego-authorizer check-template FILE|FOLDER… [--accept NAME[@DAY]=REASON]… [--authorizer NAME]…
                               [--policies DIR | --dist DIR] [--format text|json]
  FILE          a template of CloudFormation or AWS SAM, JSON or YAML, or a plan: terraform show -json PLAN > plan.json
  FOLDER        a folder that cdk synth wrote, such as cdk.out
  --accept      accepts an authorizer without a policy, a stage that is deployed otherwise, and the like, by the name of
                the resource; what is open or can't be read is never accepted; with a day, such as Api@2026-12-31, until then
  --authorizer  an authorizer or function that evaluates the policy although the files don't show it: its logical id, name
                or ARN
  --policies    the folder with access/ in it, whose public rules say which methods may be open
  --dist        the same for a build: the folder of the package
                default: what the constructs have written into the files, which is then said; without that no method may be open
  --format      text or json; default: text`,
  flags: ["format", "policies", "dist"],
  lists: ["accept", "authorizer"],
  takesPositionals: true,
  needsNoPolicies: true,
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
    if (given.flags["policies"] !== undefined && given.flags["dist"] !== undefined)
      flags.report("name one of --policies and --dist: both have public rules");
    if (flags.errors.length > 0) return misused(flags.errors);
    const publicRules = await readPublicRules(given);
    if (!publicRules.ok) return publicRules.error;
    const missing = paths.filter((path) => !existsSync(path));
    if (missing.length > 0) return couldNotRun(missing.map((path) => `${path} does not exist`));

    const report = judgeFiles(paths, {
      accepted: accepted.filter((one) => one !== undefined),
      authorizers: given.lists?.["authorizer"] ?? [],
      publicRules: publicRules.value,
    });
    const isFine = report.findings.length === 0;
    if (isFine && report.seen.apis === 0 && report.seen.methods === 0)
      return couldNotRun([`found no API in ${paths.join(", ")}; name the templates that make APIs`]);
    const isCompared = publicRules.value !== undefined;
    const output = `${JSON.stringify({ ...report, comparedWith: isCompared ? "policy" : "marks" }, null, 2)}\n`;
    if (isJson) return { kind: "done", exit: isFine ? EXIT.fine : EXIT.found, output };
    const lines = [...(isCompared ? [] : describeTrust(report.seen)), ...formatReport(report)];
    return isFine ? done(`${lines.join("\n")}\n`) : { kind: "done", exit: EXIT.found, lines };
  },
};

/** Reads the public rules of the policies or the build that the user names; undefined if the user names none. */
async function readPublicRules(given: Given): Promise<Result<readonly PublicRule[] | undefined, Outcome>> {
  const { policies, dist } = given.flags;
  if (policies !== undefined) {
    const subject = await readSubject(given, []);
    if (!subject.ok) return subject;
    await using policy = subject.value.policy;
    return ok(policy.publicRules);
  }
  if (dist === undefined) return ok(undefined);
  const built = readDist(dist);
  return built.ok ? ok(built.value.publicRules) : err(couldNotRun([built.error]));
}

/** Says of open methods that only the files themselves call them public. Whoever writes a template can write that, too. */
function describeTrust({ public: open = 0 }: Seen): readonly string[] {
  if (open === 0) return [];
  const what = open === 1 ? "the public method is" : `the ${open} public methods are`;
  return [`notice: ${what} not compared with a policy, but taken from marks in the files; give --policies or --dist`];
}

/** Parses `NAME=REASON` or `NAME@2026-12-31=REASON`; gives undefined if the name or the reason is empty. */
function parseAccepted(text: string): Accepted | undefined {
  const [, name, until, reason] = /^([^=]+?)(?:@(\d{4}-\d{2}-\d{2}))?=(.*)$/s.exec(text) ?? [];
  if (name === undefined || reason === undefined || reason.trim() === "") return undefined;
  return { name, reason, ...(until !== undefined && { until }) };
}
