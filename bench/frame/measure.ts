import { spreadOf } from "../statistics.ts";
import type { Answers, Case, Chapter, Contender, Sample } from "./chapter.ts";
import type { CaseResult, Figures } from "./results.ts";

/** The longest that one operation may take, in milliseconds. A contender that takes longer is not measured. */
const PATIENCE_MS = 1_500;

/** A contender runs so often before it is measured, or for so long, so that it is compiled. */
const WARM = { times: 10_000, ms: 1_500 };

/** What a contender turned out to be: able to run so often in a round, or too slow. */
type Calibrated = { readonly times: number } | { readonly slow: string };

/**
 * Measures a case: the contenders prove that they answer alike, then take turns. Each round starts with another contender, so that none
 * always runs after the same one.
 *
 * @throws If two contenders answer a question differently.
 */
export async function measureCase({ measures, rounds, roundMs }: Chapter, measured: Case): Promise<CaseResult> {
  await proveSameAnswers(measured);
  const tooSlow = new Map<string, string>();
  const running: { readonly contender: Contender; readonly times: number; readonly samples: Sample[] }[] = [];
  for (const contender of measured.contenders) {
    const calibrated = await calibrate(contender, roundMs);
    if ("slow" in calibrated) tooSlow.set(contender.name, calibrated.slow);
    else running.push({ contender, times: calibrated.times, samples: [] });
  }
  for (let round = 0; round < rounds; round += 1) {
    const first = round % Math.max(1, running.length);
    for (const { contender, times, samples } of [...running.slice(first), ...running.slice(0, first)]) {
      samples.push(await contender.run(times));
    }
  }
  const figures: Record<string, Figures> = {};
  for (const { contender, samples } of running) {
    const values = measures
      .map(({ name }) => [name, samples.flatMap((sample) => sample[name] ?? [])] as const)
      .filter(([, found]) => found.length > 0);
    figures[contender.name] = Object.fromEntries(values.map(([name, found]) => [name, spreadOf(found)]));
  }
  return { name: measured.name, figures, absent: { ...measured.absent, ...Object.fromEntries(tooSlow) } };
}

/** Compares the answers of all contenders with those of the first. */
async function proveSameAnswers({ name, contenders }: Case): Promise<void> {
  const given: { readonly name: string; readonly answers: Answers }[] = [];
  for (const { name, answers } of contenders) if (answers) given.push({ name, answers: await answers() });
  const [first, ...others] = given;
  for (const other of others) {
    if (other.answers.length < (first?.answers.length ?? 0)) {
      throw new Error(
        `${name}: ${other.name} answers ${other.answers.length} questions, and ${first?.name} ${first?.answers.length}`,
      );
    }
    const at = other.answers.findIndex((answer, at) => answer !== undefined && answer !== first?.answers[at]);
    if (at === -1) continue;
    throw new Error(
      `${name}: ${other.name} answers question ${at + 1} with ${other.answers[at]}, and ${first?.name} with ${first?.answers[at]}`,
    );
  }
}

/** Warms a contender up, and finds how often it must run to fill a round. */
async function calibrate({ run }: Contender, roundMs: number): Promise<Calibrated> {
  if (roundMs === 0) return { times: 1 };
  const firstMs = await timeMs(() => run(1));
  if (firstMs > PATIENCE_MS) return { slow: `one takes ${(firstMs / 1_000).toFixed(1)} s` };
  let [times, msOfOne] = [1, firstMs];
  for (let [done, tookMs] = [1, firstMs]; done < WARM.times && tookMs < WARM.ms; done += times) {
    times = Math.max(1, Math.min(2 * times, Math.round(roundMs / msOfOne)));
    const ms = await timeMs(() => run(times));
    tookMs += ms;
    // The least, since a run that something else held up must not decide.
    msOfOne = Math.min(msOfOne, ms / times);
  }
  return { times: Math.max(1, Math.round(roundMs / msOfOne)) };
}

async function timeMs(done: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await done();
  return performance.now() - startMs;
}
