import { join } from "node:path";

/** Made from the lists below; OPA refuses a call to anything else. */
export const CAPABILITIES_FILE = join(import.meta.dirname, "capabilities.json");

/**
 * The built-in functions that conditions and their helpers may call.
 *
 * Each is undefined for a value that is not of its type, gives inside WebAssembly what it gives in OPA, and ends. Two
 * need care: `count` is not undefined for a string, so it takes only what is known to be a list; and of an IPv4 address in
 * the form of IPv6 `net.cidr_contains` says one thing here and another there, so there is none in the input.
 */
export const IN_CONDITIONS: ReadonlySet<string> = new Set([
  ...["assign", "equal", "lt", "lte", "gt", "gte", "internal.member_2", "internal.member_3"],
  ...["abs", "div", "floor", "minus", "mul", "plus", "rem"],
  ...["concat", "contains", "endswith", "lower", "split", "startswith", "substring", "upper"],
  ...["trim", "trim_left", "trim_prefix", "trim_right", "trim_space", "trim_suffix"],
  ...["count", "is_array", "is_boolean", "is_number", "is_object", "is_set", "is_string", "net.cidr_contains"],
]);

/**
 * The built-in functions that policies may call at all: those above, and what the engine needs besides.
 *
 * All run inside WebAssembly. One that does not would be a call back into JavaScript, which the shipped evaluator does
 * not have. `regex.match` and `glob.match` do, but add 200 kB to the module.
 */
export const ALLOWED_BUILTINS: ReadonlySet<string> = new Set([
  ...IN_CONDITIONS,
  ...["and", "or", "array.concat", "array.slice", "eq", "format_int", "graph.reachable", "indexof", "json.marshal"],
  ...["json.unmarshal", "max", "neq", "numbers.range", "object.get", "object.keys", "object.union", "replace", "sort"],
  ...["sum", "to_number"],
]);
