/** The deepest nesting: deeper than any claim of an issuer, and far below the limit of a parser's stack. */
const MAX_DEPTH = 32;

/**
 * Tells whether every parser reads a JSON text in the same way.
 *
 * No name may occur twice in an object, since parsers differ in which value they take (RFC 8259, section 4), and nothing
 * may be nested deeper than 32.
 *
 * @param json - A text that `JSON.parse` accepts.
 */
export function isUnambiguous(json: string): boolean {
  /** The names found so far in each open object; undefined for an open array. */
  const open: (Set<string> | undefined)[] = [];
  let isName = false;
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
        if (names !== undefined) {
          const text = json.slice(at, end + 1);
          const name = text.includes("\\") ? JSON.stringify(JSON.parse(text)) : text;
          if (names.has(name)) return false;
          names.add(name);
        }
        isName = false;
        at = end;
      }
    }
  }
  return true;
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
