/** A bracket that has no partner, and the line on which the partner should be. */
export interface Unbalanced {
  readonly line: number;
  /** Says which bracket it is, and what to do. */
  readonly message: string;
}

interface Opened {
  readonly bracket: string;
  readonly line: number;
}

const CLOSING: Readonly<Record<string, string>> = { "{": "}", "[": "]", "(": ")" };
/** Matches a string, a raw string, a comment, a bracket or the end of a line. */
const TOKEN = /"(?:[^"\\\n]|\\.)*"|`[^`]*`|#[^\n]*|[{}[\]()]|\n/g;
/** Matches the first line of a rule, or of the comment above it. Both begin without a space before them. */
const TOP_LEVEL = /^(# METADATA|[a-z_]\w*(\[".*"\])?(\(.*\))?\s*(:=|if\b|contains\b|=|\{)|package |import |default )/i;

/**
 * Finds the first bracket without a partner in the text of a Rego file; undefined if all have one.
 *
 * OPA reads on until something is impossible, which can be at the end of the file. A rule begins at the margin, so a bracket
 * that is still open there has its partner missing before it.
 */
export function findUnbalanced(text: string): Unbalanced | undefined {
  const lines = text.split("\n");
  const open: Opened[] = [];
  let line = 1;
  let lastUsed = 1;
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === "\n") {
      line += 1;
      const innermost = open.at(-1);
      if (innermost !== undefined && TOP_LEVEL.test(lines[line - 1] ?? "")) return toUnclosed(innermost, lastUsed);
      if (/^\s*[^\s#]/.test(lines[line - 1] ?? "")) lastUsed = line;
      continue;
    }
    if (token in CLOSING) open.push({ bracket: token, line });
    else if (/^[}\])]$/.test(token)) {
      const opened = open.pop();
      if (opened === undefined) return { line, message: `nothing opens this ${token}; remove it` };
      if (CLOSING[opened.bracket] !== token) return toMismatch(opened, token, line);
    } else if (token.startsWith("`")) {
      line += token.split("\n").length - 1;
      lastUsed = line;
    }
  }
  const innermost = open.at(-1);
  return innermost && toUnclosed(innermost, lastUsed);
}

function toUnclosed({ bracket, line }: Opened, until: number): Unbalanced {
  const where = line === until ? "on this line" : `of line ${line}`;
  return { line: until, message: `the ${bracket} ${where} is not closed; write the ${CLOSING[bracket]} that it lacks` };
}

function toMismatch({ bracket, line }: Opened, token: string, at: number): Unbalanced {
  const where = line === at ? "on this line" : `of line ${line}`;
  return {
    line: at,
    message: `the ${bracket} ${where} is not closed before this ${token}; write its ${CLOSING[bracket]}`,
  };
}
