import { isObject, isText, isTexts } from "./json.ts";
import { err, ok, type Result } from "./result.ts";

/** A grant as the engine looks it up. Every key is always there; all lists are sorted. */
export interface IndexedGrant {
  /** At least one; the principal holds one of them. */
  readonly roles: readonly string[];
  /** At least one; `ANY` and `CONNECT` among them. */
  readonly verbs: readonly string[];
  /** A path template. */
  readonly path: string;
  /** Where in the path its parameters of one segment are: 0 is the first segment. */
  readonly params: Readonly<Record<string, number>>;
  /** Where in the path its greedy parameter starts, if it has one. */
  readonly tail: Readonly<Record<string, number>>;
  /** By parameter, the claim that it must equal. */
  readonly where: Readonly<Record<string, string>>;
  /** The conditions that must all be true. */
  readonly when: readonly string[];
}

/** A denial as the engine looks it up. Every key is always there; all lists are sorted. */
export interface IndexedDenial {
  /** Whom it concerns; without any, everybody. */
  readonly roles: readonly string[];
  readonly verbs: readonly string[];
  readonly path: string;
  readonly params: Readonly<Record<string, number>>;
  readonly tail: Readonly<Record<string, number>>;
  /** The conditions that lift it when all are true; without any, nothing does. */
  readonly unless: readonly string[];
}

/** The roles that a principal comes by, those included among them. */
export interface IndexedRoles {
  /** By Cognito group. */
  readonly groups: Readonly<Record<string, readonly string[]>>;
  /** By OAuth scope. */
  readonly scopes: Readonly<Record<string, readonly string[]>>;
  /** By claim, and by its value. */
  readonly claims: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

/** Path templates with the same number of segments and the same positions of literals. */
export interface IndexedShape {
  readonly segments: number;
  /** The positions of the literals. */
  readonly literals: readonly number[];
  /** By the literals, joined by a slash, and by method: the names of grants and denials. */
  readonly places: Readonly<Record<string, Readonly<Record<string, IndexedPlace>>>>;
}

/** The names of the grants and denials for a method at a place; sorted. */
export interface IndexedPlace {
  readonly grants?: readonly string[];
  readonly denials?: readonly string[];
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
 * Says what a consumer makes of each key of a grant, a denial or the roles.
 *
 * A new key does not compile until every such table has an entry for it: a consumer that ignores a key which closes
 * something would open it.
 */
export type ForEachKey<Table, Answer> = Readonly<Record<keyof Table, (table: Table) => Answer>>;

/** Lists what a consumer makes of a grant, a denial or the roles: an answer for each key. */
export function answersOf<Table, Answer>(answers: ForEachKey<Table, Answer>, table: Table): readonly Answer[] {
  return Object.values<(table: Table) => Answer>(answers).map((answer) => answer(table));
}

/**
 * Is the type of the rest of an object whose keys have all been taken out by name. Where `others satisfies NoOtherKeys`
 * does not compile, there is a new key: take it out by name too, and say what becomes of it.
 */
export type NoOtherKeys = Readonly<Record<string, never>>;

/** Why a document is no policy index, and where in it: `grants["orders.read"].until`. */
export interface PolicyIndexError {
  readonly code: "key_unknown" | "malformed";
  readonly at: string;
}

/** The data document of the module; `dist/authorizer/data.json`. */
export interface PolicyData {
  readonly index: PolicyIndex;
  /** The company's base data, if there is any. */
  readonly base: unknown;
}

/**
 * Parses the policy index (`data.engine.index.compiled`).
 *
 * The engine makes it, in Rego, and the rest of the product reads it: a key that this version does not know could close
 * something, so that whoever ignores it would open that. There is no `formatPolicyIndex`, since nothing but the engine
 * makes an index, and a revision is the digest of the text that OPA writes.
 */
export function parsePolicyIndex(value: unknown): Result<PolicyIndex, PolicyIndexError> {
  const error = INDEX(value, "");
  return error === undefined ? ok(value as PolicyIndex) : err(error);
}

/** Parses the data document of the module: the index, and the base data if there is any. */
export function parsePolicyData(value: unknown): Result<PolicyData, PolicyIndexError> {
  const error = DATA(value, "");
  if (error !== undefined) return err(error);
  const { engine, data } = value as { engine: { index: { compiled: PolicyIndex } }; data?: unknown };
  return ok({ index: engine.index.compiled, base: data });
}

/** Says why an index can't be used, and what to do. */
export function formatPolicyIndexError({ code, at }: PolicyIndexError): string {
  switch (code) {
    case "key_unknown":
      return (
        `the policy index has ${at}, which this version does not know; what ignores a key may allow what the key ` +
        "forbids. Make the index and read it with the same version; if the key is new, add it to " +
        "contract/policy-index.ts and say in each place that does not compile then what becomes of it"
      );
    case "malformed":
      return `the policy index is malformed at ${at || "its root"}; make the index and read it with the same version`;
    default:
      return code satisfies never;
  }
}

/** Finds what is wrong with a part of a document. A key that is missing is undefined. */
type Check = (value: unknown, at: string) => PolicyIndexError | undefined;

/** A check for each key of a table, so that the parser knows the keys that the type has, and no others. */
type Checks<Table> = Readonly<Record<keyof Table, Check>>;

const TEXT = is(isText);
const TEXTS = is(isTexts);
const COUNT = is(isCount);

const GRANT: Checks<IndexedGrant> = {
  roles: TEXTS,
  verbs: TEXTS,
  path: TEXT,
  params: mapOf(COUNT),
  tail: mapOf(COUNT),
  where: mapOf(TEXT),
  when: TEXTS,
};

const DENIAL: Checks<IndexedDenial> = {
  roles: TEXTS,
  verbs: TEXTS,
  path: TEXT,
  params: mapOf(COUNT),
  tail: mapOf(COUNT),
  unless: TEXTS,
};

const ROLES: Checks<IndexedRoles> = { groups: mapOf(TEXTS), scopes: mapOf(TEXTS), claims: mapOf(mapOf(TEXTS)) };

const PLACE: Checks<IndexedPlace> = { grants: perhaps(TEXTS), denials: perhaps(TEXTS) };

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

const DATA = closed({ engine: closed({ index: closed({ compiled: INDEX }) }), data: () => undefined });

/** The keys that the index has of each kind of rule, and of all roles together. */
export const INDEX_KEYS = {
  grant: Object.keys(GRANT),
  denial: Object.keys(DENIAL),
  roles: Object.keys(ROLES),
};

function is(isFine: (value: unknown) => boolean): Check {
  return (value, at) => (isFine(value) ? undefined : { code: "malformed", at });
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function perhaps(check: Check): Check {
  return (value, at) => (value === undefined ? undefined : check(value, at));
}

function listOf(check: Check): Check {
  return (value, at) =>
    Array.isArray(value) ? firstOf(value, (item, place) => check(item, `${at}[${place}]`)) : { code: "malformed", at };
}

function mapOf(check: Check): Check {
  return (value, at) =>
    isObject(value)
      ? firstOf(Object.entries(value), ([key, item]) => check(item, `${at}[${JSON.stringify(key)}]`))
      : { code: "malformed", at };
}

/** Takes an object with these keys and no others. */
function closed<Table>(checks: Checks<Table>): Check {
  const known = Object.entries<Check>(checks);
  const names = new Set(Object.keys(checks));
  return (value, at) => {
    if (!isObject(value)) return { code: "malformed", at };
    const within = (key: string) => (at === "" ? key : `${at}.${key}`);
    const unknown = Object.keys(value).find((key) => !names.has(key));
    if (unknown !== undefined) return { code: "key_unknown", at: within(unknown) };
    return firstOf(known, ([key, check]) => check(value[key], within(key)));
  };
}

function firstOf<Item, Found>(
  items: readonly Item[],
  find: (item: Item, place: number) => Found | undefined,
): Found | undefined {
  for (const [place, item] of items.entries()) {
    const found = find(item, place);
    if (found !== undefined) return found;
  }
  return undefined;
}
