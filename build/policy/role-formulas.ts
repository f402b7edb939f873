import type { RoleFormula } from "../../contract/condition-facts.ts";
import { type Expr, nameOf, type Term } from "../rego/syntax-tree.ts";
import type { Definition } from "./vocabulary.ts";

/** A condition with more alternatives has no formula, and is compared by its digest. */
const MAX_ALTERNATIVES = 64;

/**
 * Reads which roles a condition asks for; undefined if it asks for anything else.
 *
 * @param definitions - Those of the condition, which are alternatives.
 * @param groups - All conditions and helpers, by full name.
 */
export function toRoleFormula(
  definitions: readonly Definition[],
  groups: ReadonlyMap<string, readonly Definition[]>,
): RoleFormula | undefined {
  const alternatives: RoleFormula[number][] = [];
  if (definitions.length === 0) return undefined;
  for (const definition of definitions) {
    const { rule } = definition;
    const isPlain = rule.else === undefined && rule.default !== true && rule.head.args === undefined;
    if (!isPlain || rule.head.ref.length !== 1 || rule.head.value?.value !== true) return undefined;
    const statements = rule.body.map((expr) => toStatement(expr, definition, groups));
    const all = statements.reduce((sofar, one) => sofar && one && combine(sofar, one), TRUE);
    if (all === undefined) return undefined;
    alternatives.push(...all);
  }
  return alternatives.length > MAX_ALTERNATIVES ? undefined : simplify(alternatives);
}

const TRUE: RoleFormula | undefined = [{ has: [], lacks: [] }];

function toStatement(
  { negated, terms, with: replacements = [] }: Expr,
  definition: Definition,
  groups: ReadonlyMap<string, readonly Definition[]>,
): RoleFormula | undefined {
  if (replacements.length > 0) return undefined;
  const formula = Array.isArray(terms)
    ? toCall(terms, definition)
    : "symbols" in terms || "domain" in terms
      ? undefined
      : toTerm(terms as Term, definition, groups);
  return negated === true ? formula && negate(formula) : formula;
}

function toCall([operator, role, ...others]: readonly Term[], definition: Definition): RoleFormula | undefined {
  if (nameIn(operator, definition) !== "data.engine.caller.has_role" || others.length > 0) return undefined;
  if (role?.type !== "string") return undefined;
  return [{ has: role.value === "authenticated" ? [] : [role.value], lacks: [] }];
}

function toTerm(
  term: Term,
  definition: Definition,
  groups: ReadonlyMap<string, readonly Definition[]>,
): RoleFormula | undefined {
  if (term.type === "boolean") return term.value ? TRUE : [];
  if (term.type === "call") return toCall(term.value, definition);
  const name = nameIn(term, definition);
  const local = `${definition.package}.${name}`;
  const own = name === undefined ? undefined : (groups.get(local) ?? groups.get(name));
  return own && toRoleFormula(own, groups);
}

/** Names a reference in full, as far as the file's imports tell. */
function nameIn(term: Term | undefined, { imports }: Definition): string | undefined {
  const written = term?.type === "var" ? term.value : nameOf(term);
  if (written === undefined) return undefined;
  const [first = "", ...rest] = written.split(".");
  return [imports.get(first) ?? first, ...rest].join(".");
}

function combine(one: RoleFormula, other: RoleFormula): RoleFormula | undefined {
  if (one.length * other.length > MAX_ALTERNATIVES) return undefined;
  return simplify(
    one.flatMap((left) =>
      other.map((right) => ({ has: [...left.has, ...right.has], lacks: [...left.lacks, ...right.lacks] })),
    ),
  );
}

/** Negates a formula: each of its alternatives fails, by a role that is not held or by one that is. */
function negate(formula: RoleFormula): RoleFormula | undefined {
  return formula.reduce<RoleFormula | undefined>((sofar, { has, lacks }) => {
    const fails = [
      ...has.map((role) => ({ has: [], lacks: [role] })),
      ...lacks.map((role) => ({ has: [role], lacks: [] })),
    ];
    return sofar && combine(sofar, fails);
  }, TRUE);
}

/** Sorts the alternatives, and drops those that nobody can fulfil and those that another one covers. */
function simplify(formula: RoleFormula): RoleFormula {
  const possible = formula
    .map(({ has, lacks }) => ({ has: unique(has), lacks: unique(lacks) }))
    .filter(({ has, lacks }) => !has.some((role) => lacks.includes(role)));
  const byText = new Map(possible.map((one) => [JSON.stringify(one), one]));
  const all = [...byText.entries()].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, one]) => one);
  return all.filter((one) => !all.some((other) => other !== one && covers(other, one)));
}

function covers(wide: RoleFormula[number], narrow: RoleFormula[number]): boolean {
  return wide.has.every((role) => narrow.has.includes(role)) && wide.lacks.every((role) => narrow.lacks.includes(role));
}

function unique(roles: readonly string[]): readonly string[] {
  return [...new Set(roles)].sort();
}
