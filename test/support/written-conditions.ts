import fc from "fast-check";

/** Names that have no effect, and how a base datum is referred to. */
type Named = "variable" | "helper" | "parameter" | "role" | "datum";

/**
 * A part of a text: fixed, or one that can be written in several ways. A name may be any name, and the items of a list are in
 * any order. A choice is written as `now`; each of `others` means something else.
 */
export type Part =
  | string
  | { readonly kind: "name"; readonly of: Named; readonly name: string }
  | { readonly kind: "list"; readonly items: readonly Written[] }
  | { readonly kind: "choice"; readonly now: Written; readonly others: readonly Written[] };

export type Written = readonly Part[];

/** The definitions of a condition `it`, and of the helpers that it calls. */
export interface WrittenCondition {
  readonly condition: readonly Written[];
  readonly helpers: readonly Written[];
}

/** How a text is written. */
export interface Style {
  readonly nameOf: (of: Named, name: string) => string;
  readonly separate: (separator: ", " | "; ") => string;
  readonly arrange: <Item>(items: readonly Item[]) => readonly Item[];
}

/** Writes a text. */
export function write(text: Written, style: Style): string {
  const texts = text.map((part) => {
    if (typeof part === "string") return part === ", " || part === "; " ? style.separate(part) : part;
    if (part.kind === "name") return style.nameOf(part.of, part.name);
    if (part.kind === "choice") return write(part.now, style);
    return style.arrange(part.items.map((item) => write(item, style))).join(style.separate(", "));
  });
  return texts.join("");
}

/** Lists the conditions that differ from one in a single choice, or lack one definition. */
export function listOthers({ condition, helpers }: WrittenCondition): readonly WrittenCondition[] {
  const changed = (definitions: readonly Written[]) =>
    definitions.flatMap((text, at) => [
      ...listChanges(text).map((other) => definitions.with(at, other)),
      definitions.toSpliced(at, 1),
    ]);
  return [
    ...changed(condition).map((other) => ({ condition: other, helpers })),
    ...changed(helpers).map((other) => ({ condition, helpers: other })),
  ];
}

function listChanges(text: Written): readonly Written[] {
  return text.flatMap((part, at): readonly Written[] => {
    if (typeof part === "string" || part.kind === "name") return [];
    if (part.kind === "choice")
      return [...part.others, ...listChanges(part.now)].map((now) => text.toSpliced(at, 1, ...now));
    return part.items.flatMap((item, place) =>
      listChanges(item).map((other) => text.with(at, { ...part, items: part.items.with(place, other) })),
    );
  });
}

const name = (of: Named, text: string): Part => ({ kind: "name", of, name: text });
const variable = (text: string) => name("variable", text);
const helper = (text: string) => name("helper", text);
const choice = (now: Written, ...others: readonly Written[]): Part => ({ kind: "choice", now, others });

type Texts = fc.Arbitrary<Written>;

function join(...parts: readonly (Part | Texts)[]): Texts {
  const texts = parts.map((part) => (part instanceof fc.Arbitrary ? part : fc.constant<Written>([part])));
  return fc.tuple(...texts).map((all) => all.flat());
}

/** Chooses one of some texts, each of which means something else. */
function oneOf(...texts: readonly Written[]): Texts {
  return fc
    .shuffledSubarray([...texts], { minLength: 2, maxLength: 2 })
    .map(([now = [], other = []]) => [choice(now, other)]);
}

const oneOfTexts = (...texts: readonly string[]) => oneOf(...texts.map((text) => [text]));

const LITERALS = [
  '"x"',
  '"y"',
  '""',
  '" "',
  "5",
  '"5"',
  "6",
  "[-5]",
  "true",
  "null",
  '"$1"',
  '"a; b"',
  '"f1"',
  "`z`",
  "[]",
  "set()",
];
const literal = oneOfTexts(...LITERALS);
const parameter = oneOf(...["one", "two", "three"].map((text): Written => ["input.params.", name("parameter", text)]));
const field = oneOfTexts(
  ...["input.request.method", "input.request.path", "input.now_s", "input.principal.claims.sub"],
  ...['input.principal.claims["a b"]', "input.principal.claims.amr[0]", "input.principal.claims.amr[1]"],
);
const datum = oneOf(...["networks", "office", "dotted", "nested"].map((text): Written => [name("datum", text)]));
const value = fc.oneof(parameter, parameter, parameter, field, datum, literal);
const comparison = oneOfTexts(" == ", " != ", " < ", " <= ", " > ", " >= ", " = ");
const from = fc.oneof(oneOfTexts("input.principal.claims.amr", "input.principal.claims.aud"), datum);

/** Writes a set or an object. Its items are in any order; something in each tells it from the others. */
function collectionOf(item: Texts): Texts {
  return fc.tuple(item, item, item, fc.boolean()).map(([one, two, three, isObject]): Written => {
    const items = [one, two, three].map(
      (text, at): Written => (isObject ? [`"k${at}": `, ...text] : ["[", ...text, `, ${at}]`]),
    );
    return ["{", { kind: "list", items }, "}"];
  });
}

const difference: Texts = fc.tuple(value, value, value).map(([one, two, three]): Written => {
  return [choice([...one, " - ", ...two, " - ", ...three], [...one, " - (", ...two, " - ", ...three, ")"])];
});

const call: Texts = fc
  .tuple(value, value, oneOfTexts("startswith", "endswith", "contains"))
  .map(
    ([one, other, called]): Written => [
      ...called,
      "(",
      choice([...one, ", ", ...other], [...other, ", ", ...one, " "]),
      ")",
    ],
  );

const asked: Texts = fc.constant([
  'caller.has_role("',
  choice([name("role", "guest")], [name("role", "admin")], ["unknown"]),
  '")',
]);

const plain: Texts = fc
  .oneof(
    join(value, comparison, value),
    join(difference, comparison, literal),
    join(value, " in ", collectionOf(value)),
    join(collectionOf(value), comparison, value),
    fc.constant<Written>(["true"]),
    call,
    asked,
  )
  .chain((text) =>
    fc.constantFrom<Written[]>(text, [choice(["not ", ...text], text)], [choice(text, ["not ", ...text])]),
  );

/** Writes statements with variables of their own. */
function boundAt(at: number): Texts {
  const [one, other] = [variable(`one${at}`), variable(`other${at}`)];
  const either = fc.constant<Written>([choice([one], [other])]);
  const items = collectionOf(fc.oneof(fc.constantFrom<Written[]>([one], [other]), either, value));
  return fc.oneof(
    join("some ", one, " in ", from, "; ", one, comparison, value),
    join("some ", other, ", ", one, " in ", from, "; ", either, comparison, value),
    join("every ", one, " in ", from, " { ", one, comparison, value, " }"),
    join(one, " := ", value, "; ", other, " := ", value, "; ", either, comparison, literal),
    join("some ", other, ", ", one, " in ", from, "; ", items, comparison, value),
    join(
      "count([",
      either,
      " | some ",
      other,
      ", ",
      one,
      " in ",
      from,
      "; ",
      one,
      comparison,
      value,
      "])",
      comparison,
      "1",
    ),
    join("count({", one, " | some ", one, " in ", from, "; ", items, comparison, value, "})", comparison, "1"),
  );
}

/** Writes a definition. A number in it tells it from the other definitions of its name. */
function definition(head: Texts, at: number, ...statements: readonly Texts[]): Texts {
  const body = [...statements, plain, boundAt(1), boundAt(2)].flatMap((one) => ["; ", one] as const);
  return join(head, ` if { input.now_s > ${at}`, ...body, " }");
}

const ARGUMENTS: Written = [variable("first"), ", ", variable("second")];

const testHelper = (at: number) =>
  definition(
    fc.constant([helper("is_fit"), "(", ...ARGUMENTS, ")"]),
    at,
    join(variable("first"), comparison, value),
    join(variable("second"), comparison, value),
  );

const valueHelper = join(
  ...([
    helper("rank"),
    "(",
    variable("given"),
    ") := ",
    literal,
    " if { ",
    variable("given"),
    comparison,
    value,
  ] as const),
  ...([" } else := ", value, " if { ", variable("given"), comparison, value, " }"] as const),
);

const limits = [".max := ", ".min := "].map((text) => join(helper("limits"), text, value));
const names = join(helper("names"), " contains ", value);

/** Generates conditions with helpers, of which every one is called. */
export const writtenCondition: fc.Arbitrary<WrittenCondition> = fc.record({
  condition: fc.tuple(
    definition(
      fc.constant(["it"]),
      1,
      join(field, " in ", collectionOf(parameter)),
      join(helper("is_fit"), "(", value, ", ", value, ")"),
      join(helper("rank"), "(", value, ")", comparison, literal),
    ),
    definition(
      fc.constant(["it"]),
      2,
      join(helper("limits"), oneOfTexts(".max", ".min"), comparison, value),
      join(value, " in ", helper("names")),
    ),
  ),
  helpers: fc.tuple(testHelper(1), testHelper(2), valueHelper, ...limits, names),
});
