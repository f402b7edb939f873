import { type Answer, createAsk, type Subject } from "../analysis/requests/ask.ts";
import { type CallerReading, toCaller } from "../analysis/requests/caller.ts";
import { formatRequestReport } from "../analysis/requests/formats.ts";
import { toAsked, toLoggedAsked } from "../analysis/requests/input.ts";
import { readTrustedIssuers } from "../analysis/requests/issuers.ts";
import { decodeToken, readClaims, readLogLine } from "../analysis/requests/read-claims.ts";
import { addTo } from "../analysis/requests/what-if.ts";
import { compileShipped } from "../build/package/compile.ts";
import { readIssuers } from "../build/package/issuers.ts";
import type { CheckedPolicy } from "../build/policy/read-policy.ts";
import type { LogEntry } from "../contract/log-entry.ts";
import { err, ok, type Result } from "../contract/result.ts";
import { escapeSteering } from "../contract/steering.ts";
import { formatAnswer } from "../review/markdown.ts";
import { type CanOptions, FLAGS, readCanOptions } from "./can-options.ts";
import { type Command, couldNotRun, createFlagReader, EXIT, misused, type Outcome, policiesOf } from "./command.ts";
import { readWholePolicy } from "./subject.ts";

export const command: Command = {
  usage: `rego-authorizer can METHOD PATH [--group NAME]… [--scope NAME]… [--kind user|machine] [--issuer NAME]
                    [--claims FILE | --token TOKEN | --log-line FILE] [--issuers FILE] [--api NAME] [--source-ip ADDRESS]
                    [--header NAME=VALUE]… [--query NAME=VALUE]… [--at TIME] [--policies DIR] [--format text|md|json]
  decides one request by the policy, and says which grants and denials are for it, what each lacks, and in which ways the
  request would be allowed, the nearest first
  METHOD PATH  the request, like GET /orders/7; with --log-line, the logged one is the default
  --group      a group that the caller is in, besides those of the token
  --scope      a scope that the caller has; a caller with a scope is a machine
  --kind       proves the caller a user or a machine; default: neither, unless a token or claims prove it
  --issuer     the name of the issuer in the settings, for roles that are tied to issuers
  --claims     a file with the claims of a token as a JSON object; - for standard input
  --token      a token, or - for standard input; it is decoded, not verified
  --log-line   a file with a line of the decision log; - for standard input
  --issuers    the file of trusted issuers, as for the build; TRUSTED_ISSUERS in the environment counts too
  --api        the name of the API, for rules of named APIs
  --source-ip, --header, --query, --at
               the address, headers, query parameters and time (like 2026-11-26T12:00:00Z) that conditions read; default: no
               address, header or parameter, and the present time
  --policies   the folder with access/ in it; default: policies
  exit code: 0 allowed, 1 denied, 2 could not run`,
  ...FLAGS,
  takesPositionals: true,
  async run(given) {
    const flags = createFlagReader(given);
    const options = readCanOptions(given, flags);
    if (given.positionals.length === 0 && given.flags["log-line"] === undefined) return misused(flags.errors);
    if (options === undefined) return couldNotRun(flags.errors);
    const read = await readWholePolicy(given);
    if (!read.ok) return read.error;
    await using policy = read.value;
    const subject = await readSubject(policy, options);
    if (!subject.ok) return couldNotRun(subject.error);
    const ask = createAsk(policy, () => compileShipped(policy), policiesOf(given));
    const { method, path } = subject.value.kind === "asked" ? subject.value.input.request : options;
    return print(await ask(subject.value), options, `${method} ${path}`);
  },
};

async function readSubject(policy: CheckedPolicy, options: CanOptions): Promise<Result<Subject, readonly string[]>> {
  const { additions, source, method, path, api } = options;
  if (source.kind === "log-line") {
    const entry = await readLogLine(source.file);
    if (!entry.ok) return err([entry.error]);
    const changed = { ...(method && { method }), ...(path && { path }), ...(api && { api }) };
    const logged = toLoggedAsked(policy, entry.value, changed);
    if (!logged.ok) return err([logged.error]);
    const input = { ...logged.value, principal: addTo(logged.value.principal, additions) };
    return ok({ kind: "asked", input, notes: [formatLogged(entry.value)] });
  }
  const packed = await readIssuers(options.issuersFile);
  if (!packed.ok) return packed;
  const issuers = readTrustedIssuers(process.env["TRUSTED_ISSUERS"], options.issuersFile ?? "", packed.value?.settings);
  if (!issuers.ok) return issuers;
  const identity =
    source.kind === "token"
      ? await decodeToken(source.text)
      : source.kind === "claims"
        ? await readClaims(source.file)
        : undefined;
  if (identity?.ok === false) return err([identity.error]);
  const reading: Result<CallerReading, string> =
    identity === undefined
      ? ok({ kind: "caller", caller: { claims: {} }, notes: [] })
      : toCaller(identity.value, issuers.value, policy.userTokenUse);
  if (!reading.ok) return err([reading.error]);
  if (reading.value.kind === "refused") return ok(reading.value);
  const { caller, notes } = reading.value;
  const input = toAsked(policy, addTo(caller, additions), options.request, options.nowS);
  return input.ok ? ok({ kind: "asked", input: input.value, notes }) : err([input.error]);
}

/** Says what the line of the log has decided, which may be another policy's decision. */
function formatLogged({ revision, result }: LogEntry): string {
  const decided =
    result === undefined
      ? "without a decision"
      : "effect" in result
        ? `with the decision ${result.effect}${result.effect === "deny" ? ` (${result.reasons.join(", ")})` : ""}`
        : "as a per-token policy document";
  return `the line was logged by revision ${revision} ${decided}; here the policy in this folder decides`;
}

function print({ report, notes, hints }: Answer, { format }: CanOptions, request: string): Outcome {
  const exit = report.decision.effect === "allow" ? EXIT.fine : EXIT.found;
  const lines = [...notes, ...hints].map(escapeSteering);
  // Claims and paths may be anybody's, such as those of a token that somebody was sent.
  if (format === "json") return { kind: "done", exit, output: `${escapeSteering(JSON.stringify(report))}\n`, lines };
  const text = `${formatRequestReport(report, request, notes, hints).map(escapeSteering).join("\n")}\n`;
  return { kind: "done", exit, output: format === "md" ? formatAnswer(text) : text };
}
