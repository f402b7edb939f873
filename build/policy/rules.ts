import { isText } from "../../contract/json.ts";
import type { ParsedFile } from "../rego/files.ts";
import { nameOfRule, type Rule, type Term } from "../rego/syntax-tree.ts";
import type { Problem, ProblemText } from "./problem.ts";

/**
 * Finds rules of an area that don't have the form of a grant, denial or public rule: an unconditional rule with a literal object as its
 * value. Any other rule could depend on the input, and then a denial would silently be absent from the index.
 */
export function checkArea(source: ParsedFile): readonly Problem[] {
  return checkNamed(
    source,
    KINDS,
    'is neither grants["…"] nor denials["…"] nor public["…"], and an area has no other rules; write its value where it is used',
  );
}

/** Finds rules among the invariants that don't have their form, which is that of {@link checkArea}. */
export function checkInvariants(source: ParsedFile): readonly Problem[] {
  const message = 'is not invariants["…"], and package access.invariants has no other rules';
  return checkNamed(source, ["invariants"], `${message}; write its value where it is used`);
}

function checkNamed(source: ParsedFile, kinds: readonly string[], isOther: string): readonly Problem[] {
  return checkRules(source, (rule) => {
    const [kind, key, ...rest] = rule.head.ref;
    const isNamed = key?.type === "string" && rest.length === 0;
    if (!isText(kind?.value) || !kinds.includes(kind.value)) {
      return { code: "rule.unknown", message: `${nameOfRule(rule)} ${isOther}` };
    }
    if (isNamed && isName(key.value)) return undefined;
    const message = `write ${kind.value}["name"] := {…}, where the name has letters, digits, ".", "_" and "-"`;
    return { code: "rule.malformed_name", message };
  });
}

/** Finds roles that don't have their form, which is that of {@link checkArea}. */
export function checkRoles(source: ParsedFile): readonly Problem[] {
  return checkRules(source, (rule) => {
    if (rule.head.ref.length === 1) return undefined;
    return { code: "rule.malformed_name", message: "a role is a rule with a name of one part: name := {…}" };
  });
}

const KINDS = ["grants", "denials", "public"];

function isName(text: string): boolean {
  return /^[A-Za-z0-9._-]+$/.test(text);
}

function checkRules(source: ParsedFile, checkName: (rule: Rule) => ProblemText | undefined): readonly Problem[] {
  return (source.module.rules ?? []).flatMap((rule) => {
    const problem = checkName(rule) ?? checkForm(rule);
    return problem === undefined ? [] : [{ ...problem, file: source.file, line: rule.location.row }];
  });
}

/** Finds grants, denials, public rules, roles and invariants that are defined twice, in one file or in several files of a package. */
export function checkDuplicates(sources: readonly ParsedFile[]): readonly Problem[] {
  const first = new Map<string, string>();
  return sources
    .filter(({ part }) => part === "area" || part === "roles" || part === "invariants")
    .flatMap(({ file, package: name, module }) => (module.rules ?? []).map((rule) => ({ file, name, rule })))
    .flatMap(({ file, name, rule }): readonly Problem[] => {
      const key = `${name}.${nameOfRule(rule)}`;
      const line = rule.location.row;
      const definedAt = first.get(key);
      first.set(key, definedAt ?? `${file}:${line}`);
      if (definedAt === undefined) return [];
      const message = `${nameOfRule(rule)} is defined in ${definedAt} already; rename or remove one of the two`;
      return [{ code: "rule.duplicate", file, line, message }];
    });
}

const CONDITIONAL: ProblemText = {
  code: "rule.conditional",
  message:
    'write it as name := {…}, without a condition; a condition that depends on the request goes into "when" or "unless"',
};
const NOT_LITERAL: ProblemText = {
  code: "rule.not_literal",
  message: "the value must be written out; a reference, call or comprehension could depend on the request",
};

function checkForm({ head, body, else: otherwise, default: isDefault }: Rule): ProblemText | undefined {
  const isUnconditional = body.every((expr) => expr.generated) && otherwise === undefined && !isDefault;
  const isComplete = head.args === undefined && head.value !== undefined;
  if (!isUnconditional || !isComplete) return CONDITIONAL;
  if (!isLiteral(head.value)) return NOT_LITERAL;
  const repeated = findRepeated(head.value);
  if (repeated === undefined) return undefined;
  return {
    code: "rule.repeated_key",
    message: `the key "${repeated}" is there twice, and only the last one would count; remove one`,
  };
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

/** Finds a key that an object, or an object in it, has twice. OPA takes the last one without a warning. */
function findRepeated(term: Term): string | undefined {
  if (term.type !== "object") return undefined;
  const keys = term.value.map(([key]) => String(key.value));
  return (
    keys.find((key, at) => keys.indexOf(key) < at) ?? term.value.map(([, value]) => findRepeated(value)).find(Boolean)
  );
}
