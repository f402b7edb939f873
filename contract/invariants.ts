/** The principals that an invariant is about: those who hold one of these things. Each list is sorted. */
export interface InvariantWho {
  /** `authenticated` among them, which everybody holds whose token is valid. */
  readonly roles: readonly string[];
  readonly groups: readonly string[];
  readonly scopes: readonly string[];
  readonly kinds: readonly string[];
  readonly claims: readonly (readonly [claim: string, value: string])[];
  /** The names of the issuers one of whose tokens must show it; empty: any. */
  readonly issuers: readonly string[];
}

/** The requests that an invariant is about. */
export interface InvariantRegion {
  /** At least one; `ANY` and `CONNECT` among them. */
  readonly verbs: readonly string[];
  /** A path template. */
  readonly path: string;
  /** The names of the APIs; empty: all. */
  readonly apis: readonly string[];
}

/** The statement of an invariant. */
export type InvariantStatement =
  /** Nobody is allowed by these things alone, or, whatever else the token carries, nobody who holds one of them. */
  | {
      readonly kind: "never";
      readonly who: InvariantWho;
      readonly isWhateverElse: boolean;
      readonly region: InvariantRegion;
    }
  /** Every principal who holds none of these is refused. */
  | { readonly kind: "only"; readonly who: InvariantWho; readonly region: InvariantRegion }
  /** Each principal that holds one of these is allowed each request, whatever else its token carries and conditions answer. */
  | { readonly kind: "always"; readonly who: InvariantWho; readonly region: InvariantRegion }
  /** Nothing in a token makes a principal two of these; with a region: nobody who is two of these is allowed there. */
  | {
      readonly kind: "disjoint";
      readonly whos: readonly InvariantWho[];
      readonly region: InvariantRegion | undefined;
    }
  /** Every access there needs all of these conditions. */
  | { readonly kind: "requires"; readonly conditions: readonly string[]; readonly region: InvariantRegion };

/** A statement about the whole policy that is proved for every request: a rule of package `access.invariants`. */
export interface Invariant {
  /** `customers_stay_out` */
  readonly name: string;
  /** The title in its METADATA; undefined without one. */
  readonly title: string | undefined;
  readonly statement: InvariantStatement;
}

/** An invariant, and its place in the policy. */
export interface LocatedInvariant extends Invariant {
  readonly file: string;
  readonly line: number;
}
