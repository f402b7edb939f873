import { join } from "node:path";
import type { OperandRule } from "./operand-rules.ts";

/** OPA's capabilities, generated from the lists below. OPA refuses a call of any other function. */
export const CAPABILITIES_FILE = join(import.meta.dirname, "capabilities.json");

const COMPARED = ["compared", "compared"] as const;
const ORDERED = ["ordered", "ordered"] as const;
const NUMBERS = ["shown", "shown"] as const;
const SEARCHED = ["shown", "needle"] as const;
const CUT = ["shown", "hidden"] as const;

/** Each operand of a built-in function has a rule, which says what an empty or mistyped value would do there. */
const OPERAND_RULES = {
  assign: ["pattern", "shown"],
  equal: COMPARED,
  lt: ORDERED,
  lte: ORDERED,
  gt: ORDERED,
  gte: ORDERED,
  "internal.member_2": ["sought", "collection"],
  "internal.member_3": ["sought", "sought", "collection"],
  abs: ["shown"],
  div: ["shown", "divisor"],
  floor: ["shown"],
  minus: ["subtracted", "subtracted"],
  mul: NUMBERS,
  plus: NUMBERS,
  rem: ["shown", "divisor"],
  concat: ["hidden", "parts"],
  contains: SEARCHED,
  endswith: SEARCHED,
  lower: ["shown"],
  split: CUT,
  startswith: SEARCHED,
  substring: ["shown", "position", "position"],
  upper: ["shown"],
  trim: CUT,
  trim_left: CUT,
  trim_prefix: CUT,
  trim_right: CUT,
  trim_space: ["shown"],
  trim_suffix: CUT,
  count: ["counted"],
  // A number and a boolean are never empty, so these two are false for an empty value.
  is_number: ["shown"],
  is_boolean: ["shown"],
  is_array: ["typed"],
  is_object: ["typed"],
  is_set: ["typed"],
  is_string: ["typed"],
  "net.cidr_contains": ["shown", "shown"],
} satisfies Readonly<Record<string, readonly OperandRule[]>>;

/**
 * The built-in functions that conditions and their helpers may call, with a rule for each operand.
 *
 * Each function is undefined for a value of another type, gives the same result in WebAssembly as in OPA, and ends. For an
 * IPv4-mapped IPv6 address, `net.cidr_contains` differs between WebAssembly and OPA, so the input never has such an address.
 */
export const IN_CONDITIONS: ReadonlyMap<string, readonly OperandRule[]> = new Map(Object.entries(OPERAND_RULES));

/**
 * The built-in functions that any policy code may call: those above, and those that only the engine needs.
 *
 * All run inside WebAssembly. Any other function would call back into JavaScript, which the shipped evaluator does not
 * support. `regex.match` and `glob.match` run inside WebAssembly, too, but they add 200 kB to the module.
 */
export const ALLOWED_BUILTINS: ReadonlySet<string> = new Set([
  ...IN_CONDITIONS.keys(),
  ...["and", "or", "array.concat", "array.slice", "eq", "format_int", "graph.reachable", "indexof", "json.marshal"],
  ...["json.unmarshal", "max", "neq", "numbers.range", "object.get", "object.keys", "object.union", "object.union_n"],
  ...["replace", "sort", "sum", "to_number"],
]);
