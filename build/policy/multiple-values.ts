import type { InputReference } from "../../contract/manifest.ts";
import type { ProblemCode } from "../../contract/problem-codes.ts";
import type { ParsedFile } from "../rego/files.ts";
import { callsIn, type Expr, nameOfRule, type Term, termsIn } from "../rego/syntax-tree.ts";
import { type DeclaredFields, readDeclaredFields } from "./declared-fields.ts";
import { createScope, exactName, fullName, type Scope } from "./scope.ts";
import { readImports, type Vocabulary } from "./vocabulary.ts";

/** The function by which conditions read all values of a header or parameter. */
const ALL_IN = "data.engine.values.all_in";

/**
 * Reads `custom.multiple` of conditions, and checks that each field with several values is only read by `values.all_in`. A test
 * that any one value satisfies would hold for a value that a caller has added.
 *
 * A field has several values for all conditions or for none, since all conditions get one input. The declaration follows from
 * the rules: `values.all_in` needs it, and nothing else may have it. So two packages with one module read fields alike.
 */
export function readMultiple(
  sources: readonly ParsedFile[],
  ofRequest: ReadonlyMap<string, readonly InputReference[]>,
  required: DeclaredFields["byCondition"],
  vocabulary: Vocabulary,
): DeclaredFields {
  const declared = readDeclaredFields("multiple", sources, ofRequest);
  const fields = new Set([...declared.byCondition.values()].flat());
  const problems = [...declared.problems];
  for (const source of sources.filter(({ part }) => part === "conditions" || part === "library")) {
    const imports = readImports(source);
    for (const rule of source.module.rules ?? []) {
      const scope = createScope({ rule, imports, package: `data.${source.package}` }, vocabulary);
      const report = (code: ProblemCode, line: number | undefined, message: string) =>
        problems.push({ code, file: source.file, line: line ?? rule.location.row, message });
      const ofRule = [rule.head.value, rule.body, rule.else];
      const lists = new Set(callsIn(ofRule).flatMap((call) => listOf(call, scope)));
      for (const negation of negatedIn(ofRule)) {
        const field = fieldsOfAllIn(negation, scope).find((one) => fields.has(one));
        if (field !== undefined) report("multiple.any_value", negation.location?.row, toAnyValue(field));
      }
      for (const term of termsIn(ofRule).filter(({ type }) => type === "ref")) {
        const field = /^input\.(request\.(?:headers|query)\..+)$/s.exec(fullName(term, scope))?.[1];
        if (field === undefined) continue;
        const isWhole = lists.has(term) && exactName(term, scope) !== "";
        if (!isWhole && fields.has(field)) report("multiple.any_value", term.location?.row, toAnyValue(field));
        if (isWhole && !fields.has(field)) report("multiple.not_declared", term.location?.row, toNotDeclared(field));
      }
      if (source.part !== "conditions") continue;
      const name = nameOfRule(rule);
      const own = declared.byCondition.get(name) ?? [];
      for (const read of (ofRequest.get(name) ?? []).map((path) => path.join("."))) {
        if (fields.has(read) && !own.includes(read))
          report("multiple.not_declared", undefined, toNotDeclared(read, name));
      }
      for (const field of own.filter((one) => required.get(name)?.includes(one))) {
        report("multiple.required", undefined, `${name}: ${toRequired(field)}`);
      }
    }
  }
  const byText = new Map(problems.map((one) => [`${one.file}:${one.line}:${one.message}`, one]));
  return { byCondition: declared.byCondition, problems: [...byText.values()] };
}

/** Lists the statements below a node that are negated. */
function negatedIn(node: unknown): readonly Expr[] {
  if (typeof node !== "object" || node === null) return [];
  const inside = Object.values(node).flatMap(negatedIn);
  return "terms" in node && "negated" in node && node.negated === true ? [node as Expr, ...inside] : inside;
}

/** Lists the fields whose values are all tested below a node, also by the conditions and helpers that it names. */
function fieldsOfAllIn(node: unknown, scope: Scope): readonly string[] {
  const own = callsIn(node).flatMap((call) => listOf(call, scope).map((list) => exactName(list, scope)));
  const named = termsIn(node).flatMap((term) => {
    const name = term.type === "ref" || term.type === "var" ? fullName(term, scope) : "";
    return scope.vocabulary.helpers.get(name) ?? [];
  });
  return [
    ...own.map((name) => name.replace(/^input\./, "")),
    ...named.flatMap((definition) => fieldsOfAllIn(definition.rule.body, createScope(definition, scope.vocabulary))),
  ];
}

/** Lists the first operand of a call of `values.all_in`. */
function listOf([operator, first]: readonly Term[], scope: Scope): readonly Term[] {
  return first !== undefined && fullName(operator, scope) === ALL_IN ? [first] : [];
}

function toAnyValue(field: string): string {
  return (
    `${field} has several values (custom.multiple), and a caller can add one that satisfies this; ` +
    `test all of them, as in \`values.all_in(${toInput(field)}, {"red", "blue"})\``
  );
}

function toNotDeclared(field: string, condition?: string): string {
  const who = condition ?? "values.all_in";
  return (
    `${who} reads all values of ${field}, so its condition says that there may be several: put ` +
    `\`multiple: [${field}]\` under \`custom:\` in its METADATA; without it, a field with several values is missing`
  );
}

function toRequired(field: string): string {
  return (
    `${field} is both required and multiple, but a cache key holds one value of it; ` +
    "leave out `required`, and no response that depends on it is cached"
  );
}

/** Writes a field as a policy does: `input.request.headers["x-tags"]`. */
function toInput(field: string): string {
  const [, branch = "", name = ""] = /^request\.(headers|query)\.(.+)$/s.exec(field) ?? [];
  return `input.request.${branch}[${JSON.stringify(name)}]`;
}
