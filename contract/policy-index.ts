import { type Checks, closed, is, listOf, type Mismatch, mapOf, optional, TEXT, TEXTS } from "./checks.ts";
import { err, ok, type Result } from "./result.ts";

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

/** Path templates with the same number of segments and the same positions of literals. */
export interface IndexedShape {
  readonly segments: number;
  /** The positions of the literals. */
  readonly literals: readonly number[];
  /** The names of grants and denials, by the literals, joined by a slash, and by method. */
  readonly places: Readonly<Record<string, Readonly<Record<string, IndexedPlace>>>>;
}

/** The names of the grants and denials for a method at a place; sorted. */
export interface IndexedNames {
  readonly grants?: readonly string[];
  readonly denials?: readonly string[];
}

/** The grants and denials for a method at a place: those for all APIs, and by API those for named ones. */
export interface IndexedPlace extends IndexedNames {
  readonly apis?: Readonly<Record<string, IndexedNames>>;
}

/** All grants, denials and roles of a policy, arranged for look-up. */
export interface PolicyIndex {
  /** By number of segments. */
  readonly exact: readonly (readonly IndexedShape[])[];
  /** Templates that end in a greedy parameter. */
  readonly greedy: readonly IndexedShape[];
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

/**
 * Parses the policy index (`data.engine.index.compiled`).
 *
 * The engine makes the index in Rego, and the rest of the product reads it. An unknown key may restrict access, so code
 * that ignored it would allow too much: it is an error. There is no `formatPolicyIndex`, because only the engine makes an
 * index, and a revision is the digest of the text that OPA writes.
 */
export function parsePolicyIndex(value: unknown): Result<PolicyIndex, Mismatch> {
  const error = fromRoot(INDEX(value));
  return error === undefined ? ok(value as PolicyIndex) : err(error);
}

/** Parses the data document of the module: the index, and the base data if there is any. */
export function parsePolicyData(value: unknown): Result<PolicyData, Mismatch> {
  const error = fromRoot(DATA(value));
  if (error !== undefined) return err(error);
  const { engine, data } = value as { engine: { index: { compiled: PolicyIndex } }; data?: unknown };
  return ok({ index: engine.index.compiled, base: data });
}

/** Writes a place as from the root: `grants["orders.read"].until`. */
function fromRoot(mismatch: Mismatch | undefined): Mismatch | undefined {
  return mismatch && { ...mismatch, at: mismatch.at.replace(/^\./, "") };
}

/** Formats an error as a message that says what is wrong and what to do. */
export function formatPolicyIndexError({ code, at }: Mismatch): string {
  switch (code) {
    case "key_unknown":
      return (
        `the policy index has ${at}, which this version does not know; code that ignores a key may allow what the key ` +
        "forbids. Make and read the index with the same version. If you are adding the key, add it to " +
        "contract/policy-index.ts and handle it in each place that no longer compiles"
      );
    case "malformed":
      return `the policy index is malformed at ${at || "its root"}; make and read the index with the same version`;
    default:
      return code satisfies never;
  }
}

const COUNT = is((value) => Number.isSafeInteger(value) && Number(value) >= 0);

const GRANT: Checks<IndexedGrant> = {
  api: TEXTS,
  roles: TEXTS,
  verbs: TEXTS,
  path: TEXT,
  params: mapOf(COUNT),
  tail: mapOf(COUNT),
  where: mapOf(TEXT),
  when: TEXTS,
};

const DENIAL: Checks<IndexedDenial> = {
  api: TEXTS,
  roles: TEXTS,
  verbs: TEXTS,
  path: TEXT,
  params: mapOf(COUNT),
  tail: mapOf(COUNT),
  unless: TEXTS,
};

const HELD: Checks<HeldRoles> = {
  groups: mapOf(TEXTS),
  scopes: mapOf(TEXTS),
  kinds: mapOf(TEXTS),
  claims: mapOf(mapOf(TEXTS)),
};

const ROLES: Checks<IndexedRoles> = { ...HELD, issuers: mapOf(closed(HELD)) };

const NAMES: Checks<IndexedNames> = { grants: optional(TEXTS), denials: optional(TEXTS) };

const PLACE: Checks<IndexedPlace> = { ...NAMES, apis: optional(mapOf(closed(NAMES))) };

const SHAPE: Checks<IndexedShape> = {
  segments: COUNT,
  literals: listOf(COUNT),
  places: mapOf(mapOf(closed(PLACE))),
};

const INDEX = closed<PolicyIndex>({
  exact: listOf(listOf(closed(SHAPE))),
  greedy: listOf(closed(SHAPE)),
  grants: mapOf(closed(GRANT)),
  denials: mapOf(closed(DENIAL)),
  roles: closed(ROLES),
});

const DATA = closed({ engine: closed({ index: closed({ compiled: INDEX }) }), data: is(() => true) });

/** The keys of a grant, of a denial and of the roles in the index. */
export const INDEX_KEYS = {
  grant: Object.keys(GRANT),
  denial: Object.keys(DENIAL),
  roles: Object.keys(ROLES),
};
