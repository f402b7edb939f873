import { parseTemplate } from "../../contract/path-template.ts";

/** Tells whether some path matches both templates. */
export function overlaps(one: string, other: string): boolean {
  const [ones, others] = [parseTemplate(one), parseTemplate(other)];
  for (let at = 0; ; at += 1) {
    const [mine, yours] = [ones[at], others[at]];
    if (mine === undefined || yours === undefined) return mine === yours;
    if (mine.kind === "parameter" && mine.isGreedy) return true;
    if (yours.kind === "parameter" && yours.isGreedy) return true;
    if (mine.kind === "literal" && yours.kind === "literal" && mine.text !== yours.text) return false;
  }
}
