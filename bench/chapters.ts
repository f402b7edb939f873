import { authorizer } from "./authorizer/chapter.ts";
import { ACCESS } from "./chapters/access.ts";
import { COLD_START } from "./chapters/cold-start.ts";
import { COLD_START_PARTS } from "./chapters/cold-start-parts.ts";
import { GROWTH } from "./chapters/growth.ts";
import { MEMORY_CHAPTER } from "./chapters/memory.ts";
import { REPLAY } from "./chapters/replay.ts";
import { SIZE_CHAPTER } from "./chapters/size.ts";
import { decision } from "./decision/chapter.ts";
import type { Chapter } from "./frame/chapter.ts";

/** The chapters of the benchmark, in the order of docs/performance.md. */
export const CHAPTERS: readonly Chapter[] = [
  decision,
  authorizer,
  COLD_START,
  COLD_START_PARTS,
  SIZE_CHAPTER,
  MEMORY_CHAPTER,
  GROWTH,
  REPLAY,
  ACCESS,
];
