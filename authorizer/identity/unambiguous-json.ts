/** Deeper than any claim that an issuer makes, and far from what a parser's stack bears. */
const MAX_DEPTH = 32;

/**
 * Tells whether JSON text says one thing only: no name occurs twice in an object, where parsers differ in which value
 * counts (RFC 8259, section 4), and nothing is nested deeper than 32.
 *
 * @param json - Text that `JSON.parse` takes.
 */
export function isUnambiguous(json: string): boolean {
  /** For each open object the names seen so far; none for an array. */
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

/** Where the string that starts at a quote has its other quote, which an odd number of backslashes does not precede. */
function findEnd(json: string, start: number): number {
  let end = start;
  for (;;) {
    end = json.indexOf('"', end + 1);
    let escapes = 0;
    while (json[end - 1 - escapes] === "\\") escapes += 1;
    if (escapes % 2 === 0) return end;
  }
}
