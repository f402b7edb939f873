import { type Document, isAlias, isCollection, isMap, isScalar, isSeq, LineCounter, parseDocument, visit } from "yaml";
import { err, ok, type Result } from "../contract/result.ts";

/** A YAML document as plain values, and the lines that they stand on. */
export interface Yaml {
  readonly value: unknown;
  /** Finds the line of the key or item at the end of a path; of the last part of it that exists. */
  readonly lineOf: (path: readonly (string | number)[]) => number;
}

/** Why a text is not YAML, and the line where the mistake begins. */
export interface YamlError {
  readonly line: number;
  readonly message: string;
}

/** Parses one YAML document. Tags and aliases that can't be resolved are errors, and so is a key that occurs twice. */
export function parseYaml(text: string): Result<Yaml, YamlError> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: "error" });
  const lineAt = (offset: number) => Math.max(lines.linePos(offset).line, 1);
  const [error] = [...document.errors, ...document.warnings];
  if (error !== undefined) {
    // The position of a key that occurs twice is behind the value before it, perhaps some lines above the key.
    const blanks = error.code === "DUPLICATE_KEY" ? (/^\s*/.exec(text.slice(error.pos[0]))?.[0].length ?? 0) : 0;
    return err({ line: lineAt(startOf(document, error.pos[0] + blanks)), message: firstLine(error.message) });
  }
  try {
    const value: unknown = document.toJS();
    return ok({ value, lineOf: (path) => lineAt(findOffset(document, path)) });
  } catch (thrown) {
    // An alias without an anchor, or aliases that would make the document very large.
    const alias = findAlias(document);
    return err({ line: lineAt(alias), message: firstLine(thrown instanceof Error ? thrown.message : String(thrown)) });
  }
}

/** Finds where a mistake begins: a quote or bracket that is not closed is only noticed where the text after it ends. */
function startOf(document: Document.Parsed, offset: number): number {
  let start = offset;
  visit(document, {
    Node(_, node) {
      const isDelimited =
        (isScalar(node) && (node.type === "QUOTE_DOUBLE" || node.type === "QUOTE_SINGLE")) ||
        (isCollection(node) && node.flow === true);
      const [from, to] = node.range ?? [offset, offset];
      // The innermost is visited last.
      if (isDelimited && from < offset && to >= offset) start = from;
    },
  });
  return start;
}

function findOffset(document: Document.Parsed, path: readonly (string | number)[]): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const key of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find((item) => String(isScalar(item.key) ? item.key.value : item.key) === String(key));
      if (pair === undefined) return offset;
      offset = (isScalar(pair.key) ? pair.key.range?.[0] : undefined) ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(key)];
      offset = (isScalar(node) || isCollection(node) ? node.range?.[0] : undefined) ?? offset;
    } else return offset;
  }
  return offset;
}

function findAlias(document: Document.Parsed): number {
  let offset = 0;
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document) !== undefined) return undefined;
      offset = alias.range?.[0] ?? 0;
      return visit.BREAK;
    },
  });
  return offset;
}

function firstLine(text: string): string {
  return text.split("\n")[0] ?? "";
}
