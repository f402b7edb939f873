import { createHash } from "node:crypto";
import { HTTP_METHODS } from "../../contract/route.ts";
import type { Access } from "../access/model.ts";
import { cellAt, formatApi, formatCellTerms, formatVerbs, listUsed, NOT_SHOWN, toSections, WORDS } from "./cells.ts";
import type { Cell, Matrix, MatrixBy, MatrixRow } from "./model.ts";
import { SCRIPT, STYLE } from "./page-parts.ts";

const TITLES: Readonly<Record<MatrixBy, string>> = {
  role: "Access by role",
  group: "Access by group",
  area: "Access by area",
  route: "Access by route",
};

/**
 * Formats matrices as one page that needs no network: it filters, prints, and is read with a keyboard or a screen reader. Without
 * scripts, all rows are there.
 *
 * The policy of the page lets nothing run and nothing load but its own style and script, by their digests.
 */
export function formatPage(matrices: readonly Matrix[]): string {
  const title = TITLES[matrices[0]?.by ?? "role"];
  const policy = `default-src 'none'; style-src '${digestOf(STYLE)}'; script-src '${digestOf(SCRIPT)}'; base-uri 'none'; form-action 'none'`;
  return [
    "<!doctype html>",
    '<html lang="en">',
    '<head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${title}</title><style>${STYLE}</style></head>`,
    `<body><h1>${title}</h1>`,
    formatForm(matrices),
    '<p id="count" role="status" aria-live="polite"></p>',
    "<main>",
    ...matrices.flatMap((matrix) =>
      toSections(matrix).map(({ title: section, rows }) => {
        const heading = [formatApi(matrix, matrices), section].filter((text) => text !== "").join(", ");
        return formatTable(matrix, rows, heading);
      }),
    ),
    "</main>",
    `<footer>${NOT_SHOWN.map((line) => `<p>${escapeHtml(line)}</p>`).join("")}</footer>`,
    `<script>${SCRIPT}</script></body></html>`,
    "",
  ].join("\n");
}

function digestOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

function formatForm(matrices: readonly Matrix[]): string {
  const verbs = [...HTTP_METHODS, "CONNECT"];
  const subjects = [...new Set(matrices.flatMap((matrix) => matrix.subjects))];
  const accesses = Object.entries(WORDS).map(([access, word]) => [access, word === "" ? "no grant" : word] as const);
  return [
    '<form hidden aria-label="Filter" autocomplete="off">',
    '<label>Path <input name="path" type="search" spellcheck="false"></label>',
    formatSelect(
      "verb",
      "Verb",
      verbs.map((verb) => [verb, verb] as const),
    ),
    formatSelect(
      "subject",
      "Who",
      subjects.map((name) => [name, name] as const),
    ),
    formatSelect("access", "Access", accesses),
    '<button type="reset">Show all</button></form>',
  ].join("\n");
}

function formatSelect(
  name: string,
  label: string,
  options: readonly (readonly [value: string, text: string])[],
): string {
  const all = [["", "all"] as const, ...options];
  const items = all.map(([value, text]) => `<option value="${escapeHtml(value)}">${escapeHtml(text)}</option>`);
  return `<label>${label} <select name="${name}">${items.join("")}</select></label>`;
}

function formatTable(matrix: Matrix, rows: readonly MatrixRow[], heading: string): string {
  const places = listUsed(matrix, rows);
  const names = places.map((place) => `<th scope="col">${escapeBreakable(matrix.subjects[place] ?? "")}</th>`);
  const caption = heading === "" ? "" : `<h2>${escapeHtml(heading)}</h2>`;
  // A region that scrolls takes the focus, so that the keyboard scrolls it.
  const label = escapeHtml(heading === "" ? "Access" : heading);
  return [
    `<section>${caption}<div class="wide" tabindex="0" role="region" aria-label="${label}">`,
    `<table aria-label="${label}"><thead><tr><th scope="col">Verbs and path</th>${names.join("")}</tr></thead><tbody>`,
    ...rows.map((row) => formatRow(row, places)),
    "</tbody></table></div></section>",
  ].join("\n");
}

function formatRow(row: MatrixRow, places: readonly number[]): string {
  const verbs = row.verbs.flatMap((verb) => (verb === "ANY" ? ["ANY", ...HTTP_METHODS] : [verb]));
  const head = `<th scope="row">${escapeHtml(`${formatVerbs(row.verbs)} ${row.path}`)}</th>`;
  return `<tr data-verbs="${verbs.join(" ")}">${head}${places.map((place) => formatCell(cellAt(row, place), row)).join("")}</tr>`;
}

const EMPTY: Readonly<Record<Access, string>> = { ...WORDS, none: "–" };

function formatCell(cell: Cell, row: MatrixRow): string {
  const terms = formatCellTerms(cell, row);
  const small = terms === "" ? "" : `<small>${escapeBreakable(terms)}</small>`;
  return `<td class="${cell.access}">${EMPTY[cell.access]}${small}</td>`;
}

/** Escapes text for HTML, also in an attribute with double quotes. */
function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

/** The longest word that is not broken: a column has room for it. */
const MAX_WHOLE_CHARS = 22;

/** Escapes text whose long words may be broken where a part of the word ends. */
function escapeBreakable(text: string): string {
  const words = text.split(" ").map((word) => {
    const parts = word.length > MAX_WHOLE_CHARS ? word.split(/(?<=[_=:/@.])|(?<=[a-z])(?=[A-Z])/) : [word];
    return parts.map(escapeHtml).join("<wbr>");
  });
  return words.join(" ");
}
