import { formatCellCode, formatText } from "../../contract/markdown.ts";
import {
  cellAt,
  formatApi,
  formatCell,
  formatCellTerms,
  formatVerbs,
  listUsed,
  NOT_SHOWN,
  toSections,
  WORDS,
} from "./cells.ts";
import type { Cell, Matrix, MatrixRow } from "./model.ts";
import { toConditions } from "./terms.ts";

/** Formats matrices as tables in Markdown. */
export function formatMarkdown(matrices: readonly Matrix[]): string {
  const parts = matrices.flatMap((matrix) =>
    toSections(matrix).flatMap(({ title, rows }) => {
      const heading = [formatApi(matrix, matrices), title].filter((text) => text !== "").join(", ");
      const places = listUsed(matrix, rows);
      const names = places.map((place) => formatCellCode(matrix.subjects[place] ?? ""));
      const lines = rows.map((row) => {
        const cells = places.map((place) => formatMarkdownCell(cellAt(row, place), row));
        return toMarkdownRow([formatVerbs(row.verbs), formatCellCode(row.path), ...cells]);
      });
      return [
        ...(heading === "" ? [] : [`## ${formatText(heading)}`, ""]),
        toMarkdownRow(["verbs", "path", ...names]),
        toMarkdownRow(["---", "---", ...names.map(() => "---")]),
        ...lines,
        "",
      ];
    }),
  );
  return [...parts, ...NOT_SHOWN, ""].join("\n");
}

function toMarkdownRow(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

/** Formats the access as a word, with what must hold as code. */
function formatMarkdownCell(cell: Cell, row: MatrixRow): string {
  const terms = formatCellTerms(cell, row);
  return terms === "" ? WORDS[cell.access] : `${WORDS[cell.access]}: ${formatCellCode(terms)}`;
}

/** Formats matrices as CSV (RFC 4180): a line for each row, a column for each subject. */
export function formatCsv(matrices: readonly Matrix[]): string {
  const subjects = [...new Set(matrices.flatMap((matrix) => matrix.subjects))];
  const head = ["api", "area", "verbs", "path", ...subjects];
  const lines = matrices.flatMap((matrix) => {
    const places = new Map(matrix.subjects.map((name, place) => [name, place]));
    return matrix.rows.map((row) => [
      formatApi(matrix, matrices).replace(/^API /, ""),
      row.groups.join(" "),
      row.verbs.join(" "),
      row.path,
      ...subjects.map((name) => {
        const place = places.get(name);
        return place === undefined ? "" : formatCell(cellAt(row, place), row);
      }),
    ]);
  });
  return [head, ...lines].map((cells) => `${cells.map(toCsvField).join(",")}\r\n`).join("");
}

/** Writes a field. A spreadsheet would compute a text that begins like a formula, so an apostrophe is put before it. */
function toCsvField(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A cell as JSON has it. */
interface JsonCell {
  readonly access: Cell["access"];
  /** The terms that must hold, in alternatives. */
  readonly conditions?: readonly (readonly string[])[];
  readonly by: readonly string[];
}

/** Formats matrices as JSON. A row has the subjects whose access is not that of `others`. */
export function formatJson(matrices: readonly Matrix[]): string {
  const document = {
    format: 1,
    by: matrices[0]?.by,
    matrices: matrices.map(({ api, subjects, rows }) => ({
      api: api ?? null,
      subjects,
      rows: rows.map(({ groups, path, verbs, others, cells }) => ({
        ...{ path, verbs, areas: groups, others: toJsonCell(others) },
        cells: Object.fromEntries([...cells].map(([place, cell]) => [subjects[place] ?? "", toJsonCell(cell)])),
      })),
    })),
  };
  return `${JSON.stringify(document)}\n`;
}

function toJsonCell({ access, terms, by }: Cell): JsonCell {
  return { access, ...(terms.length > 0 && { conditions: terms.map(toConditions) }), by };
}
