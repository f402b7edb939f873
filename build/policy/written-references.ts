import type { InputReference } from "../../contract/manifest.ts";
import type { ParsedFile } from "../rego/files.ts";
import { type Rule, type Term, termsIn } from "../rego/syntax-tree.ts";
import { createScope, fullName, type Scope } from "./scope.ts";
import { type Definition, findHelper, readVocabulary, type Vocabulary } from "./vocabulary.ts";

/** Reads the fields of the input that a condition reads from the syntax trees; undefined if they can't be told from those alone. */
export type ReadWritten = (condition: string) => readonly InputReference[] | undefined;

/** The fields that a definition itself reads, and the definitions that it refers to. */
interface Read {
  readonly fields: readonly InputReference[];
  readonly helpers: readonly Definition[];
}

/**
 * Creates the function that finds the fields that a condition reads, and the helpers that it refers to. `opa deps` finds the same, but
 * a process of OPA for each of some hundred conditions takes longer than the rest of a build.
 *
 * @param sources - All files of conditions and helpers.
 */
export function createReadWritten(sources: readonly ParsedFile[]): ReadWritten {
  const vocabulary = readVocabulary(new Map(), sources);
  const known = new Map<Definition, Read | undefined>();
  const read = (definition: Definition) => {
    if (!known.has(definition)) known.set(definition, readDefinition(definition, vocabulary));
    return known.get(definition);
  };
  return (condition) => {
    const reached = new Set(vocabulary.helpers.get(`data.access.conditions.${condition}`));
    const fields: InputReference[] = [];
    // A set that grows while it is iterated over is iterated over to its end.
    for (const definition of reached) {
      const found = read(definition);
      if (found === undefined) return undefined;
      fields.push(...found.fields);
      for (const helper of found.helpers) reached.add(helper);
    }
    return reached.size === 0 ? undefined : fields;
  };
}

function readDefinition(definition: Definition, vocabulary: Vocabulary): Read | undefined {
  const { rule, imports } = definition;
  if (!isSimple(rule) || [...imports.values()].some(isOfInput)) return undefined;
  const scope = createScope(definition, vocabulary);
  const fields: InputReference[] = [];
  const helpers: Definition[] = [];
  const terms = termsIn([rule.head, rule.body]);
  const heads = new Set(terms.flatMap(({ type, value }) => (type === "ref" ? value[0] : [])));
  for (const term of terms.filter((one) => !heads.has(one))) {
    const name = fullName(term, scope);
    const helper = findHelper(name, vocabulary);
    if (isInput(term) || (helper === undefined && isWholePackage(name, vocabulary))) return undefined;
    helpers.push(...(helper ?? []));
    const field = toField(term, scope);
    if (field === "unknown") return undefined;
    if (field !== undefined) fields.push(field);
  }
  return { fields, helpers };
}

/** Tells whether all variables of a rule are bound by its arguments and its own statements, which a scope knows. */
function isSimple({ else: otherwise, body, head }: Rule): boolean {
  const isModified = body.some((statement) => statement.with !== undefined || "domain" in statement.terms);
  return (
    otherwise === undefined && !isModified && !termsIn([head, body]).some(({ type }) => type.endsWith("comprehension"))
  );
}

function isOfInput(name: string): boolean {
  return name === "input" || name.startsWith("input.");
}

function isInput(term: Term | undefined): boolean {
  return term?.type === "var" && term.value === "input";
}

function isWholePackage(name: string, { helpers }: Vocabulary): boolean {
  return name.startsWith("data") && [...helpers.keys()].some((helper) => helper.startsWith(`${name}.`));
}

/**
 * Reads the field that a reference to the input leads to or into; undefined for any other term. It is unknown if the reference ends
 * above a field, since a variable may stand for it that is followed further.
 */
function toField(term: Term, { variables }: Scope): InputReference | "unknown" | undefined {
  const [head, ...path] = term.type === "ref" ? term.value : [];
  if (!isInput(head)) return undefined;
  if (variables.has("input")) return "unknown";
  const end = path.findIndex(({ type }) => type !== "string" && type !== "number");
  const literals = path.slice(0, end === -1 ? undefined : end);
  return fieldOf(literals.map(({ value }) => String(value))) ?? "unknown";
}

/** The objects within the principal and the request, each field of which is read by itself. */
const BRANCHES = ["claims", "headers", "query", "client_certificate"];

/** Finds the field of the input that a reference leads to or into; undefined if the reference ends above a field. */
export function fieldOf(reference: InputReference): InputReference | undefined {
  const [root, branch] = reference;
  const isMap = root === "calendar" || BRANCHES.includes(branch ?? "");
  const depth = root === "now_s" ? 1 : isMap ? 3 : 2;
  return reference.length < depth ? undefined : reference.slice(0, depth);
}
