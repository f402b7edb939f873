import type { Access } from "../access/model.ts";
import {
  cellAt,
  formatApi,
  formatCellTerms,
  formatVerbs,
  listUsed,
  longestOf,
  NOT_SHOWN,
  toSections,
} from "./cells.ts";
import type { Cell, Matrix, MatrixRow } from "./model.ts";

/** The width of a terminal that tables fit. */
const MAX_COLUMNS = 100;

/** The width of verbs and paths; longer ones have a line of their own. */
const MAX_LABEL = 44;

/** The longest part of a subject's name in a line at the head of a column. */
const MAX_NAME = 22;

const SHORT: Readonly<Record<Access, string>> = {
  none: "-",
  allow: "yes",
  conditional: "if",
  own: "own",
  denied: "DENY",
  public: "public",
};

/** Formats matrices for a terminal: columns that do not fit fold into further tables below. */
export function formatText(matrices: readonly Matrix[]): string {
  const terms = new Map<string, number>();
  const tables = matrices.flatMap((matrix) =>
    toSections(matrix).flatMap(({ title, rows }) => {
      const heading = [formatApi(matrix, matrices), title].filter((text) => text !== "").join(", ");
      return [...(heading === "" ? [] : [heading, ""]), ...formatTables(matrix, rows, terms)];
    }),
  );
  return [...tables, ...formatLegend(terms), ...NOT_SHOWN.flatMap(fold), ""].join("\n");
}

/** Formats the rows in as many tables as their columns need. */
function formatTables(matrix: Matrix, rows: readonly MatrixRow[], terms: Map<string, number>): readonly string[] {
  if (rows.length === 0) return ["no rows", ""];
  const labels = rows.map(({ verbs, path }) => `${formatVerbs(verbs)} ${path}`);
  const ofLabel = Math.min(MAX_LABEL, longestOf(labels));
  const columns = listUsed(matrix, rows).map((place) => {
    const cells = rows.map((row) => formatShort(cellAt(row, place), row, terms));
    const head = foldName(matrix.subjects[place] ?? "");
    return {
      head,
      cells,
      width: Math.max(longestOf(head), longestOf(cells)),
    };
  });
  const blocks: (typeof columns)[] = [];
  for (const column of columns) {
    const last = blocks.at(-1);
    const used = (last ?? []).reduce((sum, { width }) => sum + width + 2, ofLabel);
    if (last === undefined || used + column.width + 2 > MAX_COLUMNS) blocks.push([column]);
    else last.push(column);
  }
  return blocks.flatMap((block) => {
    const height = Math.max(...block.map(({ head }) => head.length));
    const heads = Array.from({ length: height }, (_, at) =>
      toLine(
        "",
        ofLabel,
        block.map(({ head, width }) => (head[at] ?? "").padEnd(width)),
      ),
    );
    const lines = labels.flatMap((label, at) => {
      const cells = block.map((column) => (column.cells[at] ?? "").padEnd(column.width));
      // A path is a whole word, so that it is copied and found.
      return label.length <= ofLabel ? [toLine(label, ofLabel, cells)] : [label, toLine("", ofLabel, cells)];
    });
    return [...heads, ...lines, ""];
  });
}

function toLine(label: string, width: number, cells: readonly string[]): string {
  return [label.padEnd(width), ...cells].join("  ").trimEnd();
}

/** Folds the name of a subject at its spaces, and a long word where a part of it ends, or else anywhere. */
function foldName(name: string): readonly string[] {
  return name.split(" ").flatMap((word) => {
    const parts = word.length <= MAX_NAME ? [word] : word.split(/(?<=[=:/@])/);
    return parts.flatMap((part) => part.match(TOO_LONG) ?? []);
  });
}

const TOO_LONG = new RegExp(`.{1,${MAX_NAME}}`, "gu");

/** Formats a cell in a few letters, with the number of what must hold in the legend. */
function formatShort(cell: Cell, row: MatrixRow, terms: Map<string, number>): string {
  const text = formatCellTerms(cell, row);
  if (text === "") return SHORT[cell.access];
  const number = terms.get(text) ?? terms.size + 1;
  terms.set(text, number);
  return `${SHORT[cell.access]} ${number}`;
}

function formatLegend(terms: ReadonlyMap<string, number>): readonly string[] {
  const words = "yes: allowed; own, if: allowed under the condition with this number; DENY: a denial; -: no grant";
  const numbered = [...terms].flatMap(([text, number]) => fold(`${number}: ${text}`));
  return [...fold(words), ...numbered, ""];
}

/** Folds a line at its spaces. */
function fold(text: string): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length + 1 > MAX_COLUMNS)
      lines.push(lines.length === 0 ? word : `  ${word}`);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
