import { type Checks, closed, is, listOf, type Mismatch, mapOf, TEXT, TEXTS, tuple } from "./checks.ts";
import { parseJson } from "./json.ts";
import type { HeldRoles, IndexedDenial, IndexedGrant, IndexedRoles, PolicyIndex } from "./policy-index.ts";
import { err, ok, type Result } from "./result.ts";

/** Path templates with the same number of segments, the same positions of literals, and a greedy parameter or none. */
export interface PackedShape {
  /** The positions of the literals. */
  readonly literals: readonly number[];
  /** By method, `ANY` among them, and by the literals, joined by a slash: the JSON text of a {@link Place}. */
  readonly places: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** The rules for all APIs, or those for a named one. */
export interface PackedTable {
  readonly shapes: readonly PackedShape[];
  /** The positions of the shapes that match paths of so many segments. */
  readonly by_length: readonly (readonly number[])[];
  /** The positions of the shapes that match a path with more segments than any template. */
  readonly longer: readonly number[];
}

/** The parts that rules have in common besides their literals. */
export interface Form {
  /** The texts before, between and behind the literals of the path. */
  readonly around: readonly string[];
  readonly params: Readonly<Record<string, number>>;
  readonly tail: Readonly<Record<string, number>>;
  /** Empty for a denial. */
  readonly where: Readonly<Record<string, string>>;
}

/**
 * The index as it is packed, `data.engine.index.compiled`.
 *
 * A module reads all data when it starts, so a rule is a text there, which a decision parses when it looks the rule up.
 */
export interface PackedIndex {
  readonly all: PackedTable;
  /** By the API's name. */
  readonly apis: Readonly<Record<string, PackedTable>>;
  /** The methods to look up for the method of a request. */
  readonly methods: Readonly<Record<string, readonly string[]>>;
  readonly forms: readonly Form[];
  /** Roles, conditions, verbs and APIs; each list is sorted. */
  readonly lists: readonly (readonly string[])[];
  readonly roles: IndexedRoles;
}

/** The name of a rule, the position of its form, and the positions of its roles, conditions, verbs and APIs among the lists. */
export type Entry = readonly [
  name: string,
  form: number,
  roles: number,
  conditions: number,
  verbs: number,
  api: number,
];

/** The grants and the denials at a place, each in the order of their names. */
export type Place = readonly [grants: readonly Entry[], denials: readonly Entry[]];

const COUNT = is((value) => Number.isSafeInteger(value) && Number(value) >= 0);

const FORM: Checks<Form> = { around: TEXTS, params: mapOf(COUNT), tail: mapOf(COUNT), where: mapOf(TEXT) };

const SHAPE: Checks<PackedShape> = { literals: listOf(COUNT), places: mapOf(mapOf(TEXT)) };

const TABLE = closed<PackedTable>({
  shapes: listOf(closed(SHAPE)),
  by_length: listOf(listOf(COUNT)),
  longer: listOf(COUNT),
});

const HELD: Checks<HeldRoles> = {
  groups: mapOf(TEXTS),
  scopes: mapOf(TEXTS),
  kinds: mapOf(TEXTS),
  claims: mapOf(mapOf(TEXTS)),
};

const ROLES: Checks<IndexedRoles> = { ...HELD, issuers: mapOf(closed(HELD)) };

const INDEX = closed<PackedIndex>({
  all: TABLE,
  apis: mapOf(TABLE),
  methods: mapOf(TEXTS),
  forms: listOf(closed(FORM)),
  lists: listOf(TEXTS),
  roles: closed(ROLES),
});

const ENTRY = tuple<Entry>([TEXT, COUNT, COUNT, COUNT, COUNT, COUNT]);

const PLACE = tuple<Place>([listOf(ENTRY), listOf(ENTRY)]);

/** Parses the packed index, and unpacks it. */
export function unpackIndex(value: unknown): Result<PolicyIndex, Mismatch> {
  const mismatch = INDEX(value);
  if (mismatch !== undefined) return err(mismatch);
  const packed = value as PackedIndex;
  const grants = new Map<string, IndexedGrant>();
  const denials = new Map<string, IndexedDenial>();
  for (const { at, literals, text, ...place } of listPlaces(packed)) {
    const [ofGrants, ofDenials] = parsePlace(text) ?? [];
    if (ofGrants === undefined || ofDenials === undefined) return err({ code: "malformed", at });
    for (const entry of ofGrants) {
      const rule = unpackRule(packed, entry, literals);
      if (rule === undefined || !isFor(rule, place)) return err({ code: "malformed", at });
      const { conditions, ...others } = rule;
      grants.set(entry[0], { ...others, when: conditions });
    }
    for (const entry of ofDenials) {
      const rule = unpackRule(packed, entry, literals);
      if (rule === undefined || !isFor(rule, place)) return err({ code: "malformed", at });
      const { conditions, where: _where, ...others } = rule;
      denials.set(entry[0], { ...others, unless: conditions });
    }
  }
  return ok({ grants: inOrder(grants), denials: inOrder(denials), roles: packed.roles });
}

function inOrder<Rule>(rules: ReadonlyMap<string, Rule>): Readonly<Record<string, Rule>> {
  return Object.fromEntries([...rules].sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** Lists the places of an index, each with where it is. */
function listPlaces({ all, apis }: PackedIndex) {
  const ofAll = { at: ".all", api: undefined, table: all };
  const named = Object.entries(apis).map(([api, table]) => ({ at: `.apis[${JSON.stringify(api)}]`, api, table }));
  return [ofAll, ...named].flatMap(({ at, api, table: { shapes } }) =>
    shapes.flatMap(({ places }) =>
      Object.entries(places).flatMap(([method, byLiterals]) =>
        Object.entries(byLiterals).map(([literals, text]) => {
          const where = `${at}.places[${JSON.stringify(method)}][${JSON.stringify(literals)}]`;
          return { at: where, api, method, literals, text };
        }),
      ),
    ),
  );
}

function parsePlace(text: string): Place | undefined {
  const value = parseJson(text);
  return PLACE(value) === undefined ? (value as Place) : undefined;
}

/** Unpacks a rule; undefined if it points to a form or list that is not there, or to a form for other literals. */
function unpackRule({ forms, lists }: PackedIndex, [, form, ...positions]: Entry, literals: string) {
  const { around, params, tail, where } = forms[form] ?? {};
  const [roles, conditions, verbs, api] = positions.map((position) => lists[position]);
  if (around === undefined || params === undefined || tail === undefined || where === undefined) return undefined;
  if (roles === undefined || conditions === undefined || verbs === undefined || api === undefined) return undefined;
  const texts = around.length === 1 ? [] : literals.split("/");
  if (texts.length + 1 !== around.length) return undefined;
  const path = around.map((before, at) => `${before}${texts[at] ?? ""}`).join("");
  return { api, roles, verbs, path, params, tail, where, conditions };
}

/** Tells whether a rule belongs to a place. */
function isFor(
  { verbs, api: apis }: { readonly verbs: readonly string[]; readonly api: readonly string[] },
  place: { readonly api: string | undefined; readonly method: string },
): boolean {
  const isOfApi = place.api === undefined ? apis.length === 0 : apis.includes(place.api);
  return isOfApi && verbs.includes(place.method);
}
