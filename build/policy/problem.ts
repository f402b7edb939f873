import type { ProblemCode } from "../../contract/problem-codes.ts";
import { escapeSteering } from "../../contract/steering.ts";
import { PACKED_FOLDER } from "../product.ts";

/** The code and the message of a problem, without its file and line. */
export interface ProblemText {
  readonly code: ProblemCode;
  /** Says what is wrong and what to do, in one sentence or two. */
  readonly message: string;
}

/** A problem in a policy. A policy that has one is not built. */
export interface Problem extends ProblemText {
  /** The path in the assembly (`policies/…`). Commands print it under the company's folder, see `inFolder`. */
  readonly file: string;
  readonly line: number;
}

/** The page about the codes, from this repository, or from a company's. */
const PAGE = PACKED_FOLDER === undefined ? "docs/problems.md" : "node_modules/rego-authorizer/docs/problems.md";

/** The line after the last problem. */
export const WHERE_CODES_ARE_EXPLAINED: string = `${PAGE} explains each code, with an example`;

/** Formats a problem as `file:line: message [code]`, which editors and terminals turn into a link. */
export function formatProblem({ code, file, line, message }: Problem): string {
  // A message may have a title or a name from the policy.
  return escapeSteering(`${file}:${line}: ${message} [${code}]`);
}

/** Formats a line for each problem, and one that names the page about their codes. */
export function formatProblems(problems: readonly Problem[]): readonly string[] {
  return problems.length === 0 ? [] : [...problems.map(formatProblem), WHERE_CODES_ARE_EXPLAINED];
}

/** Formats a line for each notice, and one that names the page about their codes. */
export function formatNotices(notices: readonly Problem[]): readonly string[] {
  const lines = [...notices].sort(compareProblems).map((one) => `notice: ${formatProblem(one)}`);
  return lines.length === 0 ? [] : [...lines, WHERE_CODES_ARE_EXPLAINED];
}

/** Orders problems by file and line. */
export function compareProblems(one: Problem, other: Problem): number {
  return (
    one.file.localeCompare(other.file, "en") || one.line - other.line || one.message.localeCompare(other.message, "en")
  );
}

/** Replaces `policies` in the names of an assembly's files with a company's folder, as the user named it. */
export function inFolder<Located extends { readonly file: string }>(
  policies: string,
  located: readonly Located[],
): readonly Located[] {
  return located.map((one) => ({ ...one, file: one.file.replace(/^policies(?=\/|$)/, () => policies) }));
}
