/** Deeper than any claim that an issuer makes, and far from what a parser's stack bears. */
const MAX_DEPTH = 32;

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],]/gs;

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
  for (const [token] of json.matchAll(TOKEN)) {
    if (token === "{" || token === "[") {
      open.push(token === "{" ? new Set() : undefined);
      if (open.length > MAX_DEPTH) return false;
      isName = token === "{";
    } else if (token === "}" || token === "]") {
      open.pop();
      isName = false;
    } else if (token === ",") {
      isName = open.at(-1) !== undefined;
    } else {
      if (isName) {
        const names = open.at(-1);
        const name = token.includes("\\") ? String(JSON.parse(token)) : token.slice(1, -1);
        if (names?.has(name)) return false;
        names?.add(name);
      }
      isName = false;
    }
  }
  return true;
}
