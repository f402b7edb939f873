/** The deepest nesting: deeper than any claim of an issuer, and far below the limit of a parser's stack. */
const MAX_DEPTH = 32;

/**
 * Tells whether every parser reads a JSON text in the same way.
 *
 * No name may occur twice in an object, since parsers differ in which value they take (RFC 8259, section 4). No name or
 * text may have half of a surrogate pair, since parsers differ in what they read there (section 8.2), and the policy's
 * engine reads nothing. Nothing may be nested deeper than 32.
 *
 * @param json - A text that `JSON.parse` accepts.
 * @param value - What it gives.
 */
export function isUnambiguous(json: string, value: unknown): boolean {
  return isAsWritten(json, value) || isScanned(json);
}

/**
 * Tells of most texts at once that they are unambiguous: one that is written just as JavaScript writes its value has each name
 * once. One with an escape is scanned, and one with so many brackets that it may be nested too deeply.
 */
function isAsWritten(json: string, value: unknown): boolean {
  return !json.includes("\\") && JSON.stringify(value) === json && (json.match(/[[{]/g) ?? []).length <= MAX_DEPTH;
}

function isScanned(json: string): boolean {
  /** The names found so far in each open object; undefined for an open array. */
  const open: (Set<string> | undefined)[] = [];
  let isName = false;
  // The text came as UTF-8, so only an escape can be half of a pair.
  const hasEscapes = json.includes("\\u");
  for (let at = 0; at < json.length; at += 1) {
    switch (json[at]) {
      case "{":
      case "[":
        isName = json[at] === "{";
        open.push(isName ? new Set() : undefined);
        if (open.length > MAX_DEPTH) return false;
        break;
      case "}":
      case "]":
        open.pop();
        break;
      case ",":
        isName = open.at(-1) !== undefined;
        break;
      case '"': {
        const end = findEnd(json, at);
        const names = isName ? open.at(-1) : undefined;
        if (names !== undefined || hasEscapes) {
          const text = toText(json.slice(at, end + 1));
          if (!text.isWellFormed() || names?.has(text)) return false;
          names?.add(text);
        }
        isName = false;
        at = end;
      }
    }
  }
  return true;
}

/** Reads a quoted text. One without a backslash stands for itself. */
function toText(quoted: string): string {
  return quoted.includes("\\") ? String(JSON.parse(quoted)) : quoted.slice(1, -1);
}

/** Finds the end of the string that starts at `start`: the next quote after an even number of backslashes. */
function findEnd(json: string, start: number): number {
  let end = start;
  for (;;) {
    end = json.indexOf('"', end + 1);
    let escapes = 0;
    while (json[end - 1 - escapes] === "\\") escapes += 1;
    if (escapes % 2 === 0) return end;
  }
}
