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

/** Names files, which are those of an assembly, from a company's folder as it was given. */
export function inFolder<Placed extends { readonly file: string }>(
  policies: string,
  placed: readonly Placed[],
): readonly Placed[] {
  return placed.map((one) => ({ ...one, file: one.file.replace(/^policies(?=\/|$)/, () => policies) }));
}
