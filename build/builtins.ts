/**
 * The built-in functions that policies may call. All of them run inside WebAssembly: one that does not would be a call
 * back into JavaScript, which the shipped evaluator does not have. `regex.match` and `glob.match` do, but add 200 kB.
 *
 * `capabilities.json` is made from this list; OPA refuses a call to anything else.
 */
export const ALLOWED_BUILTINS: readonly string[] = [
  "abs", "and", "array.concat", "array.slice", "assign", "ceil", "concat", "contains", "count", "div", "endswith", "eq",
  "equal", "floor", "format_int", "graph.reachable", "gt", "gte", "indexof", "internal.member_2", "internal.member_3",
  "is_array", "is_boolean", "is_null", "is_number", "is_object", "is_set", "is_string", "json.marshal", "json.unmarshal",
  "lower", "lt", "lte", "max", "min", "minus", "mul", "neq", "net.cidr_contains", "numbers.range", "object.get",
  "object.keys", "object.union", "or", "plus", "rem", "replace", "round", "sort", "split", "startswith", "substring",
  "sum", "to_number", "trim", "trim_left", "trim_prefix", "trim_right", "trim_space", "trim_suffix", "type_name", "upper",
];
