/**
 * Tells whether a metric filter's pattern for JSON matches a line of a log. It is written from the documentation, and knows the part
 * of the syntax that the constructs use: comparisons of a field with a text or number, `NOT EXISTS`, `&&`, `||` and parentheses. An asterisk in a
 * text stands for any characters. A field that is missing matches nothing, neither with `=` nor with `!=`.
 *
 * @see CloudWatch Logs user guide, "Using filter patterns to match terms in JSON log events"
 * @throws For a pattern that is not of this syntax.
 */
export function matchesPattern(pattern: string, line: string): boolean {
  const inner = /^\{ (.*) \}$/s.exec(pattern)?.[1];
  if (inner === undefined) throw new Error(`not a pattern for JSON: ${pattern}`);
  const tokens = inner.match(TOKEN) ?? [];
  if (tokens.join("").replaceAll(" ", "") !== inner.replaceAll(" ", ""))
    throw new Error(`unknown syntax in ${pattern}`);
  const json = parse(line);
  const state = { tokens, at: 0, json };
  const result = readAny(state);
  if (state.at !== tokens.length) throw new Error(`unknown syntax in ${pattern} at ${tokens[state.at]}`);
  return json !== undefined && result;
}

/** Gives the number that a filter publishes for a line that matches. */
export function toMetricValue(value: string, line: string): number | undefined {
  if (!value.startsWith("$.")) return Number(value);
  const found = select(parse(line), value);
  return typeof found === "number" ? found : undefined;
}

const TOKEN = /NOT EXISTS|\(|\)|&&|\|\||>=|<=|!=|=|>|<|\$(?:\.[A-Za-z_]+)+|"[^"]*"|-?\d+(?:\.\d+)?/g;

interface State {
  readonly tokens: readonly string[];
  readonly json: unknown;
  at: number;
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function readAny(state: State): boolean {
  let result = readAll(state);
  while (state.tokens[state.at] === "||") {
    state.at += 1;
    const other = readAll(state);
    result = result || other;
  }
  return result;
}

function readAll(state: State): boolean {
  let result = readOne(state);
  while (state.tokens[state.at] === "&&") {
    state.at += 1;
    const other = readOne(state);
    result = result && other;
  }
  return result;
}

function readOne(state: State): boolean {
  if (state.tokens[state.at] === "(") {
    state.at += 1;
    const result = readAny(state);
    if (state.tokens[state.at] !== ")") throw new Error("a parenthesis is not closed");
    state.at += 1;
    return result;
  }
  if (state.tokens[state.at + 1] === "NOT EXISTS") {
    const [selector = ""] = state.tokens.slice(state.at, state.at + 1);
    state.at += 2;
    return select(state.json, selector) === undefined;
  }
  const [field = "", operator = "", operand = ""] = state.tokens.slice(state.at, state.at + 3);
  state.at += 3;
  return compare(select(state.json, field), operator, operand);
}

function select(json: unknown, selector: string): unknown {
  return selector
    .split(".")
    .slice(1)
    .reduce<unknown>((value, name) => Object.getOwnPropertyDescriptor(Object(value), name)?.value, json);
}

function compare(value: unknown, operator: string, operand: string): boolean {
  if (operand.startsWith('"')) {
    if (typeof value !== "string") return false;
    const parts = operand
      .slice(1, -1)
      .split("*")
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    const isEqual = new RegExp(`^${parts.join(".*")}$`, "s").test(value);
    if (operator === "=") return isEqual;
    if (operator === "!=") return !isEqual;
    throw new Error(`a text is compared by ${operator}`);
  }
  if (typeof value !== "number") return false;
  const number = Number(operand);
  switch (operator) {
    case "=":
      return value === number;
    case "!=":
      return value !== number;
    case ">":
      return value > number;
    case ">=":
      return value >= number;
    case "<":
      return value < number;
    case "<=":
      return value <= number;
    default:
      throw new Error(`unknown operator ${operator}`);
  }
}
