import type { TightenReport } from "./report.ts";

/** Formats a report for a terminal: what the log shows, then each proposal with its patch. */
export function formatTightenText(report: TightenReport): string {
  const proposals = report.proposals.flatMap(({ location, grant, change, patch, flips }) => [
    "",
    `${location}: ${grant}: ${change}${formatFlips(flips)}`,
    ...(patch === null ? [BY_HAND] : [patch.trimEnd()]),
  ]);
  return `${[...aboutLog(report), ...proposals, "", ...aboutAll(report), ...report.notes.map((note) => `note: ${note}`)].join("\n")}\n`;
}

/** Formats a report as Markdown, with the patches folded. */
export function formatTightenMarkdown(report: TightenReport): string {
  const proposals = report.proposals.flatMap(({ location, grant, change, patch, flips }) => [
    `- \`${grant}\` (\`${location}\`): ${change}${formatFlips(flips)}`,
    ...(patch === null
      ? [`  ${BY_HAND}`]
      : [
          "  <details><summary>Patch</summary>",
          "",
          "  ```diff",
          ...patch
            .trimEnd()
            .split("\n")
            .map((line) => `  ${line}`),
          "  ```",
          "",
          "  </details>",
        ]),
  ]);
  return `${["## What no logged decision used", "", ...aboutLog(report).map((line) => `${line}  `), "", ...proposals, "", ...aboutAll(report), "", ...report.notes.map((note) => `- ${note}`)].join("\n")}\n`;
}

const BY_HAND = "the grant is not written in a form that can be edited; change it by hand";

function formatFlips(flips: number): string {
  return flips === 0 ? "" : `; it would flip ${count(flips, "logged decision")}`;
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

function aboutAll({ proposals, together }: TightenReport): readonly string[] {
  if (proposals.length === 0) return ["no proposal: logged decisions used every grant, role and verb"];
  return [
    `${count(proposals.length, "proposal")}; proved for every request: each alone and all together give nobody access`,
    `all together flip ${count(together.flips, "logged decision")}; --format patch prints them as one patch: rego-authorizer tighten … --format patch | git apply`,
  ];
}

function count(number: number, thing: string): string {
  return `${format(number)} ${thing}${number === 1 ? "" : "s"}`;
}

function format(number: number): string {
  return number.toLocaleString("en-US");
}
