/** The rows on which the package and the rules of a file begin, counted from 1. */
export interface RuleRows {
  readonly package: number;
  /** The rules in their order, each with its name as {@link findRuleRows} expects it. */
  readonly rules: readonly { readonly name: string; readonly row: number }[];
}

/** Matches space and comments. */
const GAP = /(?:\s|#.*)*/y;
const PACKAGE = /package[ \t]+[\w.]+(?=\s)/y;
/** Matches a rule such as `grants["read"] := {` up to its value, which is an object. */
const HEAD = /(\w+\["[\w.-]+"\])[ \t]*:=[ \t]*(?=\{)/y;
/** Matches what may be between two brackets of a literal. Template strings and calls have brackets of their own meaning. */
const BETWEEN = /(?:[^"`#$(){}[\]]|\(\)|"(?:[^"\\\n]|\\.)*"|`[^`]*`|#.*)*/y;

/**
 * Finds the rows of a file that has nothing but rules such as `grants["read"] := {…}`, with their comments; gives undefined for any
 * other file. It reads every character, so that it can't take a part of a string or comment for a rule.
 */
export function findRuleRows(text: string): RuleRows | undefined {
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    at += found?.[0].length ?? 0;
    return found;
  };
  let row = 1;
  let counted = 0;
  const toRow = (): number => {
    for (let next = text.indexOf("\n", counted); next !== -1 && next < at; next = text.indexOf("\n", counted)) {
      row += 1;
      counted = next + 1;
    }
    return row;
  };
  const takeValue = (): boolean => {
    let depth = 0;
    do {
      depth += "{[".includes(text[at] ?? "") ? 1 : -1;
      at += 1;
      if (depth === 0) return true;
      take(BETWEEN);
    } while ("{[]}".includes(text[at] ?? " "));
    return false;
  };

  take(GAP);
  const ofPackage = toRow();
  if (take(PACKAGE) === null) return undefined;
  const rules: { readonly name: string; readonly row: number }[] = [];
  for (take(GAP); at < text.length; take(GAP)) {
    const begin = toRow();
    const [, name] = take(HEAD) ?? [];
    if (name === undefined || !takeValue()) return undefined;
    rules.push({ name, row: begin });
  }
  return { package: ofPackage, rules };
}
