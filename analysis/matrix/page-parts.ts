/**
 * The style of the page. A cell has its line above: the place of a heading that stays where it is may be rounded, so that it would
 * hide a line below the cell before it. Colours differ in lightness too, and every cell has a word, so that
 * nothing is told by colour alone.
 */
export const STYLE = `
:root { color-scheme: light dark; --line: #8888; --soft: #8882; }
body { font: 15px/1.4 system-ui, sans-serif; margin: 1rem; }
h1 { font-size: 1.3rem; margin: 0 0 .5rem; }
h2 { font-size: 1.1rem; margin: 1.5rem 0 .5rem; }
form { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: end; padding: .5rem 0; }
label { display: grid; gap: .15rem; font-size: .85rem; }
input, select, button { font: inherit; padding: .25rem .4rem; box-sizing: border-box; height: 2.1rem; }
.wide { overflow: auto; max-height: 80vh; width: fit-content; max-width: 100%; border: 1px solid var(--line); box-sizing: border-box; }
table { border-collapse: separate; border-spacing: 0; }
tbody th, td { border-top: 1px solid var(--line); }
th:not(:last-child), td:not(:last-child) { border-right: 1px solid var(--line); }
th, td { padding: .2rem .5rem; text-align: left; vertical-align: top; }
thead th { position: sticky; top: 0; background: Canvas; z-index: 2; box-shadow: 0 1px var(--line); min-width: 6rem; max-width: 14rem; overflow-wrap: break-word; }
thead th:first-child { left: 0; z-index: 3; }
tbody th { position: sticky; left: 0; background: Canvas; font: 13px ui-monospace, monospace; white-space: nowrap; }
td small { display: block; min-width: 11rem; max-width: 20rem; overflow-wrap: break-word; }
.allow { background: #2a74; } .own { background: #27c3; } .conditional { background: #b803; }
.denied { background: #c222; } .public { background: #84c4; }
.none { color: #8889; }
[hidden] { display: none !important; }
:focus-visible { outline: 3px solid Highlight; outline-offset: 1px; }
footer { margin-top: 1rem; font-size: .9rem; }
@media (max-width: 40rem) {
  tbody th { white-space: normal; }
  tbody th, thead th:first-child { min-width: 9rem; max-width: 9rem; overflow-wrap: anywhere; }
}
@page { size: landscape; margin: 1cm; }
@media print {
  form { display: none; }
  body { margin: 0; font-size: 9pt; color: #000; }
  .wide { overflow: visible; max-height: none; border: 0; }
  thead { display: table-header-group; }
  thead th, tbody th { position: static; background: none; min-width: 0; }
  td small { min-width: 0; }
  tbody th { white-space: normal; overflow-wrap: anywhere; font-size: 8pt; }
  th, td { padding: .1rem .25rem; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  tr { break-inside: avoid; }
}
`;

/** The script of the page: it hides the rows and columns that the filter leaves out, and says how many rows are left. */
export const SCRIPT = `
"use strict";
const form = document.querySelector("form");
const count = document.getElementById("count");
const tables = [...document.querySelectorAll("table")].map((table) => ({
  table,
  heads: [...table.tHead.rows[0].cells],
  rows: [...table.tBodies[0].rows].map((row) => ({ row, text: row.cells[0].textContent.toLowerCase(), verbs: row.dataset.verbs.split(" ") })),
}));
const accessOf = (cell) => cell.className;
function filter() {
  const text = form.elements.path.value.trim().toLowerCase();
  const { value: verb } = form.elements.verb;
  const { value: subject } = form.elements.subject;
  const { value: access } = form.elements.access;
  let shown = 0;
  for (const { table, heads, rows } of tables) {
    const place = subject === "" ? -1 : heads.findIndex((head) => head.textContent === subject);
    let here = 0;
    for (const { row, text: own, verbs } of rows) {
      const cells = [...row.cells].slice(1);
      const seen = subject === "" ? cells : place < 0 ? [] : [row.cells[place]];
      const isVerb = verb === "" || verbs.includes(verb);
      const isAccess = access === "" ? subject === "" || seen.length > 0 : seen.some((cell) => accessOf(cell) === access);
      row.hidden = !(own.includes(text) && isVerb && isAccess);
      if (!row.hidden) here += 1;
      for (const [at, cell] of cells.entries()) cell.hidden = subject !== "" && at + 1 !== place;
    }
    for (const [at, head] of heads.entries()) head.hidden = at > 0 && subject !== "" && at !== place;
    table.closest("section").hidden = here === 0;
    shown += here;
  }
  count.textContent = shown === 1 ? "1 row" : shown + " rows";
}
// The filter stands in the address, so that what is shown can be sent to somebody.
function remember() {
  const set = [...new FormData(form)].filter(([, value]) => value !== "");
  location.replace("#" + new URLSearchParams(set));
}
function recall() {
  const wanted = new URLSearchParams(location.hash.slice(1));
  for (const field of form.querySelectorAll("[name]")) field.value = wanted.get(field.name) ?? "";
  filter();
}
form.addEventListener("input", () => { filter(); remember(); });
form.addEventListener("reset", () => setTimeout(() => { filter(); remember(); }));
addEventListener("hashchange", recall);
form.addEventListener("submit", (event) => event.preventDefault());
form.hidden = false;
recall();
`;
