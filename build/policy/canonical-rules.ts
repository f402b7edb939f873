import { type Expr, nameOf, type Rule, type Term } from "../rego/syntax-tree.ts";
import { type CanonicalNames, formatBody, formatPath, formatTerm } from "./canonical-terms.ts";
import type { Definition } from "./vocabulary.ts";

/** Names of the policy, beyond those that a rule binds. */
export interface PolicyNames {
  readonly global: (
    name: string,
    path: readonly Term[],
    definition: Definition,
  ) => ReturnType<CanonicalNames["global"]>;
  readonly call: (operator: Term, operands: readonly Term[], definition: Definition) => string | undefined;
  /** The same names without numbers, whose text does not follow from the order in which they are formatted. */
  readonly unnumbered: () => PolicyNames;
  /** Tells whether a name is one of the file or of the policy, unless the rule binds it. */
  readonly isGlobal: (name: string, definition: Definition) => boolean;
}

/**
 * Formats one definition of a rule on one line, without the names of its variables and without its layout.
 *
 * @param name - The name of the rule; undefined for a condition, of which only the statements are formatted.
 */
export function formatDefinition(definition: Definition, name: string | undefined, policy: PolicyNames): string {
  const { rule } = definition;
  const labels = createLabels();
  const root = new Map((rule.head.args ?? []).flatMap(variablesOfPattern).map((own) => [own, {}]));
  const chain: string[] = [];
  for (let one: Rule | undefined = rule; one !== undefined; one = one.else) {
    const { head, body } = one;
    const names = toNames(openScope(body, root, definition, policy), definition, policy, labels);
    const args = (one === rule ? (head.args ?? []) : []).map((term) => formatTerm(term, names));
    const statements = body.every(({ generated }) => generated === true) ? "" : formatBody(body, names);
    if (name === undefined && one === rule && one.else === undefined) return statements === "" ? "true" : statements;
    const start = one === rule ? `${name ?? ""}${args.length > 0 ? `(${args.join(", ")})` : ""}` : "else";
    const value = isTrue(head.value) ? "" : head.value === undefined ? "" : ` := ${formatTerm(head.value, names)}`;
    const item = head.key === undefined || head.value !== undefined ? "" : ` contains ${formatTerm(head.key, names)}`;
    const path = one === rule ? formatPath(head.ref.slice(1), names) : "";
    chain.push(`${start}${path}${item}${value}${statements === "" ? "" : ` if ${statements}`}`);
  }
  return `${rule.default === true ? "default " : ""}${chain.join(" ")}`;
}

function isTrue(term: Term | undefined): boolean {
  return term?.type === "boolean" && term.value;
}

/** The variables in force. A variable is an object, so that one that hides another of its name is another variable. */
type Variables = ReadonlyMap<string, object>;

/** Gives variables letters, in the order in which they are formatted. */
function createLabels(): (variable: object) => string {
  const labels = new Map<object, string>();
  return (variable) => {
    const known = labels.get(variable);
    if (known !== undefined) return known;
    const count = labels.size;
    const label = count < 26 ? String.fromCharCode(97 + count) : `v${count + 1}`;
    labels.set(variable, label);
    return label;
  };
}

function toNames(
  variables: Variables,
  definition: Definition,
  policy: PolicyNames,
  labels: (variable: object) => string,
): CanonicalNames {
  return {
    variable(name) {
      if (name.startsWith("$")) return "_";
      const variable = variables.get(name);
      return variable && labels(variable);
    },
    global: (name, path) => policy.global(name, path, definition),
    call: (operator, operands) => policy.call(operator, operands, definition),
    unnumbered: () => toNames(variables, definition, policy.unnumbered(), () => "?"),
    inside(body, bound, format) {
      const own = new Map([...variables, ...bound.flatMap(variablesOfPattern).map((name) => [name, {}] as const)]);
      return format(toNames(openScope(body, own, definition, policy), definition, policy, labels));
    },
  };
}

/**
 * Adds the variables of a body: those that it declares, which hide others of their name, and those that it merely mentions and
 * nothing around it binds. Comprehensions inside share the latter.
 */
function openScope(
  body: readonly Expr[],
  outer: Variables,
  definition: Definition,
  { isGlobal }: PolicyNames,
): Variables {
  const declared = new Set(body.flatMap(declaredBy));
  const mentioned = body.flatMap(variablesMentioned).filter((name) => !outer.has(name) && !isGlobal(name, definition));
  return new Map([...outer, ...[...declared, ...mentioned].map((name) => [name, {}] as const)]);
}

/** Lists the variables that `:=` and `some` declare in a statement. */
function declaredBy({ terms }: Expr): readonly string[] {
  if (Array.isArray(terms)) {
    const [operator, target] = terms as readonly Term[];
    return nameOf(operator) === "assign" && target !== undefined ? variablesOfPattern(target) : [];
  }
  if (!("symbols" in terms)) return [];
  return terms.symbols.flatMap((symbol) =>
    symbol.type === "call" ? symbol.value.slice(1, -1).flatMap(variablesOfPattern) : variablesOfPattern(symbol),
  );
}

/** Lists the variables that a pattern binds. The keys of an object bind none. */
function variablesOfPattern(pattern: Term): readonly string[] {
  switch (pattern.type) {
    case "var":
      return [pattern.value];
    case "array":
    case "set":
      return pattern.value.flatMap(variablesOfPattern);
    case "object":
      return pattern.value.flatMap(([, value]) => variablesOfPattern(value));
    default:
      return [];
  }
}

/** Lists the variables in statements, without those inside comprehensions and `every`, and without names of functions. */
function variablesMentioned({ terms, with: replacements = [] }: Expr): readonly string[] {
  const replaced = replacements.flatMap(({ value }) => variablesIn(value));
  if (Array.isArray(terms)) return [...(terms as readonly Term[]).slice(1).flatMap(variablesIn), ...replaced];
  if ("symbols" in terms) return [...terms.symbols.flatMap(variablesIn), ...replaced];
  if ("domain" in terms) return [...variablesIn(terms.domain), ...replaced];
  return [...variablesIn(terms as Term), ...replaced];
}

function variablesIn(term: Term): readonly string[] {
  switch (term.type) {
    case "var":
      return [term.value];
    case "call":
      return term.value.slice(1).flatMap(variablesIn);
    case "ref":
    case "array":
    case "set":
      return term.value.flatMap(variablesIn);
    case "object":
      return term.value.flat().flatMap(variablesIn);
    default:
      return [];
  }
}
