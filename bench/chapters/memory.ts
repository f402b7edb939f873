import { builtPolicy } from "../built-policies.ts";
import { columnsOf, perRound } from "../columns.ts";
import type { Chapter, MedianOf } from "../frame/chapter.ts";
import { formatNumber, ratio } from "../frame/figure.ts";
import { type MemoryPoint, measureMemory } from "../memory.ts";

const MEMORY = "memory";
const ENGINE = "engine";
const HEAP = "JavaScript";
const PROCESS = "process";
const PEAK = "process, at most";

/** The numbers of decisions after which memory is measured in one process. */
const LONG = [1, 10_000, 50_000, 100_000] as const;
const LONG_GRANTS = 1_000;

const nameOf = (grants: number, decisions: number) =>
  `${grants.toLocaleString("en-US")} grants, ${decisions === 1 ? "first decision" : `${decisions.toLocaleString("en-US")} decisions`}`;

const growth = (medianOf: MedianOf, column: string, [from, to]: readonly [number, number]) =>
  ratio(medianOf(nameOf(LONG_GRANTS, to), column), medianOf(nameOf(LONG_GRANTS, from), column));

export const MEMORY_CHAPTER: Chapter = {
  name: "memory",
  title: "Memory",
  asks: `The built handler in a fresh process of Node 24, after its garbage is collected. A process that decides on needs more at first: the
collector lets new objects take some megabytes before it collects them, however many decisions there are.`,
  contenders: {
    [ENGINE]: "the memory of the WebAssembly module, with the policy index in it",
    [HEAP]: "the objects of JavaScript that are in use",
    [PROCESS]: "the resident memory of the process, Node's own included",
    [PEAK]: "the most that it was; Lambda prints it as `Max Memory Used`, with its own runtime on top",
  },
  column: "memory",
  measures: [{ name: MEMORY, unit: "MB" }],
  rounds: 7,
  roundMs: 0,
  goals: [
    {
      what: "Engine's memory after 100,000 decisions ÷ after the first",
      unit: "times",
      bound: "at most",
      limit: 1.05,
      of: (medianOf) => growth(medianOf, ENGINE, [1, 100_000]),
    },
    {
      what: "Memory of the process after 100,000 decisions ÷ after 50,000",
      unit: "times",
      bound: "at most",
      limit: 1.05,
      of: (medianOf) => growth(medianOf, PROCESS, [50_000, 100_000]),
    },
  ],
  meaning(medianOf) {
    const [few, most] = [10, 10_000].map((grants) => medianOf(nameOf(grants, 1), PEAK));
    const busy = medianOf(nameOf(LONG_GRANTS, 100_000), PEAK);
    if (few === undefined || most === undefined || busy === undefined) return "";
    return `A thousand more grants take ${formatNumber((most - few) / 10)} MB of the process. After 100,000 decisions it has had
${formatNumber(busy)} MB at most, with ${LONG_GRANTS.toLocaleString("en-US")} grants. ${busy + most - few < 128 ? "So choose the memory size of the function for the share of a core that comes with it" : "So a function needs 256 MB or more"}.`;
  },
  async *cases() {
    for (const grants of [10, 10_000]) {
      const policy = await builtPolicy(grants);
      yield {
        name: nameOf(grants, 1),
        contenders: columnsOf(Object.keys(MEMORY_CHAPTER.contenders), MEMORY, async () => {
          return toFigures((await measureMemory(policy, [1]))[0]);
        }),
      };
    }
    const policy = await builtPolicy(LONG_GRANTS);
    const measured = perRound(() => measureMemory(policy, LONG));
    for (const [at, decisions] of LONG.entries()) {
      yield {
        name: nameOf(LONG_GRANTS, decisions),
        contenders: columnsOf(Object.keys(MEMORY_CHAPTER.contenders), MEMORY, async (round) => {
          return toFigures((await measured(round))[at]);
        }),
      };
    }
  },
};

function toFigures(point: MemoryPoint | undefined): Readonly<Record<string, number>> {
  if (point === undefined) return {};
  const { engine, heap, resident, peak } = point;
  return { [ENGINE]: engine / 1e6, [HEAP]: heap / 1e6, [PROCESS]: resident / 1e6, [PEAK]: peak / 1e6 };
}
