/**
 * The files of an example, by their path from `policies/`.
 *
 * A Rego file may leave out its package and what belongs above it, so that an example shows nothing but its subject: see
 * the introduction of `docs/problems.md`.
 */
export type Example = Readonly<Record<string, string | SymbolicLink>>;

/** A file of an example that is a symbolic link. */
export interface SymbolicLink {
  readonly linkTo: string;
}

/** What `docs/problems.md` says about a code. */
export interface ProblemEntry {
  /** Says in one sentence what is wrong. */
  readonly title: string;
  /** Says why the build refuses it, and what would go wrong otherwise. Markdown, one paragraph. */
  readonly why: string;
  /** Gives this code and no other; null where no policy is known that does. */
  readonly refused: Example | null;
  /** Means the same, and builds. */
  readonly instead: Example | null;
  /** The refused example is the whole folder: it does not stand beside a policy that builds. */
  readonly isWholeFolder?: true;
}

/** The entries of a chapter, by their codes. */
export type ProblemEntries = Readonly<Record<string, ProblemEntry>>;

/** The example of an area, a part of `access/orders.rego`. */
export function inArea(rego: string): Example {
  return { "access/orders.rego": `${rego}\n` };
}

/** The example of a role, a part of `access/roles.rego`. */
export function inRoles(rego: string): Example {
  return { "access/roles.rego": `${rego}\n` };
}

/** The example of a condition, a part of `access/conditions.rego`. */
export function inConditions(rego: string): Example {
  return { "access/conditions.rego": `${rego}\n` };
}

/** The example of a condition that calls a helper, a part of `access/lib.rego`. */
export function inHelpers(conditions: string, helpers: string): Example {
  return { "access/conditions.rego": `${conditions}\n`, "access/lib.rego": `${helpers}\n` };
}
