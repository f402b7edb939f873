import type { Source } from "../rego/files.ts";
import { nameOfRule, type Rule, type Term } from "../rego/syntax-tree.ts";
import type { Problem } from "./problem.ts";

/**
 * Grants, denials and roles are unconditional rules with one literal object as value. Anything else could depend on
 * the input, and a denial that does would be absent from the index, silently.
 */
export function checkArea(source: Source): readonly Problem[] {
  return checkRules(source, (rule) => {
    const [kind, key, ...rest] = rule.head.ref;
    const isNamed = key?.type === "string" && rest.length === 0;
    if (kind?.value !== "grants" && kind?.value !== "denials") {
      return `${nameOfRule(rule)} is neither grants["…"] nor denials["…"], and an area has nothing else; write its value where it is used`;
    }
    return isNamed && isName(key.value)
      ? undefined
      : `write ${kind.value}["name"] := {…}, where the name has letters, digits, ".", "_" and "-"`;
  });
}

/** See {@link checkArea}. */
export function checkRoles(source: Source): readonly Problem[] {
  return checkRules(source, (rule) =>
    rule.head.ref.length === 1 ? undefined : "a role is a rule with a name of one part: name := {…}",
  );
}

function isName(text: string): boolean {
  return /^[A-Za-z0-9._-]+$/.test(text);
}

function checkRules(source: Source, checkName: (rule: Rule) => string | undefined): readonly Problem[] {
  return (source.module.rules ?? []).flatMap((rule) => {
    const message = checkName(rule) ?? checkForm(rule);
    return message === undefined ? [] : [{ file: source.file, line: rule.location.row, message }];
  });
}

/** Grants, denials and roles that stand twice, in one file or in several of a package. */
export function checkDuplicates(sources: readonly Source[]): readonly Problem[] {
  const first = new Map<string, string>();
  return sources
    .filter(({ part }) => part === "area" || part === "roles")
    .flatMap(({ file, package: name, module }) => (module.rules ?? []).map((rule) => ({ file, name, rule })))
    .flatMap(({ file, name, rule }) => {
      const key = `${name}.${nameOfRule(rule)}`;
      const line = rule.location.row;
      const place = first.get(key);
      first.set(key, place ?? `${file}:${line}`);
      return place === undefined ? [] : [{ file, line, message: `${nameOfRule(rule)} is defined in ${place} already` }];
    });
}

function checkForm({ head, body, else: otherwise, default: isDefault }: Rule): string | undefined {
  const isUnconditional = body.every((expr) => expr.generated) && otherwise === undefined && !isDefault;
  const isComplete = head.args === undefined && head.value !== undefined;
  if (!isUnconditional || !isComplete)
    return 'write it as name := {…}, without a condition; what depends on a request is a condition\'s ("when", "unless")';
  if (!isLiteral(head.value))
    return "its value must be written out; a reference, call or comprehension could depend on the request";
  const repeated = findRepeated(head.value);
  return repeated === undefined ? undefined : `the key "${repeated}" stands twice, of which only the last would count`;
}

function isLiteral(term: Term): boolean {
  switch (term.type) {
    case "null":
    case "boolean":
    case "number":
    case "string":
      return true;
    case "array":
    case "set":
      return term.value.every(isLiteral);
    case "object":
      return term.value.flat().every(isLiteral);
    default:
      return false;
  }
}

/** A key that an object, or one in it, has twice. OPA takes the last one without a word. */
function findRepeated(term: Term): string | undefined {
  if (term.type !== "object") return undefined;
  const keys = term.value.map(([key]) => String(key.value));
  return (
    keys.find((key, at) => keys.indexOf(key) < at) ?? term.value.map(([, value]) => findRepeated(value)).find(Boolean)
  );
}
