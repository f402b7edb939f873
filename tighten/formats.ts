import { formatBlock, formatCode, formatText } from "../contract/markdown.ts";
import type { ReportedProposal, TightenReport } from "./report.ts";

/** Formats a report for a terminal: what the log shows, then each proposal with its patch. */
export function formatTightenText(report: TightenReport): string {
  const proposals = report.proposals.flatMap((proposal) => [
    "",
    `${proposal.location}: ${proposal.grant}: ${proposal.change}${formatMore(proposal)}`,
    ...(proposal.patch === null ? [formatMissing(proposal)] : [proposal.patch.trimEnd()]),
  ]);
  const notes = report.notes.map((note) => `note: ${note}`);
  return toText([...aboutLog(report), ...proposals, "", ...aboutAll(report), ...notes]);
}

/** Formats a report as Markdown, with the patches folded. */
export function formatTightenMarkdown(report: TightenReport): string {
  const proposals = report.proposals.flatMap((proposal) => [
    `- ${formatCode(proposal.grant)} (${formatCode(proposal.location)}): ${formatText(`${proposal.change}${formatMore(proposal)}`)}`,
    ...(proposal.patch === null ? [`  ${formatMissing(proposal)}`] : foldPatch(proposal.patch)),
  ]);
  const lines = [...aboutLog(report), ...aboutAll(report), ...report.notes].map((line) => `- ${formatText(line)}`);
  return toText(["## What no logged decision used", "", ...proposals, "", ...lines]);
}

function toText(lines: readonly string[]): string {
  return `${lines.join("\n")}\n`;
}

function foldPatch(patch: string): readonly string[] {
  const lines = [
    "<details><summary>Patch</summary>",
    "",
    ...formatBlock(patch.trimEnd().split("\n"), "diff"),
    "",
    "</details>",
  ];
  return lines.map((line) => `  ${line}`);
}

function formatMissing({ by_hand: isByHand }: ReportedProposal): string {
  return isByHand ? BY_HAND : IN_ALL;
}

const BY_HAND = "the grant is not written in a form that can be edited; change it by hand";
const IN_ALL = "it is in the patch of all, which --format patch prints";

function formatMore({ flips, unnamed_conditions: unnamed }: ReportedProposal): string {
  const conditions = unnamed.length === 0 ? "" : `; nothing else names ${unnamed.join(" and ")}, which goes with it`;
  return `${conditions}${flips === 0 ? "" : `; it would flip ${count(flips, "logged decision")}`}`;
}

function aboutLog({ lines, from, to, decisions, not_used: notUsed }: TightenReport): readonly string[] {
  const others = Object.entries(decisions.other_revisions);
  const again = others.reduce((sum, [, number]) => sum + number, 0);
  return [
    `${count(lines, "line")}, decisions from ${from ?? "an unknown time"} to ${to ?? "an unknown time"}`,
    `${count(decisions.allowed, "decision")} of this policy allowed a request, ${format(decisions.denied)} denied one`,
    ...(again === 0
      ? []
      : [
          `${count(again, "decision")} of other revisions (${others.map(([name, number]) => `${name.slice(0, 12) || "unknown"}: ${format(number)}`).join(", ")}), decided again by this policy`,
        ]),
    ...notUsed.map(
      ({ code, count: number, first, means }) =>
        `${count(number, "line")} not used: ${means} [${code}], the first in ${first.file}:${first.line}`,
    ),
  ];
}

/** Says where patches apply, if that is not the root of the repository that the reader is in. */
export function formatPlace({ proposals, place }: TightenReport): readonly string[] {
  if (proposals.length === 0 || (place.isRepository && place.folder === ".")) return [];
  const where = place.isRepository
    ? "from the root of their Git repository"
    : "from their folder, which is in no Git repository";
  return [`patches name the policies' files ${where}; apply them with ${formatApply(place)}`];
}

/** Formats the command that applies a patch. */
function formatApply({ folder }: TightenReport["place"]): string {
  if (folder === ".") return "git apply";
  return `git -C ${/^[\w./@+-]+$/.test(folder) ? folder : `'${folder.replaceAll("'", "'\\''")}'`} apply`;
}

function aboutAll(report: TightenReport): readonly string[] {
  const { proposals, together, place } = report;
  if (proposals.length === 0) return ["no proposal: logged decisions used every grant, role and verb"];
  return [
    `${count(proposals.length, "proposal")}; proved for every request: each alone and all together give nobody access`,
    `all together flip ${count(together.flips, "logged decision")}; --format patch prints them as one patch: rego-authorizer tighten … --format patch | ${formatApply(place)}`,
    ...formatPlace(report),
  ];
}

function count(number: number, thing: string): string {
  return `${format(number)} ${thing}${number === 1 ? "" : "s"}`;
}

function format(number: number): string {
  return number.toLocaleString("en-US");
}
