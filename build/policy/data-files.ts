import { readdir, readFile, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { parse as parseJsonText } from "@humanwhocodes/momoa";
import { type Document, isNode, LineCounter, parseDocument, visit } from "yaml";
import { isExactNumber, isExactNumberText } from "../../contract/exact-numbers.ts";
import type { Assembly } from "./assembly.ts";
import type { Problem } from "./problem.ts";

/** A place in the base data: the keys and positions that lead to it from `data.data`. */
export type DataPath = readonly (string | number)[];

/** The file and line of a base datum. */
export interface DataLocation {
  readonly file: string;
  readonly line: number;
}

/** A file of base data. */
interface DataFile {
  /** `policies/data/office.yaml` */
  readonly file: string;
  /** The folders between `data/` and the file, under which OPA puts the content. */
  readonly folders: readonly string[];
  readonly document: Document.Parsed;
  readonly lines: LineCounter;
}

/** The base data of a policy, the places of its values, and the problems of files that can't be read. */
export interface DataFiles {
  /** The value of `data.data`; undefined if it is not known, since a file can't be read or two files disagree. */
  readonly base: unknown;
  readonly locate: (path: DataPath) => DataLocation;
  readonly problems: readonly Problem[];
}

/**
 * Reads the base data, and the lines of its values. OPA decides which files can be read, and what their values are.
 *
 * A file with a mistake is removed from the assembly, so that the build finds the problems of the other files, too.
 */
export async function readDataFiles({ opa, folder }: Assembly): Promise<DataFiles> {
  const root = join(folder, "policies/data");
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
  const paths = entries
    .filter((entry) => entry.isFile() && /\.(json|ya?ml)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const output = paths.length > 0 ? await opa("eval", "--format", "raw", "--data", "policies/data", "data") : undefined;
  const files: DataFile[] = [];
  const problems: Problem[] = [];
  for (const path of paths) {
    const file = relative(folder, path).replaceAll("\\", "/");
    const text = await readFile(path, "utf8");
    const mistake = output?.succeeded ? undefined : findMistake(file, text);
    if (mistake !== undefined) {
      problems.push({ code: "data.malformed", file, ...mistake });
      await rm(path);
      continue;
    }
    const lines = new LineCounter();
    const document = parseDocument(text, { lineCounter: lines, version: "1.1", logLevel: "error" });
    files.push({ file, folders: file.split("/").slice(2, -1), document, lines });
  }
  problems.push(...files.flatMap(findInexactNumbers));
  const base: unknown = output === undefined ? {} : output.succeeded ? JSON.parse(output.stdout) : undefined;
  return { base, problems, locate: (path) => locateIn(files, path) };
}

/** Finds the numbers of a file that WebAssembly would round. */
function findInexactNumbers({ file, document, lines }: DataFile): readonly Problem[] {
  const problems: Problem[] = [];
  visit(document, {
    Scalar: (key, { value, source = "", range }) => {
      if (key === "key" || (typeof value !== "number" && typeof value !== "bigint")) return;
      const isExact = Number.isNaN(Number(source)) ? isExactNumber(Number(value)) : isExactNumberText(source);
      if (isExact) return;
      const message = `WebAssembly rounds the number ${source}, and OPA does not, so that the two would decide differently; write it in quotes and compare text`;
      problems.push({ code: "data.inexact_number", file, line: lines.linePos(range?.[0] ?? 0).line, message });
    },
  });
  return problems;
}

/** The line of a mistake in a file, and what it is. */
export interface Mistake {
  readonly line: number;
  readonly message: string;
}

/** Finds the first mistake in the syntax of a JSON or YAML file. */
export function findMistake(file: string, text: string): Mistake | undefined {
  return file.endsWith(".json") ? findJsonMistake(text) : findYamlMistake(text);
}

/** Finds the first mistake in the syntax of YAML. */
export function findYamlMistake(text: string): Mistake | undefined {
  const lines = new LineCounter();
  const [error] = parseDocument(text, { lineCounter: lines, version: "1.1", logLevel: "error" }).errors;
  if (error === undefined) return undefined;
  // The library reports a collection that is not closed where the text goes on; the line of the last content before is better.
  const { line } = lines.linePos(lastContentBefore(text, error.pos[0]));
  return {
    line: Math.max(line, 1),
    message: `this is not YAML: ${(error.message.split(" at line ")[0] ?? "").trim()}`,
  };
}

function lastContentBefore(text: string, position: number): number {
  const isAtEnd = text.slice(position).trim() === "";
  return isAtEnd ? Math.max(text.trimEnd().length - 1, 0) : position;
}

function findJsonMistake(text: string): Mistake | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    const said = error instanceof Error ? error.message : "";
    // Node does not always say where the mistake is.
    const position = findJsonError(text) ?? Number(/ at position (\d+)/.exec(said)?.[1] ?? 0);
    const line = text.slice(0, lastContentBefore(text, position)).split("\n").length;
    return { line, message: `this is not JSON: ${said.replace(/(?: in JSON)? at position .*$/s, "")}` };
  }
}

/** Finds the position at which a text stops being JSON. */
function findJsonError(text: string): number | undefined {
  try {
    parseJsonText(text, { mode: "json" });
    return undefined;
  } catch (error) {
    const { offset } = Object(error);
    return typeof offset === "number" ? offset : undefined;
  }
}

/** Finds the line of a base datum, or else of the nearest datum above it. */
function locateIn(files: readonly DataFile[], path: DataPath): DataLocation {
  for (let length = path.length; length > 0; length -= 1) {
    for (const { file, folders, document, lines } of files) {
      const inside = path.slice(folders.length, length);
      if (inside.length === 0 || folders.some((name, at) => path[at] !== name)) continue;
      const offset = offsetOf(document, inside);
      if (offset !== undefined) return { file, line: lines.linePos(offset).line };
    }
  }
  return { file: "policies/data", line: 1 };
}

function offsetOf(document: Document.Parsed, path: DataPath): number | undefined {
  const node: unknown = document.getIn(path, true);
  return isNode(node) ? node.range?.[0] : undefined;
}
