import { formatBlock, formatCode, formatText } from "../contract/markdown.ts";

/** The longest text of a user that is shown as a whole where the reader looks first. */
const MAX_SHOWN_CHARS = 120;

/** Formats a text from a policy as code, and cuts off what is too long for a line of a comment. */
export function formatShort(text: string): string {
  const characters = Array.from(text);
  const isLong = characters.length > MAX_SHOWN_CHARS;
  return formatCode(isLong ? `${characters.slice(0, MAX_SHOWN_CHARS - 1).join("")}…` : text);
}

/** Formats the first names of a list as code, and the number of the others. */
export function listSome(names: readonly string[], separator: string): string {
  const left = names.length - MAX_NAMED;
  return `${names.slice(0, MAX_NAMED).map(formatShort).join(separator)}${left > 0 ? ` and ${left} more` : ""}`;
}

/** The most names that a list shows. */
export const MAX_NAMED = 3;

/** Formats what a command prints as Markdown: its first line as a sentence, and the others as code. */
export function formatAnswer(text: string): string {
  const [first = "", ...others] = text.trimEnd().split("\n");
  const start = others.findIndex((line) => line !== "");
  const block = start < 0 ? [] : ["", ...formatBlock(others.slice(start), "text")];
  return `${[`**${formatText(first)}**`, ...block].join("\n")}\n`;
}
