/** Something in the sources that must be mended before anything is built. */
export interface Problem {
  /** From the repository's root. */
  readonly file: string;
  readonly line: number;
  /** What is wrong and what to do; one sentence or two. */
  readonly message: string;
}

/** `file:line: message`, which editors and terminals turn into a link. */
export function formatProblem({ file, line, message }: Problem): string {
  return `${file}:${line}: ${message}`;
}

/** By file and line. */
export function compareProblems(one: Problem, other: Problem): number {
  return (
    one.file.localeCompare(other.file, "en") || one.line - other.line || one.message.localeCompare(other.message, "en")
  );
}

/** Names the files of problems, which are those of an assembly, from a company's folder as it was given. */
export function inFolder(policies: string, problems: readonly Problem[]): readonly Problem[] {
  return problems.map((problem) => ({ ...problem, file: problem.file.replace(/^policies(?=\/|$)/, () => policies) }));
}
