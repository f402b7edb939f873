import { join } from "node:path";

/** OPA's capabilities, generated from the lists below. OPA refuses a call of any other function. */
export const CAPABILITIES_FILE = join(import.meta.dirname, "capabilities.json");

/**
 * The built-in functions that conditions and their helpers may call.
 *
 * Each function is undefined for a value of another type, gives the same result in WebAssembly as in OPA, and ends. Two need
 * care. `count` is defined for strings, too, so it may only be called with a term that is known to be a list. For an
 * IPv4-mapped IPv6 address, `net.cidr_contains` differs between WebAssembly and OPA, so the input never has such an address.
 */
export const IN_CONDITIONS: ReadonlySet<string> = new Set([
  ...["assign", "equal", "lt", "lte", "gt", "gte", "internal.member_2", "internal.member_3"],
  ...["abs", "div", "floor", "minus", "mul", "plus", "rem"],
  ...["concat", "contains", "endswith", "lower", "split", "startswith", "substring", "upper"],
  ...["trim", "trim_left", "trim_prefix", "trim_right", "trim_space", "trim_suffix"],
  ...["count", "is_array", "is_boolean", "is_number", "is_object", "is_set", "is_string", "net.cidr_contains"],
]);

/**
 * The built-in functions that any policy code may call: those above, and those that only the engine needs.
 *
 * All run inside WebAssembly. Any other function would call back into JavaScript, which the shipped evaluator does not
 * support. `regex.match` and `glob.match` run inside WebAssembly, too, but they add 200 kB to the module.
 */
export const ALLOWED_BUILTINS: ReadonlySet<string> = new Set([
  ...IN_CONDITIONS,
  ...["and", "or", "array.concat", "array.slice", "eq", "format_int", "graph.reachable", "indexof", "json.marshal"],
  ...["json.unmarshal", "max", "neq", "numbers.range", "object.get", "object.keys", "object.union", "replace", "sort"],
  ...["sum", "to_number"],
]);
