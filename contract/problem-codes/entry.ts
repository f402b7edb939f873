/**
 * The files of an example, by their path from `policies/`.
 *
 * A Rego file may leave out its package and the lines above it, so that an example shows only its subject. The introduction
 * of `docs/problems.md` lists these lines.
 */
export type Example = Readonly<Record<string, string | SymbolicLink>>;

/** A file of an example that is a symbolic link. */
export interface SymbolicLink {
  readonly linkTo: string;
}

/** The section of `docs/problems.md` about a code. */
export interface ProblemEntry {
  /** Says in one sentence what is wrong. */
  readonly title: string;
  /** Says why the build refuses it, and what would go wrong otherwise. Markdown, one paragraph. */
  readonly why: string;
  /** An example with this code and no other; null if no such policy is known. */
  readonly refused: Example | null;
  /** An example that means the same and builds. */
  readonly instead: Example | null;
  /** True if the refused example is the whole folder; any other is added to a policy that builds. */
  readonly isWholeFolder?: true;
}

/** The entries of a chapter, by their codes. */
export type ProblemEntries = Readonly<Record<string, ProblemEntry>>;

/** Makes an example of an area, a part of `access/orders.rego`. */
export function inArea(rego: string): Example {
  return { "access/orders.rego": `${rego}\n` };
}

/** Makes an example of a role, a part of `access/roles.rego`. */
export function inRoles(rego: string): Example {
  return { "access/roles.rego": `${rego}\n` };
}

/** Makes an example of a condition, a part of `access/conditions.rego`. */
export function inConditions(rego: string): Example {
  return { "access/conditions.rego": `${rego}\n` };
}

/** Makes an example of a condition that calls a helper, a part of `access/lib.rego`. */
export function inHelpers(conditions: string, helpers: string): Example {
  return { "access/conditions.rego": `${conditions}\n`, "access/lib.rego": `${helpers}\n` };
}

/** Makes an example of an invariant, a part of `access/invariants.rego`. */
export function inInvariants(rego: string): Example {
  return { "access/invariants.rego": `${rego}\n` };
}
