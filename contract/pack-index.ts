import type { Entry, Form, PackedIndex, PackedShape, PackedTable, Place } from "./packed-index.ts";
import { parseTemplate } from "./path-template.ts";
import type { IndexedDenial, IndexedGrant, PolicyIndex } from "./policy-index.ts";
import { HTTP_METHODS } from "./route.ts";

/** The places of a shape, by method and literals, while rules are added. */
interface Shape extends Pick<PackedShape, "literals"> {
  readonly segments: number;
  readonly isGreedy: boolean;
  readonly places: Map<string, Map<string, readonly [grants: Entry[], denials: Entry[]]>>;
}

/** The shapes of a table, by their kinds of segments. */
type Shapes = Map<string, Shape>;

/** Packs an index, as `policies/engine/index.rego` does. The order of forms, lists and shapes may differ. */
export function packIndex({ grants, denials, roles }: PolicyIndex): PackedIndex {
  const forms = createNumbering<Form>();
  const lists = createNumbering<readonly string[]>();
  const all: Shapes = new Map();
  const apis = new Map<string, Shapes>();
  const verbs = new Set<string>();
  const add = (kind: 0 | 1, name: string, rule: IndexedGrant | IndexedDenial) => {
    const { path, params, tail } = rule;
    const [where, conditions] = "when" in rule ? [rule.where, rule.when] : [{}, rule.unless];
    const positions = [rule.roles, conditions, rule.verbs, rule.api].map(lists.add);
    const [ofRoles = 0, ofConditions = 0, ofVerbs = 0, ofApis = 0] = positions;
    const form = forms.add({ around: toAround(path), params, tail, where });
    const entry: Entry = [name, form, ofRoles, ofConditions, ofVerbs, ofApis];
    const tables = rule.api.length === 0 ? [all] : rule.api.map((api) => upsert(apis, api, () => new Map()));
    for (const verb of rule.verbs) {
      verbs.add(verb);
      for (const table of tables) placeIn(table, path, verb)[kind].push(entry);
    }
  };
  for (const [name, grant] of inOrder(grants)) add(0, name, grant);
  for (const [name, denial] of inOrder(denials)) add(1, name, denial);
  const wanted = (method: string) => ["ANY", method].filter((verb) => verbs.has(verb));
  const others = [...verbs].filter((verb) => verb !== "ANY" && !HTTP_METHODS.includes(verb));
  return {
    all: toTable(all),
    apis: Object.fromEntries([...apis].map(([api, shapes]) => [api, toTable(shapes)])),
    methods: Object.fromEntries([
      ...HTTP_METHODS.map((method) => [method, wanted(method)] as const),
      ...others.map((method) => [method, [method]] as const),
    ]),
    forms: forms.items,
    lists: lists.items,
    roles,
  };
}

function inOrder<Rule>(rules: Readonly<Record<string, Rule>>): readonly (readonly [string, Rule])[] {
  return Object.entries(rules).sort(([one], [other]) => (one < other ? -1 : 1));
}

/** Creates a list without duplicates, whose items are known by their positions. */
function createNumbering<Item>() {
  const items: Item[] = [];
  const positions = new Map<string, number>();
  const add = (item: Item) => upsert(positions, JSON.stringify(item), () => items.push(item) - 1);
  return { items, add };
}

function placeIn(shapes: Shapes, path: string, verb: string): readonly [grants: Entry[], denials: Entry[]] {
  const template = parseTemplate(path);
  const kinds = template.map((segment) => (segment.kind === "literal" ? "l" : segment.isGreedy ? "r" : "p")).join("");
  const shape = upsert(shapes, kinds, (): Shape => {
    const literals = template.flatMap(({ kind }, at) => (kind === "literal" ? [at] : []));
    return { segments: template.length, literals, isGreedy: kinds.endsWith("r"), places: new Map() };
  });
  const literals = template.flatMap((segment) => (segment.kind === "literal" ? [segment.text] : [])).join("/");
  return upsert(
    upsert(shape.places, verb, () => new Map()),
    literals,
    () => [[], []],
  );
}

/** Splits a path at its literals. */
function toAround(path: string): readonly string[] {
  const around = [""];
  for (const segment of parseTemplate(path)) {
    const last = around.length - 1;
    if (segment.kind === "literal") around.splice(last, 1, `${around[last]}/`, "");
    else around[last] += `/{${segment.name}${segment.isGreedy ? "+" : ""}}`;
  }
  return path === "/" ? ["/"] : around;
}

function toTable(byKinds: Shapes): PackedTable {
  const shapes = [...byKinds.values()];
  const longest = Math.max(0, ...shapes.map(({ segments }) => segments));
  const those = (isAdmitted: (shape: Shape) => boolean) =>
    shapes.flatMap((shape, at) => (isAdmitted(shape) ? [at] : []));
  return {
    shapes: shapes.map(toPacked),
    by_length: Array.from({ length: longest + 1 }, (_, length) =>
      those(({ segments, isGreedy }) => (isGreedy ? segments <= length : segments === length)),
    ),
    longer: those(({ isGreedy }) => isGreedy),
  };
}

function toPacked({ literals, places }: Shape): PackedShape {
  const packed = [...places].map(([method, byLiterals]) => {
    return [method, Object.fromEntries([...byLiterals].map(([key, place]) => [key, toText(place)]))] as const;
  });
  return { literals, places: Object.fromEntries(packed) };
}

function toText(place: Place): string {
  return JSON.stringify(place);
}

function upsert<Key, Value>(map: Map<Key, Value>, key: Key, create: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const created = create();
  map.set(key, created);
  return created;
}
