import { escapeAllButTabs } from "./steering.ts";

/* Texts of policies, logs and requests in Markdown. Names of groups, paths and rules are anybody's. */

/**
 * Formats a text as code, in which Markdown, HTML and mentions mean nothing.
 *
 * A fence of backticks is longer than any in the text, and characters that are not visible are escaped.
 */
export function formatCode(text: string): string {
  const shown = escapeAllButTabs(text);
  const fence = "`".repeat(longestRun(shown) + 1);
  // A backtick at an end would be part of the fence.
  const inside = /^`|`$|^ .* $/.test(shown) ? ` ${shown} ` : shown;
  return `${fence}${inside || " "}${fence}`;
}

/** Formats a text as code in a cell of a table, which a bar would end even there. */
export function formatCellCode(text: string): string {
  return formatCode(text).replaceAll("|", "\\|");
}

/** Formats lines as a block of code. */
export function formatBlock(lines: readonly string[], language = ""): readonly string[] {
  const shown = lines.map(escapeAllButTabs);
  const fence = "`".repeat(Math.max(2, ...shown.map(longestRun)) + 1);
  return [`${fence}${language}`, ...shown, fence];
}

/** Formats a text as text, also in a cell of a table: Markdown, HTML and mentions mean nothing in it. */
export function formatText(text: string): string {
  return escapeAllButTabs(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replace(/[\\`*_[\]~#|@!]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
}
