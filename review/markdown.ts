/** Matches characters that steer a terminal, break a line or turn its direction. */
const STEERING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** The longest text of a user that is shown as a whole where the reader looks first. */
const MAX_SHOWN_CHARS = 120;

/**
 * Formats a text from a policy as code, in which Markdown, HTML and mentions mean nothing.
 *
 * Names of groups, paths and rules are anybody's. So a fence of backticks is longer than any in the text, and characters that are not
 * visible are escaped.
 */
export function formatCode(text: string): string {
  const shown = shorten(toVisible(text));
  const fence = "`".repeat(longestRun(shown) + 1);
  // A backtick at an end would be part of the fence.
  const inside = /^`|`$|^ .* $/.test(shown) ? ` ${shown} ` : shown;
  return `${fence}${inside || " "}${fence}`;
}

/** Formats the first names of a list as code, and the number of the others. */
export function listSome(names: readonly string[], separator: string): string {
  const left = names.length - MAX_NAMED;
  return `${names.slice(0, MAX_NAMED).map(formatCode).join(separator)}${left > 0 ? ` and ${left} more` : ""}`;
}

/** The most names that a list shows. */
export const MAX_NAMED = 3;

/** Formats lines as a block of code. */
export function formatBlock(lines: readonly string[], language = ""): readonly string[] {
  const shown = lines.map(toVisible);
  const fence = "`".repeat(Math.max(2, ...shown.map(longestRun)) + 1);
  return [`${fence}${language}`, ...shown, fence];
}

/** Formats what a command prints as Markdown: its first line as a sentence, and the others as code. */
export function formatAnswer(text: string): string {
  const [first = "", ...others] = text.trimEnd().split("\n");
  const start = others.findIndex((line) => line !== "");
  const block = start < 0 ? [] : ["", ...formatBlock(others.slice(start), "text")];
  return `${[`**${formatText(first)}**`, ...block].join("\n")}\n`;
}

/** Formats a sentence with parts of a policy as text, in which Markdown, HTML and mentions mean nothing. */
export function formatText(text: string): string {
  return toVisible(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replace(/[\\`*_[\]~#|@!]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Writes characters that are not visible as escapes. Tabs stay. */
function toVisible(text: string): string {
  return text.replace(STEERING, (character) =>
    character === "\t"
      ? character
      : Array.from({ length: character.length }, (_, at) => `\\u${hexOf(character.charCodeAt(at))}`).join(""),
  );
}

function hexOf(unit: number): string {
  return unit.toString(16).padStart(4, "0");
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
}

function shorten(text: string): string {
  const characters = Array.from(text);
  return characters.length <= MAX_SHOWN_CHARS ? text : `${characters.slice(0, MAX_SHOWN_CHARS - 1).join("")}…`;
}
