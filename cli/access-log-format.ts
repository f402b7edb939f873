import { readReplayedPolicy } from "../replay/replay-log.ts";
import { formatAccessLogFormat } from "../replay/variables.ts";
import { type Command, couldNotRun, createFlagReader, done, misused } from "./command.ts";

export const command: Command = {
  usage: `rego-authorizer access-log-format --kind rest|http [--dist DIR]
  prints the format of an access log with which replay-access-log can decide as this policy would: the request, and the
  claims that the policy reads, as an authorizer of Cognito or for JWTs shows them. It is one line, for the settings of a stage
  --kind           the kind of API
  --dist           the folder that rego-authorizer build wrote; default: dist
  TRUSTED_ISSUERS  in the environment: the trusted issuers, as for the authorizer; default: those of the build, or any user pool`,
  flags: ["kind", "dist"],
  async run(given) {
    const flags = createFlagReader(given);
    if (given.flags["kind"] === undefined) flags.report("--kind must be rest or http");
    const kind = flags.choose("kind", ["rest", "http"], "rest");
    if (flags.errors.length > 0) return misused(flags.errors);
    const policy = readReplayedPolicy(given.flags["dist"] ?? "dist", process.env["TRUSTED_ISSUERS"]);
    if (!policy.ok) return couldNotRun(policy.error);
    const { dist, claims } = policy.value;
    const reads = new Set(dist.manifest.input_references.map((path) => path.join(".")));
    return done(`${formatAccessLogFormat(kind, reads, claims)}\n`);
  },
};
