import { ADDRESS, type Kind, NUMBER, type Shape, TEXT, TEXT_SET, TEXTS } from "./shapes.ts";

/** The shapes of the results of functions. */
const RESULTS: Readonly<Record<string, Shape>> = {
  ...Object.fromEntries(["abs", "count", "div", "floor", "mul", "plus", "rem"].map((name) => [name, NUMBER])),
  ...Object.fromEntries(
    ["concat", "substring", "trim", "trim_left", "trim_prefix", "trim_right", "trim_space"].map((name) => [name, TEXT]),
  ),
  trim_suffix: TEXT,
  lower: {
    ...TEXT,
    form: { isPossible: (text) => !/[A-Z]/.test(text), description: "text in small letters" },
  },
  upper: {
    ...TEXT,
    form: { isPossible: (text) => !/[a-z]/.test(text), description: "text in capital letters" },
  },
  split: TEXTS,
  "data.engine.caller.values": TEXT_SET,
  "data.engine.values.address": ADDRESS,
  "data.engine.values.text": TEXT,
  "data.engine.values.number": NUMBER,
};

/** Gives the shape of a function's result; undefined if it is not known. */
export function resultOf(name: string): Shape | undefined {
  return Object.hasOwn(RESULTS, name) ? RESULTS[name] : undefined;
}

const STRING: readonly Kind[] = ["string"];
const NUMERIC: readonly Kind[] = ["number"];
const OF_STRINGS = [
  "contains",
  "endswith",
  "lower",
  "split",
  "startswith",
  "upper",
  "trim",
  "trim_left",
  "trim_prefix",
];

/** The types that each operand of a function may have. With any other type the function is undefined. */
const OPERANDS: Readonly<Record<string, readonly (readonly Kind[])[]>> = {
  ...Object.fromEntries(
    [...OF_STRINGS, "trim_right", "trim_space", "trim_suffix", "net.cidr_contains"].map((name) => [
      name,
      [STRING, STRING],
    ]),
  ),
  ...Object.fromEntries(["abs", "div", "floor", "mul", "plus", "rem"].map((name) => [name, [NUMERIC, NUMERIC]])),
  minus: [
    ["number", "set"],
    ["number", "set"],
  ],
  concat: [STRING, ["array", "set"]],
  substring: [STRING, NUMERIC, NUMERIC],
  count: [["string", "array", "object", "set"]],
  "data.engine.values.all_in": [["array"], ["array", "object", "set"]],
  "data.engine.values.number": [["string", "number"]],
  "data.engine.values.address": [STRING],
  "data.engine.values.text": [STRING],
  "data.engine.values.has_text": [STRING],
  "data.engine.values.within": [NUMERIC, ["string", "number"], NUMERIC],
};

const SYMBOLS: Readonly<Record<string, string>> = {
  div: "/",
  minus: "-",
  mul: "*",
  plus: "+",
  rem: "%",
};

/** Formats the name of a function or operator as a policy writes it. */
export function formatFunction(name: string): string {
  return SYMBOLS[name] ?? name.replace("data.engine.", "");
}

/** Lists the types that each operand of a function may have; undefined if they are not known. */
export function operandsOf(name: string): readonly (readonly Kind[])[] | undefined {
  return Object.hasOwn(OPERANDS, name) ? OPERANDS[name] : undefined;
}
