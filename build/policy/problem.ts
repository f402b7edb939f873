import type { ProblemCode } from "../../contract/problem-codes.ts";

/** Something in the sources that must be mended before anything is built. */
export interface Problem {
  readonly code: ProblemCode;
  /** From the repository's root. */
  readonly file: string;
  readonly line: number;
  /** Says what is wrong and what to do, in one sentence or two. */
  readonly message: string;
}

/** Tells readers where to look a code up; it follows the last problem. */
export const WHERE_CODES_ARE_EXPLAINED = "docs/problems.md explains each code, with an example";

/** Formats a problem as `file:line: message [code]`, which editors and terminals turn into a link. */
function formatProblem({ code, file, line, message }: Problem): string {
  return `${file}:${line}: ${message} [${code}]`;
}

/** Formats problems for a reader: a line for each, and where their codes are explained. */
export function formatProblems(problems: readonly Problem[]): readonly string[] {
  return problems.length === 0 ? [] : [...problems.map(formatProblem), WHERE_CODES_ARE_EXPLAINED];
}

/** Orders problems by file and line. */
export function compareProblems(one: Problem, other: Problem): number {
  return (
    one.file.localeCompare(other.file, "en") || one.line - other.line || one.message.localeCompare(other.message, "en")
  );
}

/** Names files, which are those of an assembly, from a company's folder as it was given. */
export function inFolder<Placed extends { readonly file: string }>(
  policies: string,
  placed: readonly Placed[],
): readonly Placed[] {
  return placed.map((one) => ({ ...one, file: one.file.replace(/^policies(?=\/|$)/, () => policies) }));
}
