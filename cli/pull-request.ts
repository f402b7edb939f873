import { formatTooManyTests } from "../analysis/access/formats.ts";
import { toAccessPolicy } from "../analysis/compare/access-policy.ts";
import { compareSides } from "../analysis/compare/diff.ts";
import { reportInvariants } from "../analysis/compare/invariant-report.ts";
import { readLockState } from "../analysis/compare/lock-file.ts";
import { readSide } from "../analysis/compare/read-side.ts";
import type { Side } from "../analysis/compare/side.ts";
import { findOpa } from "../build/opa/find.ts";
import { formatProblem, formatProblems } from "../build/policy/problem.ts";
import { readPolicy } from "../build/policy/read-policy.ts";
import { err, ok, type Result } from "../contract/result.ts";
import { readLocatedRoutes } from "../openapi/located-routes.ts";
import { listChangedRules } from "../review/changed-rules.ts";
import { toTestsOfChanged } from "../review/changed-tests.ts";
import { toFindingsPart, toInvariantsPart, toLockPart } from "../review/checks.ts";
import { type ReviewedRoutes, toReview } from "../review/collect.ts";
import { FOLDED, formatComment, formatNotCompared, PLAIN } from "../review/comment.ts";
import type { Review, ReviewPart } from "../review/review.ts";
import { type Command, createFlagReader, EXIT, misused, type Outcome, policiesOf } from "./command.ts";
import { readDocuments, readKind } from "./subject.ts";

export const command: Command = {
  usage: `rego-authorizer pull-request BASE [--policies DIR] [--openapi [NAME=]FILE]… [--api auto|rest|http] [--format text|md|json]
  writes a Markdown comment of at most a screen: who gains and who loses access, and what else a change means
  BASE        what the policies are compared with: a Git ref, such as origin/main, or a folder of policies
  --policies  the folder with access/ in it; default: policies
  --openapi   an API's OpenAPI document, JSON or YAML. Once for each API, with its name if there are several
  --api       the kind of API that the documents are for; default: auto, what each shows
  --format    md; text, without HTML; or json, for tools; default: md
  exit code: 0 no change in access, 1 changes, or tests that fail, 2 nothing was compared; the comment says why`,
  flags: ["policies", "api", "format"],
  lists: ["openapi"],
  takesPositionals: true,
  async run(given) {
    const flags = createFlagReader(given);
    const kind = readKind(flags);
    const format = flags.choose("format", ["text", "md", "json"], "md");
    const documents = readDocuments(given.lists?.["openapi"], flags);
    const [base, ...others] = given.positionals;
    if (base === undefined || others.length > 0) flags.report("name one base to compare with, such as origin/main");
    if (flags.errors.length > 0 || base === undefined) return misused(flags.errors);
    const policies = policiesOf(given);
    const refuse = (lines: readonly string[]) => toNotCompared({ base, policies }, lines, format);
    const located = documents.length === 0 ? ok(undefined) : await readLocatedRoutes(documents, kind);
    if (!located.ok) return refuse(located.error);
    const opa = await findOpa();
    if (!opa.ok) return refuse([opa.error]);
    const options = { opaPath: opa.value, policies };
    const before = await readSide(base, options);
    if (!before.ok) return refuse(before.error);
    await using first = before.value;
    const after = await readSide(policies, options);
    if (!after.ok) return refuse(after.error);
    await using second = after.value;
    const routes = located.value && { routes: located.value.routes, kind };
    // Without the await, both sides would be removed while they are compared.
    return await review({ opaPath: opa.value, policies, first, second, routes, format, refuse });
  },
};

type Format = "text" | "md" | "json";

interface Sides {
  readonly opaPath: string;
  readonly policies: string;
  readonly first: Side;
  readonly second: Side;
  readonly routes: ReviewedRoutes | undefined;
  readonly format: Format;
  readonly refuse: (lines: readonly string[]) => Outcome;
}

async function review({ opaPath, policies, first, second, routes, format, refuse }: Sides): Promise<Outcome> {
  const report = await compareSides(first, second);
  if (!report.ok) return refuse(report.error);
  const lock = await readLockState(policies, second.policy);
  if (!lock.ok) return refuse([formatTooManyTests(lock.error)]);
  // A rule that is the same may give somebody else access, if the ways to its roles changed.
  const concerned = report.value.changes.flatMap(({ change }) => change.by);
  const changed = new Set([...listChangedRules(first.policy, second.policy), ...concerned]);
  const invariants = await judge(opaPath, policies);
  if (!invariants.ok) return refuse(invariants.error);
  const parts = [
    invariants.value,
    toLockPart(policies, lock.value.kind),
    toFindingsPart(listFindings(first), listFindings(second)),
    await toTestsOfChanged(opaPath, policies, changed),
  ];
  const made = toReview({ policies, before: first, after: second, report: report.value, routes, parts });
  if (!made.ok) return refuse([formatTooManyTests(made.error)]);
  const isFine = report.value.changes.length === 0 && made.value.parts.every(({ state }) => state !== "wrong");
  return {
    kind: "done",
    exit: isFine ? EXIT.fine : EXIT.found,
    output: write(format, made.value, formatComment(made.value, LAYOUTS[format])),
  };
}

/** Judges the invariants of the policies in the working tree. */
async function judge(opaPath: string, policies: string): Promise<Result<ReviewPart, readonly string[]>> {
  const read = await readPolicy(opaPath, policies);
  if (!read.ok) return err(formatProblems(read.error));
  await using policy = read.value;
  const judged = await reportInvariants(policies, policy, toAccessPolicy(policy));
  if (!judged.ok) return judged;
  const { invariants, problems, notices } = judged.value;
  return ok(
    toInvariantsPart({
      total: invariants.length,
      broken: invariants.flatMap(({ name, holds }) => (holds ? [] : [name])),
      problems: problems.map(formatProblem),
      notices: notices.map(formatProblem),
    }),
  );
}

function listFindings({ engine }: Side): readonly string[] {
  return (engine?.notices ?? []).map(formatProblem);
}

function toNotCompared(compared: Pick<Review, "base" | "policies">, lines: readonly string[], format: Format): Outcome {
  const output = write(
    format,
    { ...compared, not_compared: lines },
    formatNotCompared(compared, lines, LAYOUTS[format]),
  );
  return { kind: "done", exit: EXIT.couldNotRun, output, lines };
}

const LAYOUTS: Readonly<Record<Format, typeof FOLDED>> = { md: FOLDED, text: PLAIN, json: FOLDED };

/** Writes a comment, or what it is about as one JSON document. */
function write(format: Format, review: object, comment: string): string {
  return format === "json" ? `${JSON.stringify({ format: 1, ...review })}\n` : comment;
}
