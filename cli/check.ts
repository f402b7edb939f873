import { formatTooManyTests, NOT_PROVED } from "../analysis/access/formats.ts";
import { toAccessPolicy } from "../analysis/compare/access-policy.ts";
import { reportFindings } from "../analysis/compare/finding-report.ts";
import { type InvariantReport, reportInvariants } from "../analysis/compare/invariant-report.ts";
import { formatLockState, type LockState, readLockState } from "../analysis/compare/lock-file.ts";
import { findOpa } from "../build/opa/find.ts";
import { formatNotices, formatProblems, type Problem } from "../build/policy/problem.ts";
import { readPolicy } from "../build/policy/read-policy.ts";
import { ok } from "../contract/result.ts";
import { readLocatedRoutes } from "../openapi/located-routes.ts";
import { formatAnswer } from "../review/markdown.ts";
import {
  type Command,
  couldNotRun,
  createFlagReader,
  done,
  EXIT,
  formatRuleCount,
  found,
  type Given,
  misused,
  type Outcome,
  policiesOf,
} from "./command.ts";
import { readDocuments, readKind } from "./subject.ts";

export const command: Command = {
  usage: `rego-authorizer check [--policies DIR] [--openapi [NAME=]FILE]… [--api auto|rest|http] [--format text|md|json]
  --policies  the folder with access/ in it; default: policies
  --openapi   an API's OpenAPI document: each grant and denial must match a route of it. Once for each API of the policy, with its
              name if there are several: --openapi orders=orders.yaml --openapi billing=billing.yaml
  --api       the kind of API that the documents are for, whose rules they must keep; default: auto, what each shows
  --format    text, md or json; default: text`,
  flags: ["policies", "api", "format"],
  lists: ["openapi"],
  async run(given) {
    const isMarkdown = given.flags["format"] === "md";
    const outcome = await check(isMarkdown ? { ...given, flags: { ...given.flags, format: "text" } } : given);
    return isMarkdown ? toMarkdown(outcome, policiesOf(given)) : outcome;
  },
};

async function check(given: Given): Promise<Outcome> {
  const flags = createFlagReader(given);
  const isJson = flags.choose("format", ["text", "md", "json"], "text") === "json";
  const kind = readKind(flags);
  const documents = readDocuments(given.lists?.["openapi"], flags);
  if (flags.errors.length > 0) return misused(flags.errors);
  const located = documents.length === 0 ? ok(undefined) : await readLocatedRoutes(documents, kind);
  if (!located.ok) return couldNotRun(located.error);
  const opa = await findOpa();
  if (!opa.ok) return couldNotRun([opa.error]);
  const read = await readPolicy(opa.value, policiesOf(given), {
    routes: located.value?.routes,
    isForReview: true,
  });
  if (!read.ok) return isJson ? toReport({ problems: read.error, notices: [] }) : toRefusal(read.error);
  await using policy = read.value;
  const { index, publicRules } = policy;
  const access = toAccessPolicy(policy);
  const judged = await reportInvariants(policiesOf(given), policy, access);
  if (!judged.ok) return couldNotRun(judged.error);
  const findings = reportFindings(policiesOf(given), policy, access);
  if (!findings.ok) return couldNotRun([formatTooManyTests(findings.error)]);
  const { invariants, problems: broken } = judged.value;
  const ofAccess = [...judged.value.notices, ...findings.value];
  const notices = [...(located.value?.notices ?? []), ...policy.notices, ...ofAccess];
  const lock = await readLockState(policiesOf(given), access);
  if (!lock.ok) return couldNotRun([formatTooManyTests(lock.error)]);
  const ofLock = formatLockState(policiesOf(given), lock.value);
  if (isJson) return toReport({ problems: broken, notices, lock: lock.value.kind, invariants });
  const lines = [...formatProblems(broken), ...formatNotices(notices), ...ofLock];
  if (broken.length > 0 || lock.value.kind === "stale") return found(lines);
  const count = formatRuleCount(Object.keys(index.grants).length, publicRules.length);
  const proved = formatProved(invariants.length);
  return done(`${policiesOf(given)}: ${count}, no problems${proved}\n`, lines);
}

/** Writes what a check says as Markdown, all of it on standard output. */
function toMarkdown(outcome: Outcome, policies: string): Outcome {
  if (outcome.kind !== "done") return outcome;
  const { exit, output = `${policies}: the check found something\n`, lines = [] } = outcome;
  return { kind: "done", exit, output: formatAnswer([output, ...lines].join("\n")) };
}

/** The form of the JSON. */
interface CheckReport {
  /** The policy does not build while it has one. */
  readonly problems: readonly Problem[];
  readonly notices: readonly Problem[];
  /** Whether access.lock has the access of the policy; not there if the policy has problems. */
  readonly lock?: LockState["kind"];
  /** Not there if the policy has other problems than broken invariants. */
  readonly invariants?: readonly InvariantReport[];
}

/** Says how many invariants were proved, and what that does not prove. */
function formatProved(count: number): string {
  if (count === 0) return "";
  return `; ${count} ${count === 1 ? "invariant holds" : "invariants hold"}. ${NOT_PROVED}`;
}

/** Tells whether nothing could be judged, since an invariant is about something that is not there. */
function isBeyondJudging({ code }: Problem): boolean {
  return code.startsWith("invariant.") && code !== "invariant.broken";
}

function toRefusal(problems: readonly Problem[]): Outcome {
  return problems.some(isBeyondJudging) ? couldNotRun(formatProblems(problems)) : found(formatProblems(problems));
}

function toReport({ problems, notices, lock, invariants }: CheckReport): Outcome {
  const listed = (list: readonly Problem[]) =>
    list.map(({ code, file, line, message }) => ({ code, file, line, message }));
  const report = {
    problems: listed(problems),
    notices: listed(notices),
    ...(lock !== undefined && { lock }),
    ...(invariants !== undefined && { invariants }),
  };
  const isFine = problems.length === 0 && lock !== "stale";
  const exit = problems.some(isBeyondJudging) ? EXIT.couldNotRun : isFine ? EXIT.fine : EXIT.found;
  return { kind: "done", exit, output: `${JSON.stringify(report)}\n` };
}
