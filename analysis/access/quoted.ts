import { escapeSteering } from "../../contract/steering.ts";

/** Matches a value that no separator of a line can be part of. */
const PLAIN = /^[\p{L}\p{N}_.:/*-]+(?: [\p{L}\p{N}_.:/*-]+)*$/u;

/** Matches a word that has a meaning of its own in a line. */
const WORD = /(^| )(and|except|not|or|unless|when)( |$)/;

/** Formats a value of a token as it is, or as a string of JSON if it could be taken for more than one value. */
export function formatValue(value: string): string {
  return PLAIN.test(value) && !WORD.test(value) ? value : toQuoted(value);
}

/** Formats a path template as it is, or as a string of JSON. */
export function formatPath(path: string): string {
  return /^\/[^\s",|\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u.test(path) ? path : toQuoted(path);
}

/** Parses what {@link formatValue} or {@link formatPath} formatted; gives undefined for a broken string of JSON. */
export function parseValue(text: string): string | undefined {
  if (!text.startsWith('"')) return text === "" || text.includes('"') ? undefined : text;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Writes a string of JSON on one line of visible characters. */
function toQuoted(value: string): string {
  return escapeSteering(JSON.stringify(value));
}

/** Splits a text at a separator, but not inside strings of JSON. */
export function splitUnquoted(text: string, separator: string): readonly string[] {
  const parts: string[] = [];
  let [start, isQuoted] = [0, false];
  for (let at = 0; at < text.length; at += 1) {
    if (isQuoted && text[at] === "\\") at += 1;
    else if (text[at] === '"') isQuoted = !isQuoted;
    else if (!isQuoted && text.startsWith(separator, at)) {
      parts.push(text.slice(start, at));
      start = at + separator.length;
      at = start - 1;
    }
  }
  return [...parts, text.slice(start)];
}
