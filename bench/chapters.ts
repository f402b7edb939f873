import type { Chapter } from "./frame/chapter.ts";

/** The chapters of the benchmark, in the order of docs/performance.md. */
export const CHAPTERS: readonly Chapter[] = [];
