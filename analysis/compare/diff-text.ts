import type { EngineInput } from "../../contract/engine-input.ts";
import { formatBlock, formatCellCode, formatCode, formatText } from "../../contract/markdown.ts";
import { escapeAllButTabs } from "../../contract/steering.ts";
import { NOT_PROVED } from "../access/formats.ts";
import { formatApis, formatRegion, formatTerms } from "../access/lock-lines.ts";
import type { Change, Terms } from "../access/model.ts";
import { formatWho } from "../access/who.ts";
import type { DiffReport, ShownChange } from "./diff.ts";
import type { Follows } from "./follows.ts";

/** The heading of each kind of change, and how one and several are counted. */
const KINDS: Readonly<Record<Change["kind"], readonly [heading: string, one: string, several: string]>> = {
  gain: ["Gains", "gain", "gains"],
  loss: ["Losses", "loss", "losses"],
  condition: ["Depends on a changed condition", "access with a changed condition", "accesses with a changed condition"],
  guard: ["Guards: a denial fires, or does not, where nothing is allowed", "guard", "guards"],
  public: ["Public routes", "public change", "public changes"],
};

/** Formats the sentence that a reader sees first. */
function formatSummary({ from, to, changes, notes }: DiffReport): string {
  const start = `${from} → ${to}:`;
  if (changes.length === 0) {
    return `${start} no change in access${notes.length === 0 ? "" : `; ${notes.join("; ")}`}`;
  }
  const counts = listKinds().flatMap((kind) => {
    const count = changes.filter(({ change }) => change.kind === kind).length;
    const [, one, several] = KINDS[kind];
    return count === 0 ? [] : [`${count} ${count === 1 ? one : several}`];
  });
  const widest = changes.find(({ change }) => change.kind === "public" || change.kind === "gain") ?? changes[0];
  return `${start} ${counts.join(", ")}; ${widest === undefined ? "" : toSentence(widest.change)}`;
}

/** Formats a change as a sentence: `group Support may GET /orders/{} now (none → allow)`. */
function toSentence(change: Change): string {
  const { kind, who, before, after } = change;
  const what = `${change.verbs.join(",")} ${formatRegion(change.region)}`;
  const access = `(${before} → ${after})`;
  switch (kind) {
    case "gain":
      return `${formatWho(who)} may ${what} now ${access}`;
    case "loss":
      return `${formatWho(who)} may not ${what} any more ${access}`;
    case "condition":
      return `nobody knows whether ${formatWho(who)} may ${what} more often ${access}`;
    case "guard":
      return `a denial ${after === "denied" ? "fires" : "fires no longer"} for ${formatWho(who)} at ${what} ${access}`;
    case "public":
      return after === "public"
        ? `everybody may ${what} now, without a token ${access}`
        : `${what} asks for a token now ${access}`;
    default:
      return kind satisfies never;
  }
}

function listKinds(): readonly Change["kind"][] {
  return ["gain", "loss", "condition", "guard", "public"];
}

/** Formats a report for a terminal. */
export function formatDiffText(report: DiffReport): string {
  const lines = [formatSummary(report)];
  for (const kind of listKinds()) {
    const own = report.changes.filter(({ change }) => change.kind === kind);
    if (own.length === 0) continue;
    lines.push("", KINDS[kind][0]);
    for (const one of own) lines.push(...formatShown(one));
  }
  if (report.conditions.length > 0) lines.push("", "Changed conditions");
  for (const { name, before, after } of report.conditions) {
    lines.push(`  ${name}`, `    - ${before}`, `    + ${after}`);
  }
  const follows = listFollows(report);
  if (follows.length > 0) lines.push("", "What follows", ...follows.map((line) => `  ${line}`));
  if (report.changes.length > 0 && report.notes.length > 0) lines.push("", ...report.notes);
  lines.push("", formatCertainty(report));
  // Names of groups and texts of conditions may have any character.
  return `${lines.map(escapeAllButTabs).join("\n")}\n`;
}

function formatShown({ change, witness, readyTest, places }: ShownChange): readonly string[] {
  const { who, not, verbs, region, apis, terms, before, after } = change;
  const where = [`${verbs.join(",")} ${formatRegion(region)}`, ...formatApis(apis)].join(" | ");
  const names = not.map(({ issuer, ...atom }) => formatWho({ atoms: [atom], issuer }));
  const holder = change.kind === "public" ? "everyone" : formatWho(who);
  const assumed = Object.entries(witness.assumes).map(([name, truth]) => `${name} is ${truth ? "true" : "not true"}`);
  return [
    `  ${holder} | ${where}: ${formatAccess(before, terms.before)} → ${formatAccess(after, terms.after)}`,
    ...(names.length === 0 ? [] : [`    not with ${names.join(", ")} besides`]),
    ...(places.length === 0 ? [] : [`    by ${places.join(", ")}`]),
    `    such as ${formatInput(witness.input)}${assumed.length === 0 ? "" : ` if ${assumed.join(", ")}`}`,
    ...formatTest(readyTest),
  ];
}

/** Formats the request of a witness, and what the token of its principal proves: `GET /home as a user with {}`. */
export function formatInput({ principal, request }: EngineInput): string {
  const { kind, issuer_name: issuer, claims = {} } = principal ?? {};
  const proved = [
    ...(kind === undefined ? [] : [`as a ${kind}`]),
    ...(issuer === undefined ? [] : [`of the issuer ${issuer}`]),
  ];
  const parts = [`${request?.method} ${request?.path}`, ...proved, `with ${JSON.stringify(claims)}`];
  return parts.join(" ");
}

/** Formats a case of a test on the line that names it, and a whole test below that line. */
function formatTest(readyTest: string | undefined): readonly string[] {
  const lines = readyTest?.split("\n") ?? [];
  return lines.length > 1
    ? ["    test:", ...lines.map((line) => (line === "" ? "" : `      ${line}`))]
    : lines.map((line) => `    test: ${line}`);
}

/** Formats an access with what it asks for: `conditional (when in_the_office)`. */
function formatAccess(access: Change["before"], terms: readonly Terms[]): string {
  if (access === "denied") {
    const unless = terms.flatMap(({ conditions }) => conditions);
    return unless.length === 0 ? access : `${access} (unless ${unless.join(" + ")})`;
  }
  const asked = terms.map((one) => formatTerms(one).join(", ")).filter((text) => text !== "");
  return asked.length === 0 || access === "allow" ? access : `${access} (${asked.join(" or ")})`;
}

/** Lists what changes with the access. */
function listFollows({ follows }: DiffReport): readonly string[] {
  if (follows === undefined) return [];
  return [
    ...formatIam(follows.iam),
    ...follows.caches.map((line) => `caching of ${line}`),
    ...(follows.isContractChanged ? ["the cache contract has another id: deploy the authorizers again"] : []),
  ];
}

function formatIam(iam: Follows["iam"]): readonly string[] {
  if (!iam.ok) return [`IAM documents were not compared: ${iam.error}`];
  const { names, isExact } = iam.value;
  if (names.length === 0) return [];
  return [`IAM documents ${isExact ? "change" : "may change, which takes long to tell,"} of: ${names.join(", ")}`];
}

/** Formats what was confirmed, and what was not proved. */
function formatCertainty({ confirmed, changes }: DiffReport): string {
  if (changes.length === 0) return NOT_PROVED;
  const confirming = confirmed
    ? "Each witness was explained by the modules of both sides as it is shown here."
    : "A lock has no module, so the witnesses were not confirmed.";
  return `${confirming} ${NOT_PROVED}`;
}

/** Formats a report as Markdown, with the witnesses folded. */
export function formatDiffMarkdown(report: DiffReport): string {
  const lines = [`**${formatText(formatSummary(report))}**`];
  for (const kind of listKinds()) {
    const own = report.changes.filter(({ change }) => change.kind === kind);
    if (own.length === 0) continue;
    lines.push(
      "",
      `### ${KINDS[kind][0]}`,
      "",
      "| who | verbs | paths | before | after | by |",
      "| --- | --- | --- | --- | --- | --- |",
    );
    for (const { change, places } of own) {
      const { who, verbs, region, apis, before, after, terms } = change;
      const holder = kind === "public" ? "everyone" : formatWho(who);
      const paths = [formatRegion(region), ...formatApis(apis)].join(" | ");
      const cells = [
        holder,
        verbs.join(","),
        paths,
        formatAccess(before, terms.before),
        formatAccess(after, terms.after),
        places.join(", "),
      ];
      lines.push(`| ${cells.map((cell) => (cell === "" ? "" : formatCellCode(cell))).join(" | ")} |`);
    }
  }
  for (const { name, before, after } of report.conditions) {
    lines.push("", `### The condition ${formatCode(name)}`, "", ...formatBlock([`- ${before}`, `+ ${after}`], "diff"));
  }
  const shown = report.changes.map(formatShown);
  if (shown.length > 0) {
    lines.push(
      "",
      "<details><summary>Witnesses and tests</summary>",
      "",
      ...formatBlock(shown.flat(), "text"),
      "",
      "</details>",
    );
  }
  const follows = [...listFollows(report), ...(report.changes.length > 0 ? report.notes : [])];
  if (follows.length > 0) lines.push("", ...follows.map((line) => `- ${formatText(line)}`));
  lines.push("", formatCertainty(report));
  return `${lines.join("\n")}\n`;
}
