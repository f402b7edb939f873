import { NOT_PROVED } from "../analysis/access/formats.ts";
import { groupBy } from "../contract/group-by.ts";
import { formatBlock, formatText } from "../contract/markdown.ts";
import { escapeAllButTabs } from "../contract/steering.ts";
import { formatShort, listSome, MAX_NAMED } from "./markdown.ts";
import { CHANGE_KINDS, type Review, type ReviewedChange, type ReviewPart } from "./review.ts";
import { formatStates } from "./states.ts";

/**
 * Makes the first line of a comment, by which the next run finds it. Readers don't see it.
 *
 * @param policies - The folder of policies; a repository may have several.
 */
function toMarker(policies: string): string {
  return `<!-- rego-authorizer pull-request ${policies.replace(/[^\w./-]|--/g, "_")} -->`;
}

/** How a comment is laid out. */
export interface Layout {
  readonly mark: (policies: string) => readonly string[];
  readonly text: (text: string) => string;
  /** The lines around a detail. */
  readonly open: (title: string) => readonly string[];
  readonly close: readonly string[];
  readonly foot: (text: string) => string;
}

/** For a pull request: details are folded, and the next run finds the comment. */
export const FOLDED: Layout = {
  mark: (policies) => [toMarker(policies)],
  text: formatText,
  open: (title) => ["<details>", `<summary>${formatText(title)}</summary>`, ""],
  close: ["", "</details>", ""],
  foot: (text) => `<sub>${text}</sub>`,
};

/** For a terminal: without HTML, and with nothing folded. */
export const PLAIN: Layout = {
  mark: () => [],
  text: escapeAllButTabs,
  open: (title) => [`${escapeAllButTabs(title)}:`, ""],
  close: ["", ""],
  foot: (text) => text,
};

/** The longest comment. GitHub refuses more than 65,536 characters; it counts some of them twice, and adds none. */
const MAX_CHARS = 60_000;

/** The changes that are shown without opening anything, and those that one detail lists. */
const MAX_SHOWN = 8;
const MAX_LISTED = 200;

/** Formats a review as a comment of at most a screen, with details to open. */
export function formatComment(review: Review, layout = FOLDED): string {
  const { changes } = review;
  const groups = [...groupBy(changes, keyOfGroup).values()];
  const shown = groups.slice(0, MAX_SHOWN);
  const left = groups.length - shown.length;
  const head = [
    ...layout.mark(review.policies),
    `### ${formatTitle(review)}`,
    "",
    ...shown.map(formatGroup),
    ...(left > 0 ? [`- and ${left} more${formatLeft(groups.slice(MAX_SHOWN))}, below`] : []),
    ...review.notes.map((note) => `- ${layout.text(note)}`),
    ...(changes.length + review.notes.length > 0 ? [""] : []),
    ...review.parts.flatMap(({ details: lines, isShown }) => (isShown === true ? [...lines, ""] : [])),
    "| checked | result |",
    "| --- | --- |",
    ...review.parts.map(({ title, state, summary }) => `| ${STATES[state]} ${title} | ${formatCell(summary)} |`),
    "",
  ];
  const details = [
    ...(changes.length > 0
      ? [{ title: `Each change with a request that shows it: ${changes.length}`, lines: listChanges(changes) }]
      : []),
    ...formatLock(review),
    ...review.parts.flatMap(({ title, details: lines, isShown }) =>
      lines.length === 0 || isShown === true ? [] : [{ title, lines }],
    ),
  ];
  const foot = [
    "",
    layout.foot(
      `Proved for every principal, path and truth of conditions; conditions are compared by their text. ${NOT_PROVED}`,
    ),
  ];
  let room = MAX_CHARS - lengthOf(head) - lengthOf(foot);
  const folded = details.flatMap((detail, at) => {
    // Each detail may take an even share of the room, and leaves the others what it does not need.
    const lines = fold(detail, Math.floor(room / (details.length - at)), review.base, layout);
    room -= lengthOf(lines);
    return lines;
  });
  return `${[...head, ...folded, ...foot].join("\n")}\n`;
}

/** Formats the comment about policies that could not be compared. */
export function formatNotCompared(
  { base, policies }: Pick<Review, "base" | "policies">,
  lines: readonly string[],
  { mark } = FOLDED,
): string {
  const head = [...mark(policies), `### Access: nothing was compared with ${formatShort(base)}`, ""];
  const shown: string[] = [];
  let room = MAX_CHARS - lengthOf(head) - 200;
  for (const line of lines) {
    room -= line.length + 1;
    if (room < 0) break;
    shown.push(line);
  }
  const left = lines.length - shown.length;
  return `${[...head, ...formatBlock(shown), ...(left > 0 ? [`and ${left} more lines`] : [])].join("\n")}\n`;
}

/** Writes Markdown so that a table takes it: a bar would end a cell, even in code. */
function formatCell(markdown: string): string {
  return markdown.replaceAll("|", "\\|");
}

const STATES: Readonly<Record<ReviewPart["state"], string>> = { fine: "✅", look: "👀", wrong: "❌", unknown: "❔" };

function formatTitle({ base, changes, lock }: Review): string {
  const counts = Object.entries(CHANGE_KINDS).flatMap(([kind, [one, several]]) => {
    const number = changes.filter((change) => change.kind === kind).length;
    return number === 0 ? [] : [`${number} ${number === 1 ? one : several}`];
  });
  const isRewritten = lock.added.length + lock.removed.length > 0;
  if (counts.length === 0)
    return `No change in access, compared with ${formatShort(base)}${isRewritten ? "; the lines of the access lock differ" : ""}`;
  return `Access: ${counts.join(", ")}, compared with ${formatShort(base)}`;
}

/** Changes that differ only in who has them are one line for readers. */
function keyOfGroup({ who: _who, not: _not, witness: _witness, ...same }: ReviewedChange): string {
  return JSON.stringify(same);
}

/** Formats changes that differ only in who has them. */
function formatGroup(group: readonly ReviewedChange[]): string {
  const [first] = group;
  if (first === undefined) return "";
  const whos = [...new Set(group.map(({ who }) => who))];
  return `- ${formatWhat(first)} for ${listSome(whos, ", ")}: ${formatAccess(first)}`;
}

/** Formats one change with the request that shows it. */
function formatChange(change: ReviewedChange): string {
  const { who, not, witness } = change;
  const cancelled = not.length === 0 ? "" : `; no change for whoever also has ${listSome(not, " or ")}`;
  const shows =
    witness === undefined ? "" : `; for example ${formatShort(witness.request)}${formatAssumed(witness.assumes)}`;
  return `- ${formatWhat(change)} for ${formatShort(who)}: ${formatAccess(change)}${cancelled}${shows}`;
}

/** Says whom the changes are about that are not shown at once, if they are few. */
function formatLeft(groups: readonly (readonly ReviewedChange[])[]): string {
  const whos = [...new Set(groups.flat().map(({ who }) => who))];
  return whos.length > MAX_NAMED ? "" : `, all for ${listSome(whos, ", ")}`;
}

function formatWhat({ kind, verbs, path }: ReviewedChange): string {
  return `**${KINDS[kind]}** ${formatShort(`${verbs.join(",")} ${path}`)}`;
}

const KINDS: Readonly<Record<ReviewedChange["kind"], string>> = {
  gain: "Gain of",
  loss: "Loss of",
  condition: "Changed condition at",
  guard: "Denial at",
  public: "Public route",
};

function formatAccess(change: ReviewedChange): string {
  const { kind, by } = change;
  const rules = by.length === 0 ? "" : `, by ${listSome(by, ", ")}`;
  return `${formatStates(change)}${rules}${kind === "guard" ? "; nothing is allowed there, before or after" : ""}`;
}

function formatAssumed(assumes: readonly string[]): string {
  return assumes.length === 0 ? "" : `, if ${assumes.map(formatShort).join(" and ")}`;
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
  // The old and the new line of one who and path are beside each other, as in the lock.
  const keyOf = ({ sign, line }: (typeof lines)[number]) => {
    const fields = line.split(" | ");
    return `${fields.slice(0, fields[0] === "condition" ? 2 : 4).join(" | ")}\n${sign === "-" ? 0 : 1}${line}`;
  };
  lines.sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
  return [
    {
      title: `Access lock: ${added.length} added, ${removed.length} removed`,
      lines: formatBlock(
        lines.map(({ sign, line }) => `${sign}${line}`),
        "diff",
      ),
    },
  ];
}

/** Folds a detail into some characters. A block of code that is cut off is closed. */
function fold({ title, lines }: Detail, room: number, base: string, { open, close: end }: Layout): readonly string[] {
  const start = open(title);
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
          `${missing} more lines: ${formatShort(`rego-authorizer diff ${base}`)} prints all`,
        ];
  return [...start, ...shown, ...cut, ...end];
}

function lengthOf(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + line.length + 1, 0);
}
