import { formatBlock, formatCode, formatHtml } from "./markdown.ts";
import { CHANGE_KINDS, inOrder, type Review, type ReviewedChange, type ReviewPart } from "./review.ts";

/**
 * Makes the first line of a comment, by which the next run finds it. Readers don't see it.
 *
 * @param policies - The folder of policies; a repository may have several.
 */
function toMarker(policies: string): string {
  return `<!-- rego-authorizer pull-request ${policies.replace(/[^\w./-]|--/g, "_")} -->`;
}

/** The longest comment. GitHub refuses more than 65,536 characters; it counts some of them twice, and adds none. */
const MAX_CHARS = 60_000;

/** The changes that are shown without opening anything, and those that one detail lists. */
const MAX_SHOWN = 8;
const MAX_LISTED = 200;

/** Formats a review as a comment of at most a screen, with details to open. */
export function formatComment(review: Review, maxChars = MAX_CHARS): string {
  const changes = inOrder(review.changes);
  const shown = changes.slice(0, MAX_SHOWN);
  const left = changes.length - shown.length;
  const head = [
    toMarker(review.policies),
    `### ${formatTitle(review)}`,
    "",
    ...shown.map(formatChange),
    ...(left > 0 ? [`- and ${left} more, below`] : []),
    ...(changes.length > 0 ? [""] : []),
    "| | |",
    "| --- | --- |",
    ...review.parts.map(({ title, state, summary }) => `| ${STATES[state]} ${title} | ${summary} |`),
    "",
  ];
  const details = [
    ...(left > 0 ? [{ title: `All ${changes.length} changes of access`, lines: listChanges(changes) }] : []),
    ...formatLock(review),
    ...review.parts.flatMap(({ title, details: lines }) => (lines.length === 0 ? [] : [{ title, lines }])),
  ];
  const foot = ["", `<sub>${NOT_PROVED}</sub>`];
  let room = maxChars - lengthOf(head) - lengthOf(foot);
  const folded = details.flatMap((detail, at) => {
    // Each detail may take an even share of the room, and leaves the others what it does not need.
    const lines = fold(detail, Math.floor(room / (details.length - at)), review.base);
    room -= lengthOf(lines);
    return lines;
  });
  return `${[...head, ...folded, ...foot].join("\n")}\n`;
}

/** Formats the comment about policies that could not be compared. */
export function formatNotCompared(
  { base, policies }: Pick<Review, "base" | "policies">,
  lines: readonly string[],
  maxChars = MAX_CHARS,
): string {
  const head = [toMarker(policies), `### Access: nothing was compared with ${formatCode(base)}`, ""];
  const shown: string[] = [];
  let room = maxChars - lengthOf(head) - 200;
  for (const line of lines) {
    room -= line.length + 1;
    if (room < 0) break;
    shown.push(line);
  }
  const left = lines.length - shown.length;
  return `${[...head, ...formatBlock(shown), ...(left > 0 ? [`and ${left} more lines`] : [])].join("\n")}\n`;
}

const STATES: Readonly<Record<ReviewPart["state"], string>> = { fine: "✅", look: "👀", wrong: "❌", unknown: "❔" };

/** What a comparison of two policies can't prove. */
const NOT_PROVED =
  "Proved for every principal, path and truth of conditions. Not proved: what issuers put into tokens, what a condition means, and what API Gateway does. Conditions are compared by their text.";

function formatTitle({ base, changes, lock }: Review): string {
  const counts = Object.entries(CHANGE_KINDS).flatMap(([kind, { one, many }]) => {
    const number = changes.filter((change) => change.kind === kind).length;
    return number === 0 ? [] : [`${number} ${number === 1 ? one : many}`];
  });
  const isRewritten = lock.added.length + lock.removed.length > 0;
  if (counts.length === 0)
    return `No change in access, compared with ${formatCode(base)}${isRewritten ? "; the lines of the access lock differ" : ""}`;
  return `Access: ${counts.join(", ")}, compared with ${formatCode(base)}`;
}

function formatChange(change: ReviewedChange): string {
  const { kind, who, not, verbs, path, before, after, terms, by, witness } = change;
  const what = `${formatCode(verbs.join(","))} ${formatCode(path)}`;
  const cancelled = not.length === 0 ? "" : `, unless the token also has ${not.map(formatCode).join(" or ")}`;
  const shows =
    witness === undefined ? "" : `; such as ${formatCode(witness.request)}${formatAssumed(witness.assumes)}`;
  return `- **${kind}** ${formatCode(who)}: ${what}: ${formatState(before, terms.before)} → ${formatState(after, terms.after)}${cancelled}${formatBy(by)}${shows}`;
}

function formatState(access: string, terms: readonly string[]): string {
  return terms.length === 0 ? access : `${access} (${terms.map(formatCode).join(" or ")})`;
}

function formatAssumed(assumes: readonly string[]): string {
  return assumes.length === 0 ? "" : `, if ${assumes.map(formatCode).join(" and ")}`;
}

const MAX_RULES = 4;

function formatBy(by: readonly string[]): string {
  if (by.length === 0) return "";
  const more = by.length > MAX_RULES ? ` and ${by.length - MAX_RULES} more` : "";
  return ` (${by.slice(0, MAX_RULES).map(formatCode).join(", ")}${more})`;
}

function listChanges(changes: readonly ReviewedChange[]): readonly string[] {
  const left = changes.length - MAX_LISTED;
  return [...changes.slice(0, MAX_LISTED).map(formatChange), ...(left > 0 ? [`- and ${left} more`] : [])];
}

interface Detail {
  readonly title: string;
  readonly lines: readonly string[];
}

function formatLock({ lock: { removed, added } }: Review): readonly Detail[] {
  if (removed.length + added.length === 0) return [];
  const lines = [...removed.map((line) => ({ sign: "-", line })), ...added.map((line) => ({ sign: "+", line }))];
  // The lock is sorted, so that the old and the new line of one thing are beside each other.
  lines.sort((one, other) => (one.line === other.line ? 0 : one.line < other.line ? -1 : 1));
  return [
    {
      title: `Access lock: ${added.length} lines more, ${removed.length} lines fewer`,
      lines: formatBlock(
        lines.map(({ sign, line }) => `${sign}${line}`),
        "diff",
      ),
    },
  ];
}

/** Folds a detail into some characters. A block of code that is cut off is closed. */
function fold({ title, lines }: Detail, room: number, base: string): readonly string[] {
  const start = ["<details>", `<summary>${formatHtml(title)}</summary>`, ""];
  const end = ["", "</details>", ""];
  let left = room - lengthOf(start) - lengthOf(end) - 200;
  const shown: string[] = [];
  let fence: string | undefined;
  for (const line of lines) {
    left -= line.length + 1;
    if (left < 0) break;
    shown.push(line);
    const ticks = /^`{3,}/.exec(line)?.[0];
    if (ticks !== undefined && fence === undefined) fence = ticks;
    else if (line === fence) fence = undefined;
  }
  const missing = lines.length - shown.length;
  const cut =
    missing === 0
      ? []
      : [
          ...(fence === undefined ? [] : [fence]),
          "",
          `${missing} more lines: ${formatCode(`rego-authorizer diff ${base}`)} prints all`,
        ];
  return [...start, ...shown, ...cut, ...end];
}

function lengthOf(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + line.length + 1, 0);
}
