/** A grant as the engine looks it up. Every key is always present; all lists are sorted. */
export interface IndexedGrant {
  /** The names of the APIs that it is for; empty: all. It never applies if the API is not known. */
  readonly api: readonly string[];
  /** At least one; the principal must hold one of them. */
  readonly roles: readonly string[];
  /** At least one; `ANY` and `CONNECT` among them. */
  readonly verbs: readonly string[];
  /** A path template. */
  readonly path: string;
  /** The positions of parameters of one segment, by name; 0 is the first segment. */
  readonly params: Readonly<Record<string, number>>;
  /** The position at which the greedy parameter starts, by its name; empty without one. */
  readonly tail: Readonly<Record<string, number>>;
  /** The claim that each parameter must equal, by parameter. */
  readonly where: Readonly<Record<string, string>>;
  /** The conditions that must all be true. */
  readonly when: readonly string[];
}

/** A denial as the engine looks it up. Every key is always present; all lists are sorted. */
export interface IndexedDenial {
  /** The names of the APIs that it is for; empty: all. It applies if the API is not known. */
  readonly api: readonly string[];
  /** The roles that it applies to; empty: everybody. */
  readonly roles: readonly string[];
  readonly verbs: readonly string[];
  readonly path: string;
  readonly params: Readonly<Record<string, number>>;
  readonly tail: Readonly<Record<string, number>>;
  /** The conditions that lift it when all are true; empty: nothing lifts it. */
  readonly unless: readonly string[];
}

/** The roles that groups, scopes, kinds and claims give, with the roles that those include. */
export interface HeldRoles {
  /** By Cognito group. */
  readonly groups: Readonly<Record<string, readonly string[]>>;
  /** By OAuth scope. */
  readonly scopes: Readonly<Record<string, readonly string[]>>;
  /** By kind: `user`, `machine`. */
  readonly kinds: Readonly<Record<string, readonly string[]>>;
  /** By claim, and by its value. */
  readonly claims: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

/** The roles that the tokens of any trusted issuer give, and besides them the roles that those of one issuer give. */
export interface IndexedRoles extends HeldRoles {
  /** By the issuer's name. */
  readonly issuers: Readonly<Record<string, HeldRoles>>;
}

/** All grants, denials and roles of a policy. {@link PackedIndex} has them arranged for look-up. */
export interface PolicyIndex {
  readonly grants: Readonly<Record<string, IndexedGrant>>;
  readonly denials: Readonly<Record<string, IndexedDenial>>;
  readonly roles: IndexedRoles;
}

/**
 * A function for each key of a grant, a denial or the roles; it says what a consumer derives from the key.
 *
 * A new key does not compile until every such table has an entry for it. A key may restrict access, so a consumer that
 * ignored it would allow too much.
 */
export type ForEachKey<Table, Derived> = Readonly<Record<keyof Table, (table: Table) => Derived>>;

/** Lists what a consumer derives from a grant, a denial or the roles: one item for each key. */
export function deriveEach<Table, Derived>(derive: ForEachKey<Table, Derived>, table: Table): readonly Derived[] {
  return Object.values<(table: Table) => Derived>(derive).map((deriveOne) => deriveOne(table));
}

/**
 * The rest of an object after every key was destructured by name. If `others satisfies NoOtherKeys` does not compile,
 * there is a new key: destructure it too, and handle it.
 */
export type NoOtherKeys = Readonly<Record<string, never>>;

/** The data document of the module; `dist/authorizer/data.json`. */
export interface PolicyData {
  readonly index: PolicyIndex;
  /** The company's base data; undefined without any. */
  readonly base: unknown;
}
