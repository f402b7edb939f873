/** Whether a pattern matches an ARN. With `unknown`, neither a `Resource` nor a `NotResource` with the pattern applies. */
export type PatternMatch = "match" | "mismatch" | "unknown";

const ANY_RUN = Symbol("*");
const ANY_ONE = Symbol("?");

/** A character or a wildcard. */
type Glyph = string | typeof ANY_RUN | typeof ANY_ONE;

/** A pattern as a list of characters and wildcards. */
type Glyphs = readonly Glyph[];

const ARN_SEGMENTS = 6;

/**
 * Compares a `Resource` of a policy with the ARN of a request.
 *
 * Up to the fifth colon an ARN is compared segment by segment, and after it as a whole. There `*` matches any run of
 * characters, including slashes and colons, and `?` matches one character. Segments that a pattern lacks are `*`. Upper and
 * lower case differ. The result is `unknown` for a pattern with a variable, since an authorizer's policy document has no
 * variables to replace, and for a pattern that lacks segments and does not match. Where AWS documents nothing, this follows
 * `@cloud-copilot/iam-simulate`.
 *
 * @param hasVariables - If true, `${*}`, `${?}` and `${$}` stand for the characters, and any other `${…}` is a variable. If
 *   false, a dollar is an ordinary character.
 * @see IAM user guide, "IAM JSON policy elements: Resource" and "Variables and tags"
 */
export function matchArn(pattern: string, arn: string, hasVariables: boolean): PatternMatch {
  if (/^\*+$/.test(pattern)) return "match";
  const wanted = splitArn(pattern);
  const isShort = wanted.length < ARN_SEGMENTS;
  for (const [at, text] of splitArn(arn).entries()) {
    const part = wanted[at] ?? "*";
    const matches = matchPart(part, text, hasVariables);
    if (matches === undefined) return "unknown";
    if (!matches) return isShort ? "unknown" : "mismatch";
  }
  return "match";
}

/** Compares a part of a pattern with that of an ARN; undefined if the pattern has a variable. */
function matchPart(part: string, text: string, hasVariables: boolean): boolean | undefined {
  // Most parts are plain text, and laws judge some hundred thousand requests.
  if (!/[*?$]/.test(part)) return part === text;
  const glyphs = knownGlyphs(part, hasVariables);
  return glyphs && matchGlyphs(glyphs, text);
}

/** The patterns of recent documents. A cached document judges many requests, and documents of one policy share a deny list. */
const known = { plain: new Map<string, Glyphs>(), withVariables: new Map<string, Glyphs>() };
const MAX_KNOWN = 1000;

/** Reads a pattern as {@link toGlyphs} does, and remembers it. */
function knownGlyphs(pattern: string, hasVariables: boolean): Glyphs | undefined {
  const patterns = hasVariables ? known.withVariables : known.plain;
  const glyphs = patterns.get(pattern) ?? toGlyphs(pattern, hasVariables);
  if (glyphs === undefined || patterns.has(pattern)) return glyphs;
  if (patterns.size >= MAX_KNOWN) patterns.clear();
  patterns.set(pattern, glyphs);
  return glyphs;
}

/** Matches a pattern of `*`, `?` and plain characters, without variables. */
export function matchWildcards(pattern: string, text: string): boolean {
  return matchGlyphs(toGlyphs(pattern, false) ?? [], text);
}

function splitArn(text: string): readonly string[] {
  const parts = text.split(":");
  const resource = parts.splice(ARN_SEGMENTS - 1).join(":");
  return parts.length < ARN_SEGMENTS - 1 ? parts : [...parts, resource];
}

function toGlyphs(pattern: string, hasVariables: boolean): Glyphs | undefined {
  if (!hasVariables || !pattern.includes("${")) return Array.from(pattern, toGlyph);
  const glyphs: Glyph[] = [];
  for (const [text, variable] of pattern.matchAll(/\$\{([^}]*)\}|[\s\S]/gu)) {
    if (variable !== undefined) {
      const value = /^[*?$]$/.test(variable) ? variable : /^[^,]*, '(.+)'$/s.exec(variable)?.[1];
      if (value === undefined) return undefined;
      glyphs.push(...value);
    } else glyphs.push(toGlyph(text));
  }
  return glyphs;
}

function toGlyph(character: string): Glyph {
  if (character === "*") return ANY_RUN;
  return character === "?" ? ANY_ONE : character;
}

/** Matches with backtracking to the last `*` only, so that no pattern makes it slow. */
function matchGlyphs(glyphs: Glyphs, text: string): boolean {
  const characters = [...text];
  let at = 0;
  let next = 0;
  let run: { readonly after: number; from: number } | undefined;
  while (at < characters.length) {
    const glyph = glyphs[next];
    if (glyph === ANY_RUN) {
      next += 1;
      run = { after: next, from: at };
    } else if (glyph === ANY_ONE || (glyph !== undefined && glyph === characters[at])) {
      next += 1;
      at += 1;
    } else if (run !== undefined) {
      run.from += 1;
      next = run.after;
      at = run.from;
    } else return false;
  }
  return glyphs.slice(next).every((glyph) => glyph === ANY_RUN);
}
