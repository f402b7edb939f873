import { readFile } from "node:fs/promises";
import { API_NAME_RULE, isApiName } from "../contract/deployment-alias.ts";
import { err, ok, type Result } from "../contract/result.ts";
import { listBlindSpots, listEmptyClaims } from "../replay/blind-spots.ts";
import { formatReplayMarkdown, formatReplayText } from "../replay/formats.ts";
import { parseLogFormat } from "../replay/log-format.ts";
import { openLog, readLines } from "../replay/read-lines.ts";
import { createReplay, readReplayedPolicy, replayInto } from "../replay/replay-log.ts";
import { judgeReplay, type ReplayReport, toReplayReport } from "../replay/report.ts";
import { createCounter } from "../replay/tally.ts";
import { type Command, couldNotRun, createFlagReader, EXIT, type ExitCode, misused } from "./command.ts";

export const command: Command = {
  usage: `rego-authorizer replay-access-log [FILE…] [--dist DIR] [--api-name NAME] [--kind auto|rest|http] [--log-format FILE] [--allow-unknown]
                              [--format text|json|md]
  decides the requests of an API's access log as the authorizer would, beside another authorizer that decides them today
  FILE             a file with entries of the access log, a JSON object each, perhaps packed with gzip; default: standard input
  --dist           the folder that rego-authorizer build wrote; default: dist
  --api-name       the name of the API, if the policy has rules for named APIs; default: such decisions can't be told
  --kind           the kind of API; default: auto, what each line shows
  --log-format     a file with the format of the log, if it is not the one that access-log-format prints
  --allow-unknown  exit code 0 although some requests could not be judged
  --format         text, json or md; default: text
  TRUSTED_ISSUERS  in the environment: the trusted issuers, as for the authorizer; default: those of the build, or any user pool
  exit code: 0 nothing would change, 1 something would change or some requests could not be judged, 2 nothing was replayed`,
  flags: ["dist", "api-name", "kind", "log-format", "format"],
  switches: ["allow-unknown"],
  takesPositionals: true,
  async run(given) {
    const flags = createFlagReader(given);
    const format = flags.choose("format", ["text", "json", "md"], "text");
    const kind = flags.choose("kind", ["auto", "rest", "http"], "auto");
    const { "api-name": apiName, dist: distPath = "dist" } = given.flags;
    if (apiName !== undefined && !isApiName(apiName)) flags.report(`--api-name must have ${API_NAME_RULE}`);
    if (flags.errors.length > 0) return misused(flags.errors);
    const logFormat = await readLogFormat(given.flags["log-format"]);
    if (!logFormat.ok) return couldNotRun([logFormat.error]);
    const policy = readReplayedPolicy(distPath, process.env["TRUSTED_ISSUERS"]);
    if (!policy.ok) return couldNotRun(policy.error);
    const { apis } = policy.value.dist.manifest;
    if (apis !== undefined && apiName !== undefined && !Object.hasOwn(apis, apiName))
      return couldNotRun([
        `${distPath} was built for the APIs ${Object.keys(apis).join(", ")}; give --api-name one of these names`,
      ]);
    const replayLine = createReplay(policy.value, apiName);
    if (!replayLine.ok) return couldNotRun(replayLine.error);

    const counter = createCounter();
    const { claims, reads, dist } = policy.value;
    const options = { format: logFormat.value, kind: kind === "auto" ? undefined : kind, claims };
    const replay = replayInto(counter, replayLine.value, options);
    const files = given.positionals.length === 0 ? ["-"] : given.positionals;
    for (const file of files) {
      const stream = file === "-" ? ok(process.stdin) : await openLog(file);
      if (!stream.ok) return couldNotRun([stream.error]);
      try {
        await readLines(stream.value, (line) => replay(line, file));
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        return couldNotRun([`${file} can't be read to its end (${reason}); fetch it again`]);
      }
    }
    const tally = counter.tally();
    const report = toReplayReport(tally, {
      revision: dist.manifest.revision,
      files,
      blind_spots: [...listEmptyClaims(tally, reads), ...listBlindSpots(policy.value)],
    });
    return { kind: "done", exit: toExit(report, given.switches.has("allow-unknown")), output: FORMATS[format](report) };
  },
};

const FORMATS: Readonly<Record<"text" | "json" | "md", (report: ReplayReport) => string>> = {
  text: formatReplayText,
  json: (report) => `${JSON.stringify(report)}\n`,
  md: formatReplayMarkdown,
};

function toExit(report: ReplayReport, allowsUnknown: boolean): ExitCode {
  const verdict = judgeReplay(report);
  switch (verdict) {
    case "same":
      return EXIT.fine;
    case "changes":
      return EXIT.found;
    case "unknown":
      return allowsUnknown ? EXIT.fine : EXIT.found;
    case "nothing_replayed":
      return EXIT.couldNotRun;
    default:
      return verdict satisfies never;
  }
}

/** Reads the format of a log from a file; undefined without one. */
async function readLogFormat(
  file: string | undefined,
): Promise<Result<ReadonlyMap<string, string> | undefined, string>> {
  if (file === undefined) return ok(undefined);
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return err(`${file} can't be read; name a file with the format of the access log`);
  const parsed = parseLogFormat(text);
  return parsed.ok ? parsed : err(`${file} ${parsed.error}`);
}
