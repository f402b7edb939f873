import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { CHAPTERS } from "./chapters.ts";
import type { Chapter } from "./frame/chapter.ts";
import { readMachine } from "./frame/machine.ts";
import { measureCase } from "./frame/measure.ts";
import { toPerformancePage } from "./frame/page.ts";
import { type CaseResult, type ChapterResult, formatResults, parseResults, type Results } from "./frame/results.ts";
import { formatCase, formatGoals } from "./frame/terminal.ts";
import { installPeers } from "./peers.ts";
import { buildSample } from "./sample.ts";

// `npm run bench` measures all chapters, `npm run bench -- --chapter decision` one of them. Either way it replaces what it measured in
// bench/results.json, and writes docs/performance.md anew.

const RESULTS_FILE = join(import.meta.dirname, "results.json");
const PAGE = join(import.meta.dirname, "../docs/performance.md");

const { values } = parseArgs({ options: { chapter: { type: "string", multiple: true, default: [] } } });
const names = CHAPTERS.map(({ name }) => name);
const unknown = values.chapter.find((name) => !names.includes(name));
if (unknown !== undefined) {
  console.error(`there is no chapter "${unknown}"; there are ${names.join(", ")}`);
  process.exit(2);
}

installPeers();
const { revision } = (await buildSample()).manifest;
for (const chapter of CHAPTERS) {
  if (values.chapter.length > 0 && !values.chapter.includes(chapter.name)) continue;
  const measured = await measureChapter(chapter);
  // Written after each chapter, so that a run that is stopped keeps what it has measured.
  const results = await readResults();
  const written: Results = { ...results, chapters: { ...results.chapters, [chapter.name]: measured } };
  await writeFile(RESULTS_FILE, formatResults(written));
  // As they were rounded: the page must be what `npm run generate` makes of the file.
  await writeFile(PAGE, toPerformancePage(CHAPTERS, await readResults()));
}

async function measureChapter(chapter: Chapter): Promise<ChapterResult> {
  console.log(`\n${chapter.title}`);
  const startMs = performance.now();
  const cases: CaseResult[] = [];
  for await (const next of chapter.cases()) {
    const measured = await measureCase(chapter, next);
    console.log(formatCase(chapter, measured));
    cases.push(measured);
  }
  const seconds = Math.round((performance.now() - startMs) / 1_000);
  if (chapter.goals.length > 0) console.log(`\n${formatGoals(chapter, cases)}`);
  console.log(`  measured in ${seconds} s`);
  const date = new Date().toISOString().slice(0, 10);
  return { date, revision, machine: await readMachine(), rounds: chapter.rounds, seconds, cases };
}

async function readResults(): Promise<Results> {
  const results = parseResults(await readFile(RESULTS_FILE, "utf8"));
  if (results.ok) return results.value;
  throw new Error(`bench/results.json${results.error.at} does not have its form; restore the file`);
}
