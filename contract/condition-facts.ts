/** A condition as it is compared between two policies: by its text without names and layout, never by what it means. */
export interface ConditionFacts {
  /** `sha256:` and 64 hexadecimal digits, of the syntax tree without names, and of the helpers and base data that it reads. */
  readonly digest: string;
  /** The condition on one line, with `$1`, `$2` … for the parameters that it reads. */
  readonly text: string;
  /** The names of the parameters that it reads, in the order of their numbers in `text`. */
  readonly params: readonly string[];
  /**
   * Set if the condition asks for roles only: it is true if, for one of the items, the principal holds all roles of `has` and
   * none of `lacks`. Such a condition says who, and is not a variable.
   */
  readonly roles?: RoleFormula;
}

/** Alternatives; without any, nobody fulfils it. */
export type RoleFormula = readonly { readonly has: readonly string[]; readonly lacks: readonly string[] }[];
