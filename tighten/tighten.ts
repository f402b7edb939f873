import { join } from "node:path";
import { toJsonChange } from "../analysis/access/change-json.ts";
import type { AccessPolicy } from "../analysis/access/model.ts";
import { inFolder } from "../build/policy/problem.ts";
import type { CheckedPolicy } from "../build/policy/read-policy.ts";
import { readRuleValues } from "../build/policy/rule-values.ts";
import { err, ok, type Result } from "../contract/result.ts";
import { toPatches } from "./patches.ts";
import { type Compare, countFlips, proveClosing } from "./proof.ts";
import { applyProposals, type Proposal, toProposals } from "./proposals.ts";
import type { LogUse } from "./read-use.ts";
import {
  ALWAYS_NOTED,
  formatProposal,
  type PatchPlace,
  REPORT_ONLY_NOTED,
  type TightenReport,
  toLogPart,
} from "./report.ts";
import { verifyPatches } from "./verify.ts";

/** A policy, and the log of its decisions. */
export interface Tightened {
  readonly policy: CheckedPolicy;
  /** The same policy, as its access is compared. */
  readonly access: AccessPolicy;
  /** The company's folder, as the user named it. */
  readonly policies: string;
  readonly log: LogUse;
  readonly files: readonly string[];
  readonly revisions: ReadonlySet<string>;
  /** Whether the log's requests were compared with documented routes. */
  readonly hasRoutes: boolean;
  readonly compare: Compare;
  /** An empty folder. */
  readonly folder: string;
  readonly place: PatchPlace;
}

/**
 * Proposes to take away what no logged decision used, and proves that each proposal only closes.
 *
 * @returns The report; or why nothing can be proposed, a line each.
 */
export async function tighten(tightened: Tightened): Promise<Result<TightenReport, readonly string[]>> {
  const { policy, access, policies, log, hasRoutes, compare, folder, place } = tightened;
  const counts = log.counts();
  const uses = log.uses();
  if (!uses.ok) return err([`the log has more than ${uses.error} ways of using grants; give tighten shorter logs`]);
  const refusal = findRefusal(counts);
  if (refusal !== undefined) return err([refusal, ...counts.problems.map(formatProblemCount)]);
  if (uses.value.length === 0) return err([NOTHING_ALLOWED, ...counts.problems.map(formatProblemCount)]);

  const proposals = toProposals(access, uses.value, hasRoutes);
  const proof = proveClosing(access, proposals, compare);
  if (!proof.ok) {
    const { code, limit, rules } = proof.error;
    return err([
      `the proof takes more than ${limit} ${code === "too_many_lines" ? "lines" : "tests"}, most of them for ${rules.join(", ")}`,
    ]);
  }
  if (proof.value.opening.length > 0)
    return err([ours(`${proof.value.opening.map(formatNamed).join("; ")} would give somebody access`)]);

  const toCompanyFile = (file: string) => place.nameOf(inFolder(policies, [{ file }])[0]?.file ?? file);
  const patches = await toPatches(policy, proposals, toCompanyFile);
  const edited = proposals.filter(patches.isEditable);
  const verified =
    edited.length === 0
      ? ({ kind: "same" } as const)
      : await verifyPatches(
          policy.opaPath,
          policies,
          join(folder, "patched"),
          patches.all.files,
          applyProposals(access, edited).grants,
        );
  if (verified.kind === "other grants")
    return err([ours(`the patches change ${verified.names.join(", ")} in another way than the proof says`)]);
  const places = new Map(
    inFolder(policies, readRuleValues(policy.sources)).flatMap(({ kind, name, file, line }) =>
      kind === "grant" ? [[name, `${file}:${line}`]] : [],
    ),
  );
  return ok({
    format: 1,
    revisions: [...tightened.revisions],
    files: tightened.files,
    ...toLogPart(counts),
    proposals: proposals.map((proposal, at) => ({
      kind: proposal.kind,
      grant: proposal.grant,
      change: formatProposal(proposal),
      unnamed_conditions: patches.each[at]?.unnamed ?? [],
      location: places.get(proposal.grant) ?? policies,
      flips: countFlips(access, [proposal], uses.value),
      patch: patches.each[at]?.text ?? null,
      by_hand: !edited.includes(proposal),
    })),
    together: {
      flips: countFlips(access, proposals, uses.value),
      losses: proof.value.losses.map(toJsonChange),
      patch: patches.all.text,
    },
    place: { folder: place.folder, isRepository: place.isRepository },
    notes: [
      ...(counts.reportOnly > 0 ? [REPORT_ONLY_NOTED] : []),
      ...(verified.kind === "problems" ? ["with all patches, the policy does not build yet:", ...verified.lines] : []),
      ...(proposals.length > 0 ? [AFTERWARDS] : []),
      ...ALWAYS_NOTED,
    ],
  });
}

const NOTHING_ALLOWED =
  "no line of the log shows that the policy allowed a request, so every grant would look unused; give tighten the decision log of a time in which the API was used";
const AFTERWARDS =
  "after a patch, `rego-authorizer test` names the tests that expect the old access, and `rego-authorizer lock` writes the access lock anew";

function findRefusal({ lines, allowed, denied, replayed, problems }: ReturnType<LogUse["counts"]>): string | undefined {
  const documents = problems.find(({ code }) => code === "line.token_document");
  if (documents !== undefined)
    return `${documents.first.file}:${documents.first.line} is of a per-token policy document: API Gateway applies it to all routes of its token without an invocation, so the log does not show which were used; use the log of authorizers with the cache scope request`;
  if (lines === 0) return "the log is empty; give tighten lines of the decision log";
  if (allowed + denied + Object.keys(replayed).length === 0)
    return `none of ${lines} lines is a decision that this policy can use; give tighten lines of the decision log, as CloudWatch Logs has them`;
  return undefined;
}

function formatProblemCount({ code, count, first }: ReturnType<LogUse["counts"]>["problems"][number]): string {
  return `${count} ${count === 1 ? "line" : "lines"}: ${code}, the first in ${first.file}:${first.line}`;
}

function formatNamed(proposal: Proposal): string {
  return `${proposal.grant}: ${formatProposal(proposal)}`;
}

function ours(what: string): string {
  return `${what}; that is an error of rego-authorizer, so nothing is proposed. Please report it`;
}
