import type { Module, Term, With } from "../rego/syntax-tree.ts";

/** The document that a reference names: `["data", "engine", "decision"]`. A part that is not a literal is undefined. */
export type DocumentPath = readonly (string | undefined)[];

/** Finds the document that a reference or variable of a file names, by the file's imports. */
export type Resolve = (term: Term) => DocumentPath;

/** Creates the function that resolves the references of a file. */
export function createResolve({ imports = [] }: Module): Resolve {
  const imported = new Map(
    imports.map(({ path, alias }): readonly [string | undefined, DocumentPath] => {
      const parts = partsOf(path);
      return [alias ?? parts.at(-1), parts];
    }),
  );
  return (term) => {
    const [first, ...rest] = partsOf(term);
    return [...(imported.get(first) ?? [first]), ...rest];
  };
}

/** Lists the references below a node, and the variables that are not the first part of a reference. */
export function referencesIn(node: unknown): readonly Term[] {
  if (typeof node !== "object" || node === null) return [];
  if (!isTerm(node)) return Object.values(node).flatMap(referencesIn);
  if (node.type === "var") return [node];
  if (node.type !== "ref") return referencesIn(node.value);
  return [node, ...node.value.flatMap((part, at) => (at === 0 && part.type === "var" ? [] : referencesIn(part)))];
}

/** Lists the modifiers below a node: each `with <target> as <value>`. */
export function modifiersIn(node: unknown): readonly With[] {
  if (typeof node !== "object" || node === null) return [];
  const inside = Object.values(node).flatMap(modifiersIn);
  return "target" in node && "value" in node ? [node as With, ...inside] : inside;
}

function isTerm(node: object): node is Term {
  return "type" in node && "value" in node && typeof node.type === "string";
}

function partsOf(term: Term): DocumentPath {
  if (term.type === "var") return [term.value];
  if (term.type !== "ref") return [undefined];
  return term.value.map((part, at) =>
    part.type === "string" || (at === 0 && part.type === "var") ? part.value : undefined,
  );
}
