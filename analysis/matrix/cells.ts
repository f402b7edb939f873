import { HTTP_METHODS } from "../../contract/route.ts";
import { NOT_PROVED } from "../access/formats.ts";
import type { Access } from "../access/model.ts";
import type { Cell, Matrix, MatrixRow } from "./model.ts";
import { formatTermsFor } from "./terms.ts";

/** The words for how access is decided, in tables. */
export const WORDS: Readonly<Record<Access, string>> = {
  none: "",
  allow: "allowed",
  conditional: "conditional",
  own: "own only",
  denied: "denied",
  public: "public",
};

/** Says what a matrix does not show; each format has it. */
export const NOT_SHOWN: readonly string[] = [
  "A column carries what its name says, and nothing else. A path stands for the paths that no other row names more exactly.",
  NOT_PROVED,
];

/** Finds the access of a subject to a row. */
export function cellAt({ cells, others }: MatrixRow, place: number): Cell {
  return cells.get(place) ?? others;
}

/** Formats what must hold for an access, in alternatives; empty if nothing must. */
export function formatCellTerms({ terms }: Cell, { segments }: MatrixRow): string {
  return terms.map((one) => formatTermsFor(one, segments)).join(", or ");
}

/** Formats verbs in few letters: `GET,POST`, `ANY`, `all but GET`. */
export function formatVerbs(verbs: readonly string[]): string {
  const others = HTTP_METHODS.filter((method) => !verbs.includes(method));
  const isMost = others.length > 0 && others.length <= 2 && verbs.every((verb) => HTTP_METHODS.includes(verb));
  return isMost ? `all but ${others.join(",")}` : verbs.join(",");
}

/** Formats the access as words: `allowed`, `if in_the_office`, `own only`. */
export function formatCell(cell: Cell, row: MatrixRow): string {
  const terms = formatCellTerms(cell, row);
  return terms === "" ? WORDS[cell.access] : `${WORDS[cell.access]}: ${terms}`;
}

/** The rows of a matrix under one heading. */
export interface Section {
  /** Empty for the only section. */
  readonly title: string;
  readonly rows: readonly MatrixRow[];
}

/** Splits the rows by area, if the matrix is by area. A path that rules of two areas name is in both. */
export function toSections({ by, rows }: Matrix): readonly Section[] {
  if (by !== "area") return [{ title: "", rows }];
  const areas = new Map<string, MatrixRow[]>();
  for (const row of rows) {
    for (const area of row.groups) {
      const known = areas.get(area);
      if (known === undefined) areas.set(area, [row]);
      else known.push(row);
    }
  }
  return [...areas.keys()].sort().map((area) => ({ title: `area ${area}`, rows: areas.get(area) ?? [] }));
}

/** Names the API of a matrix, if there are several matrices; empty if there is one. */
export function formatApi({ api }: Matrix, matrices: readonly Matrix[]): string {
  if (matrices.length === 1 && api === undefined) return "";
  return api === undefined ? "other APIs" : `API ${api}`;
}

/** Lists the places of the subjects that have access to some row, or are denied what others have. */
export function listUsed({ subjects }: Matrix, rows: readonly MatrixRow[]): readonly number[] {
  const used = new Set<number>();
  for (const { cells } of rows) for (const place of cells.keys()) used.add(place);
  // Somebody without a role has a column, so that an access for everybody is visible.
  return subjects.map((_, place) => place).filter((place) => place === 0 || used.has(place));
}

/** Finds the length of the longest text. There may be more texts than a call has arguments. */
export function longestOf(texts: readonly string[]): number {
  return texts.reduce((most, { length }) => Math.max(most, length), 0);
}
