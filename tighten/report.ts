import type { JsonChange } from "../analysis/access/change-json.ts";
import type { LogProblem } from "./log-problems.ts";
import { LOG_PROBLEMS } from "./log-problems.ts";
import type { Proposal } from "./proposals.ts";
import type { LogCounts } from "./read-use.ts";

/** The place where patches apply. */
export interface PatchPlace {
  /** The root of the Git repository of the policies, or their folder if they are in none; from the current folder. */
  readonly folder: string;
  readonly isRepository: boolean;
  /** The name that patches give a file of the company: its path from the place. */
  readonly nameOf: (file: string) => string;
}

/** A proposal, as `--format json` prints it. */
export interface ReportedProposal {
  readonly kind: Proposal["kind"];
  readonly grant: string;
  /** Says what it takes away. */
  readonly change: string;
  /** The file and line of the grant. */
  readonly location: string;
  /** The number of logged decisions that it would turn from Allow to Deny. */
  readonly flips: number;
  /** The conditions that the patch removes too, since nothing names them any more and the policy would not build. */
  readonly unnamed_conditions: readonly string[];
  /** The patch, which `git apply` takes; null if the grant has to be edited by hand, or is in the patch of all only. */
  readonly patch: string | null;
  /** Whether the grant is not written in a form that can be edited. */
  readonly by_hand: boolean;
}

/** The report of `rego-authorizer tighten`. */
export interface TightenReport {
  readonly format: 1;
  /** The revisions whose lines are taken as they are: this policy, with either meaning of a trailing slash. */
  readonly revisions: readonly string[];
  readonly files: readonly string[];
  readonly from: string | null;
  readonly to: string | null;
  readonly lines: number;
  readonly decisions: {
    readonly allowed: number;
    readonly denied: number;
    /** By revision, the decisions of other revisions, which this policy has decided again. */
    readonly other_revisions: LogCounts["replayed"];
    readonly report_only: number;
  };
  /** The lines that show no use of a rule, by reason. */
  readonly not_used: readonly {
    readonly code: LogProblem;
    readonly count: number;
    readonly first: { readonly file: string; readonly line: number };
    readonly means: string;
  }[];
  readonly proposals: readonly ReportedProposal[];
  /** All proposals together: the logged decisions that they would flip, the access that they take away, and the patch. */
  readonly together: { readonly flips: number; readonly losses: readonly JsonChange[]; readonly patch: string };
  /** The folder where the patches apply, from the current one, and whether it is the root of a Git repository. */
  readonly place: Pick<PatchPlace, "folder" | "isRepository">;
  /** A sentence for each thing that the reader should know before applying a patch. */
  readonly notes: readonly string[];
}

/** Makes the parts of a report that are about the log. */
export function toLogPart(counts: LogCounts): Pick<TightenReport, "from" | "to" | "lines" | "decisions" | "not_used"> {
  return {
    from: counts.from ?? null,
    to: counts.to ?? null,
    lines: counts.lines,
    decisions: {
      allowed: counts.allowed,
      denied: counts.denied,
      other_revisions: counts.replayed,
      report_only: counts.reportOnly,
    },
    not_used: counts.problems.map(({ code, count, first }) => ({ code, count, first, means: LOG_PROBLEMS[code] })),
  };
}

/** Says what a proposal takes away. */
export function formatProposal(proposal: Proposal): string {
  switch (proposal.kind) {
    case "drop grant":
      return "drop the grant: no logged decision used it";
    case "drop roles":
      return `drop ${formatList("role", proposal.roles)}: no logged decision of the grant needed it`;
    case "drop verbs":
      return `drop ${formatList("verb", proposal.dropped)}: no logged decision of the grant had it`;
    case "narrow path":
      return `replace the path by ${proposal.paths.join(" and ")}: all logged decisions of the grant were there`;
    default:
      return proposal satisfies never;
  }
}

function formatList(thing: string, names: readonly string[]): string {
  return `the ${thing}${names.length === 1 ? "" : "s"} ${names.join(", ")}`;
}

/** The sentences that hold for every log. */
export const ALWAYS_NOTED: readonly string[] = [
  "the log shows invocations, not requests: while API Gateway has a cached response, it does not invoke the authorizer",
  "what is needed once a year, or in an emergency, is in no log of a month; whoever owns the API decides",
  "no patch changes roles, denials, public rules or what a grant asks for: without a group or an include, a denial for a role may no longer apply",
];

/** The sentence about lines of report-only authorizers. */
export const REPORT_ONLY_NOTED =
  "lines of report-only authorizers count as use if the policy would allow the request; the others were let through, too, and show what enforcing it would refuse";
