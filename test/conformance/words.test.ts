import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { DOCSTRING_WITHOUT_SUBJECT, FUNCTION_DOCSTRING, GIVEN_UP, METADATA_WITHOUT_SUBJECT } from "../../dev/words.ts";

const list = (...patterns: readonly string[]) =>
  execFileSync("git", ["ls-files", ...patterns], { encoding: "utf8" })
    .trim()
    .split("\n");

/** The change log and the decisions keep the words of their time, and the table of words has to name them. */
const NOT_HELD = ["CHANGELOG.md", "DECISIONS.md", "dev/words.ts", "docs/glossary.md", "contract/engine-input.ts"];
const DOCS = list("*.md").filter((file) => !NOT_HELD.includes(file));
const DATA = list("policies/schemas/*.json", "test/conformance/*.json");
const REGO = list("*.rego");

const SOURCES = list("*.ts", "*.rego").filter((file) => !NOT_HELD.includes(file));
const PRODUCT = SOURCES.filter((file) => !/^(test|bench)\//.test(file));

/** A piece of text, and the line that it starts on. */
interface Piece {
  readonly text: string;
  readonly line: number;
}

/** Extracts the comments and strings of a source file, without its code. */
function proseOf(source: string): readonly Piece[] {
  const pieces: Piece[] = [];
  const pattern = /\/\*\*?([\s\S]*?)\*\/|\/\/(.*)|(?:^|\n)[\t ]*#(.*)|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`/g;
  for (const match of source.matchAll(pattern)) {
    const text = match.slice(1).find((part) => part !== undefined) ?? "";
    pieces.push({ text: text.replaceAll(/\n\s*\* ?/g, " "), line: source.slice(0, match.index).split("\n").length });
  }
  return pieces;
}

function findGivenUp(file: string, pieces: readonly Piece[]): readonly string[] {
  return pieces.flatMap(({ text, line }) =>
    GIVEN_UP.flatMap(({ pattern, instead }) => {
      const found = pattern.exec(text);
      return found === null ? [] : [`${file}:${line}: "${found[0]}": ${instead}`];
    }),
  );
}

/** Splits a page into paragraphs, table rows and headings. A sentence may continue on the next line. */
function paragraphsOf(page: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let line = 1;
  for (const text of page.split(/\n(?=\s*\n|[|#>-])/)) {
    pieces.push({ text: text.replaceAll(/\s+/g, " "), line });
    line += text.split("\n").length;
  }
  return pieces;
}

it("docs use the words of the glossary", () => {
  expect(DOCS.flatMap((file) => findGivenUp(file, paragraphsOf(readFileSync(file, "utf8"))))).toEqual([]);
});

it("comments, messages and names of tests use the words of the glossary", () => {
  expect(SOURCES.flatMap((file) => findGivenUp(file, proseOf(readFileSync(file, "utf8"))))).toEqual([]);
});

it("schemas and the cases of conformance tests use the words of the glossary", () => {
  expect(DATA.length).toBeGreaterThan(10);
  expect(DATA.flatMap((file) => findGivenUp(file, proseOf(readFileSync(file, "utf8"))))).toEqual([]);
});

it.each([
  ["titles and descriptions of Rego", REGO, /^# (?:title|description):(?: \|\n#)? *"?(.*)$/gm, 80],
  ["descriptions of schemas", list("policies/schemas/*.json"), /"(?:title|description)": "(.*)"/g, 20],
] as const)("%s have a subject", (_, files, pattern, atLeast) => {
  const texts = files.flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(pattern)].map(([, text = ""]) => ({ file, text })),
  );
  expect(texts.length).toBeGreaterThan(atLeast);
  const found = texts.filter(({ text }) => METADATA_WITHOUT_SUBJECT.test(text));
  expect(found.map(({ file, text }) => `${file}: ${text.slice(0, 60)}`)).toEqual([]);
});

describe("docstrings", () => {
  const docstrings = PRODUCT.filter((file) => file.endsWith(".ts")).flatMap((file) => {
    const source = readFileSync(file, "utf8");
    return [...source.matchAll(/^[ \t]*\/\*\*\s*\*?\s*([\s\S]*?)\*\/\s*([^\n]*)/gm)].map(
      ({ 1: text = "", 2: code = "", index }) => ({
        at: `${file}:${source.slice(0, index).split("\n").length}`,
        text: text.replaceAll(/\n\s*\* ?/g, " ").trim(),
        code,
      }),
    );
  });

  it("have a subject", () => {
    const found = docstrings.filter(({ text }) => DOCSTRING_WITHOUT_SUBJECT.test(text));
    expect(found.map(({ at, text }) => `${at}: ${text.slice(0, 60)}`)).toEqual([]);
  });

  it("say first what a function does", () => {
    const functions = docstrings.filter(({ code }) => /^(export )?(async )?function /.test(code));
    expect(functions.length).toBeGreaterThan(200);
    const found = functions.filter(({ text }) => !text.startsWith("@") && !FUNCTION_DOCSTRING.test(text));
    expect(found.map(({ at, text }) => `${at}: ${text.slice(0, 60)}`)).toEqual([]);
  });

  it("are before every exported function", () => {
    const found = PRODUCT.filter((file) => file.endsWith(".ts")).flatMap((file) => {
      const lines = readFileSync(file, "utf8").split("\n");
      return lines.flatMap((text, at) => {
        const [, name] = /^export (?:async )?function (\w+)/.exec(text) ?? [];
        return name === undefined || lines[at - 1]?.endsWith("*/") === true ? [] : [`${file}: ${name}`];
      });
    });
    expect(found).toEqual([]);
  });
});
