import { readFileSync } from "node:fs";
import fc from "fast-check";
import { CAPABILITIES_FILE, IN_CONDITIONS } from "../../build/policy/builtins.ts";
import { ENGINE_FUNCTIONS } from "../../build/policy/engine-functions.ts";

/**
 * Generates conditions and helpers from the tables of functions that conditions may call, so that a function that is added to
 * a table is called in every place and with operands of every kind. Most operands are such that the build takes them.
 */

interface Type {
  readonly type: string;
}

interface Declared {
  readonly name: string;
  readonly infix?: string;
  readonly decl: { readonly args: readonly Type[]; readonly result: Type };
}

/** A function that a generated text may call. */
export interface Callable {
  readonly name: string;
  readonly arity: number;
  /** True if a call may be a statement. */
  readonly isTest: boolean;
}

type Text = fc.Arbitrary<string>;

const { builtins } = JSON.parse(readFileSync(CAPABILITIES_FILE, "utf8")) as { readonly builtins: readonly Declared[] };
const CALLABLE = builtins.filter(({ name }) => IN_CONDITIONS.has(name) && name !== "assign");
const TESTS = CALLABLE.filter(({ decl }) => decl.result.type === "boolean");
const VALUES = CALLABLE.filter(({ decl }) => decl.result.type !== "boolean");
/** The functions of the engine that take any value. Those of `caller` take a name that is written out. */
const OF_ENGINE: readonly Callable[] = [...ENGINE_FUNCTIONS]
  .filter(([name]) => !name.startsWith("data.engine.caller."))
  .map(([name, { arity, isTest }]) => ({ name: name.replace("data.engine.", ""), arity, isTest }));

const TEXTS = fc.constantFrom('"x"', '"x"', '"y"', '"x/y"', '"0.0.0.0/0"', '"203.0.113.7"', '""');
const COLLECTIONS = fc.constantFrom(
  ...['["x"]', '["x", "y"]', '{"x", "y"}', '{"k": "x"}', '[["x", "y"]]', "[]", "{}", "set()", '[""]', '{"": "x"}'],
);
const LITERALS = fc.oneof(TEXTS, COLLECTIONS, fc.constantFrom("3", "0", "1", "true", "false", "null"));
const LISTS = fc.constantFrom('input.request.headers["x-y"]', "input.request.query.q");
const DATA = fc
  .constantFrom(
    ...[
      "names",
      "limits",
      "teams",
      "teams.red",
      "teams.blue",
      "odd",
      "odd.none",
      "odd.keys",
      "odd.lists",
      "pairs",
      "name",
    ],
  )
  .map((name) => `data.data.${name}`);
const TEXTS_OF_REQUEST = fc.constantFrom(
  ...["input.request.path", 'input.request.headers["x-y"][0]', "input.params.id"],
  'input.calendar["Europe/Berlin"].weekday',
);
const NUMBERS_OF_REQUEST = fc.constantFrom("input.now_s", 'input.calendar["Europe/Berlin"].hour');

function listOf(items: Text, [open, close]: string): Text {
  return fc
    .array(items, { minLength: 1, maxLength: 3 })
    .map((parts) => `${open}${[...new Set(parts)].join(", ")}${close}`);
}

function callOf(name: string, operands: readonly Text[]): Text {
  return fc.tuple(...operands).map((parts) => `${name}(${parts.join(", ")})`);
}

/** What terms and statements are about. */
interface Subject {
  /** Values that may be missing or mistyped: claims, variables, or the arguments of a helper. */
  readonly unsure: readonly string[];
  readonly helpers: readonly Callable[];
}

/** Generates terms of any kind, and tests that are true or undefined. */
function createTerms({ unsure, helpers }: Subject): { readonly term: Text; readonly test: Text } {
  const sent = fc.constantFrom(...unsure);
  const text = fc.oneof(
    { weight: 4, arbitrary: sent.map((one) => `values.text(${one})`) },
    { weight: 1, arbitrary: fc.oneof(TEXTS_OF_REQUEST, fc.constantFrom('"x"', '"/"', "data.data.name")) },
  );
  const number = fc.oneof(
    { weight: 4, arbitrary: sent.map((one) => `values.number(${one})`) },
    { weight: 1, arbitrary: fc.oneof(NUMBERS_OF_REQUEST, fc.constantFrom("3", "1")) },
  );
  const { term, test } = fc.letrec<{ term: string; test: string; call: string }>((tie) => {
    const any = tie("term");
    const ofCaller = fc.constantFrom("a", "b", "c").map((name) => `caller.values("${name}")`);
    const parts = fc.oneof(text, text, TEXTS, any);
    const subject = fc.oneof(TEXTS, TEXTS_OF_REQUEST);
    /** Operands that the build takes, by the rule; a rule that is not here gets any. */
    const byRule: Readonly<Record<string, Text>> = {
      compared: fc.oneof(sent, text, number, LITERALS, TEXTS, DATA, LISTS, tie("call"), tie("call")),
      sought: fc.oneof(sent, text, LITERALS, tie("call")),
      collection: fc.oneof(sent, ofCaller, COLLECTIONS, DATA, LISTS),
      hidden: fc.oneof(text, TEXTS),
      needle: text,
      typed: text,
      ordered: number,
      subtracted: number,
      position: number,
      divisor: fc.constant("2"),
      counted: fc.oneof(
        LISTS,
        DATA,
        text.map((one) => `split(${one}, "/")`),
      ),
      parts: listOf(parts, "[]"),
    };
    const operandsOf = ({ name, decl }: Declared): readonly Text[] =>
      decl.args.map(({ type }, at) => {
        const fit =
          byRule[IN_CONDITIONS.get(name)?.[at] ?? ""] ??
          (type === "number" ? fc.oneof(sent, number) : fc.oneof(sent, sent, subject));
        return fc.oneof({ weight: 10, arbitrary: fit }, { weight: 2, arbitrary: any }, { weight: 1, arbitrary: sent });
      });
    const write = (one: Declared): Text => {
      const { name, infix } = one;
      if (infix === undefined) return callOf(name, operandsOf(one));
      // `k, x in xs` has a key, too.
      return fc.tuple(...operandsOf(one)).map((all) => `${all.slice(0, -1).join(", ")} ${infix} ${all.at(-1)}`);
    };
    const toCall = ({ name, arity }: Callable) =>
      callOf(
        name,
        Array.from({ length: arity }, () => any),
      );
    const calls = [...OF_ENGINE, ...helpers].map(toCall);
    const tests = [...OF_ENGINE, ...helpers].filter(({ isTest }) => isTest).map(toCall);
    const values = VALUES.map((one) =>
      one.infix === undefined ? write(one) : write(one).map((parts) => `(${parts})`),
    );
    const key = fc.oneof(sent, text, fc.constantFrom("0", '"k"', "_", '""'));
    return {
      call: fc.oneof({ maxDepth: 4 }, sent, ...values, ...values),
      term: fc.oneof(
        { maxDepth: 4 },
        { weight: 12, arbitrary: sent },
        { weight: 9, arbitrary: fc.oneof(text, number, LITERALS, DATA, LISTS, ofCaller) },
        { weight: 4, arbitrary: fc.tuple(fc.oneof(sent, DATA, LISTS), key).map(([from, at]) => `${from}[${at}]`) },
        { weight: 3, arbitrary: fc.oneof(listOf(any, "[]"), listOf(any, "{}")) },
        { weight: 2, arbitrary: fc.tuple(fc.oneof(TEXTS, sent), any).map(([name, one]) => `{${name}: ${one}}`) },
        { weight: 20, arbitrary: fc.oneof(...values, ...calls) },
        { weight: 1, arbitrary: fc.oneof(...TESTS.map(write)).map((one) => `(${one})`) },
        { weight: 1, arbitrary: any.map((one) => `[one | some one in ${one}]`) },
      ),
      test: fc.oneof(
        ...TESTS.map(write),
        ...TESTS.filter(({ name }) => name === "equal").map(write),
        ...(tests.length === 0 ? [] : [fc.oneof(...tests), fc.oneof(...tests)]),
      ),
    };
  });
  return { term, test };
}

function usesVariable(text: string): boolean {
  return text.includes("VAR");
}

/** Statements that the build never takes, as positive controls. */
const REFUSED: readonly ((parts: readonly [string, string]) => string)[] = [
  ([, test]) => `not ${test}`,
  ([one, test]) => `every VAR in ${one} { ${test} }`,
  ([one]) => `${one} != "y"`,
  ([one]) => `${one} = input.principal.claims.a`,
];

/** Generates statements. Variables are written `VAR` and `KEY`, and are numbered by {@link toBody}. */
export function createStatements(subject: Subject): { readonly term: Text; readonly statement: Text } {
  const { term, test } = createTerms(subject);
  const ofVariable = createTerms({ ...subject, unsure: ["VAR", "VAR", "VAR", ...subject.unsure] }).test.filter(
    usesVariable,
  );
  const ofBoth = createTerms({ ...subject, unsure: ["VAR", "KEY", ...subject.unsure] }).test;
  const sent = fc.constantFrom(...subject.unsure);
  const pattern = fc.oneof(
    { weight: 16, arbitrary: fc.constant("VAR") },
    fc.constantFrom("_", "[VAR, _]", "[VAR, VAR]", '{"k": VAR}', '{"": VAR}', '["", VAR]', '[[""], VAR]', '["x", VAR]'),
    sent.map((one) => `[${one}, VAR]`),
  );
  const within = fc.oneof(sent, DATA);
  const from = fc.oneof({ weight: 2, arbitrary: sent }, { weight: 1, arbitrary: term }, DATA);
  const sure = fc.oneof(fc.constantFrom("input.principal.id", "input.request.path"), TEXTS_OF_REQUEST, TEXTS);
  const perhaps = fc.oneof(
    { weight: 3, arbitrary: sure },
    { weight: 1, arbitrary: sent },
    { weight: 1, arbitrary: term },
  );
  const negation = fc.oneof(
    fc.tuple(perhaps, perhaps).map(([one, other]) => `${one} != ${other}`),
    fc.tuple(perhaps, fc.oneof(DATA, from)).map(([one, list]) => `not ${one} in ${list}`),
    fc.tuple(perhaps, DATA).map(([one, list]) => `VAR := ${one}\n\tnot VAR in ${list}`),
    fc.tuple(perhaps, perhaps).map(([one, other]) => `VAR := ${one}\n\tVAR != ${other}`),
  );
  const statement = fc.oneof(
    { weight: 3, arbitrary: negation },
    { weight: 24, arbitrary: test },
    {
      weight: 6,
      arbitrary: fc.tuple(pattern, from, ofVariable).map(([one, all, then]) => `${one} := ${all}\n\t${then}`),
    },
    {
      weight: 8,
      arbitrary: fc.tuple(pattern, from, ofVariable).map(([one, all, then]) => `some ${one} in ${all}\n\t${then}`),
    },
    {
      weight: 4,
      arbitrary: fc
        .tuple(pattern, from, ofVariable, ofBoth)
        .map(([one, all, ...then]) => `some KEY, ${one} in ${all}\n\t${then.join("\n\t")}`),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(within, ofVariable).map(([all, then]) => `some KEY\n\tVAR := ${all}[KEY]\n\t${then}`),
    },
    { weight: 1, arbitrary: term },
    { weight: 1, arbitrary: fc.oneof(...REFUSED.map((write) => fc.tuple(term, test).map(write))) },
  );
  return { term, statement };
}

/** Joins statements to a body, with variables of their own for each. */
export function toBody(statements: readonly string[]): string {
  return statements.map((one, at) => one.replaceAll("VAR", `v${at}`).replaceAll("KEY", `k${at}`)).join("\n\t");
}
