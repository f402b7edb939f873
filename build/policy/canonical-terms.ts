import { isText } from "../../contract/json.ts";
import { type Expr, nameOf, type Term } from "../rego/syntax-tree.ts";

/** Names as the canonical text has them. */
export interface CanonicalNames {
  /** Formats a variable of the rule; undefined if the rule does not bind it. */
  readonly variable: (name: string) => string | undefined;
  /** Formats a reference that starts with a name of the file or of the policy, and the parts behind it that belong to it. */
  readonly global: (name: string, path: readonly Term[]) => { readonly text: string; readonly taken: number };
  /** Formats a call of a function, other than an operator, if it has a form of its own. */
  readonly call: (operator: Term, operands: readonly Term[]) => string | undefined;
  /** The same names without numbers or letters, whose text does not follow from the order in which they are formatted. */
  readonly unnumbered: () => CanonicalNames;
  /** Formats statements of a comprehension or of `every`, and terms beside them, in a scope of their own. */
  readonly inside: (body: readonly Expr[], bound: readonly Term[], format: (names: CanonicalNames) => string) => string;
}

/** Operators: how they are written, and how strongly they bind. */
const OPERATORS: Readonly<Record<string, readonly [sign: string, strength: number]>> = {
  assign: [":=", 1],
  eq: ["=", 1],
  equal: ["==", 2],
  neq: ["!=", 2],
  lt: ["<", 2],
  lte: ["<=", 2],
  gt: [">", 2],
  gte: [">=", 2],
  or: ["|", 3],
  and: ["&", 4],
  plus: ["+", 5],
  minus: ["-", 5],
  mul: ["*", 6],
  div: ["/", 6],
  rem: ["%", 6],
};

/** An item of a collection binds as strongly as an operand of `|`, which would otherwise look like a comprehension. */
const ITEM = 4;

/** Formats the statements of a body. */
export function formatBody(body: readonly Expr[], names: CanonicalNames): string {
  return body.map((expr) => formatStatement(expr, names)).join("; ");
}

function formatStatement({ negated, terms, with: replacements = [] }: Expr, names: CanonicalNames): string {
  const replaced = replacements.map(({ target, value }) => {
    return ` with ${formatTerm(target, names)} as ${formatTerm(value, names)}`;
  });
  return `${negated === true ? "not " : ""}${formatTerms(terms, names)}${replaced.join("")}`;
}

function formatTerms(terms: Expr["terms"], names: CanonicalNames): string {
  if (isCall(terms)) return formatCall(terms, names, 0);
  if ("symbols" in terms) return `some ${terms.symbols.map((symbol) => formatTerm(symbol, names)).join(", ")}`;
  if (!("domain" in terms)) return formatTerm(terms, names);
  const { domain, body, ...bound } = terms;
  const variables = [termAt(bound, "key"), termAt(bound, "value")].filter((term) => term !== undefined);
  const over = formatTerm(domain, names);
  return names.inside(body, variables, (inner) => {
    const items = variables.map((term) => formatTerm(term, inner)).join(", ");
    return `every ${items} in ${over} { ${formatBody(body, inner)} }`;
  });
}

/**
 * Formats a term.
 *
 * @param strength - How strongly the operator around it binds; 0: there is none.
 */
export function formatTerm(term: Term, names: CanonicalNames, strength = 0): string {
  switch (term.type) {
    case "null":
    case "boolean":
    case "number":
    case "string":
      return JSON.stringify(term.value);
    case "var":
      return formatReference([term], names);
    case "ref":
      return formatReference(term.value, names);
    case "call":
      return formatCall(term.value, names, strength);
    case "array":
      return `[${term.value.map((item) => formatTerm(item, names, ITEM)).join(", ")}]`;
    case "set":
      return term.value.length === 0
        ? "set()"
        : `{${formatItems(term.value, names, (item, own) => formatTerm(item, own, ITEM))}}`;
    case "object":
      return `{${formatItems(term.value, names, ([key, value], own) => `${formatTerm(key, own, ITEM)}: ${formatTerm(value, own, ITEM)}`)}}`;
    case "arraycomprehension":
    case "setcomprehension":
    case "objectcomprehension":
      return formatComprehension(term, names);
    default:
      // A kind of term that this version of the build does not know is compared as the tree has it.
      return JSON.stringify(term, (key, value) => (key === "location" ? undefined : value));
  }
}

function formatComprehension(
  term: Term & { readonly value: { readonly body: readonly Expr[] } },
  names: CanonicalNames,
): string {
  const { value } = term;
  return names.inside(value.body, [], (inner) => {
    const made = ["key", "value", "term"].flatMap((name) => termAt(value, name) ?? []);
    // The statements come first, since they bind the variables.
    const body = formatBody(value.body, inner);
    const head = made.map((one) => formatTerm(one, inner, ITEM)).join(": ");
    return term.type === "arraycomprehension" ? `[${head} | ${body}]` : `{${head} | ${body}}`;
  });
}

function formatCall([operator, ...operands]: readonly Term[], names: CanonicalNames, strength: number): string {
  if (operator === undefined) return "";
  const name = nameOf(operator) ?? "";
  const [left, right, collection] = operands;
  const own = Object.hasOwn(OPERATORS, name) ? OPERATORS[name] : undefined;
  if (own !== undefined && left !== undefined && right !== undefined && operands.length === 2) {
    const [sign, binds] = own;
    const text = `${formatTerm(left, names, binds)} ${sign} ${formatTerm(right, names, binds + 1)}`;
    return binds < strength ? `(${text})` : text;
  }
  if (name === "internal.member_2" && left !== undefined && right !== undefined) {
    const text = `${formatTerm(left, names, ITEM)} in ${formatTerm(right, names, ITEM)}`;
    return strength > 0 ? `(${text})` : text;
  }
  if (name === "internal.member_3" && left !== undefined && right !== undefined && collection !== undefined) {
    const text = `${formatTerm(left, names, ITEM)}, ${formatTerm(right, names, ITEM)} in ${formatTerm(collection, names, ITEM)}`;
    return strength > 0 ? `(${text})` : text;
  }
  const special = names.call(operator, operands);
  if (special !== undefined) return special;
  return `${formatTerm(operator, names)}(${operands.map((operand) => formatTerm(operand, names)).join(", ")})`;
}

function formatReference([first, ...path]: readonly Term[], names: CanonicalNames): string {
  if (first === undefined) return "";
  if (first.type !== "var") return `${formatTerm(first, names, ITEM)}${formatPath(path, names)}`;
  const variable = names.variable(first.value);
  if (variable !== undefined) return `${variable}${formatPath(path, names)}`;
  const { text, taken } = names.global(first.value, path);
  return `${text}${formatPath(path.slice(taken), names)}`;
}

/** Formats the parts of a reference behind the first: `.claims["custom:tenant"][0]`. */
export function formatPath(path: readonly Term[], names: CanonicalNames): string {
  return path.map((part) => (isName(part) ? `.${part.value}` : `[${formatTerm(part, names)}]`)).join("");
}

function isName(term: Term): boolean {
  return term.type === "string" && /^[A-Za-z_]\w*$/.test(term.value);
}

/**
 * Formats the items of a set or object. Their order has no meaning, and so they are sorted: first without numbers, since numbers
 * follow from the order in which names are formatted, and then as they are written.
 */
function formatItems<Item>(
  items: readonly Item[],
  names: CanonicalNames,
  format: (item: Item, names: CanonicalNames) => string,
): string {
  const unnumbered = names.unnumbered();
  const keys = new Map(items.map((item) => [item, format(item, unnumbered)]));
  const keyOf = (item: Item) => keys.get(item) ?? "";
  return [...items]
    .sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : keyOf(one) > keyOf(other) ? 1 : 0))
    .map((item) => format(item, names))
    .sort()
    .join(", ");
}

function isCall(terms: Expr["terms"]): terms is readonly Term[] {
  return Array.isArray(terms);
}

/** Reads a term that the syntax tree has at a key which not all nodes of its kind have. */
function termAt(node: object, key: string): Term | undefined {
  const found: unknown = Object.entries(node).find(([name]) => name === key)?.[1];
  return typeof found === "object" && found !== null && "type" in found && isText(found.type)
    ? (found as Term)
    : undefined;
}
