import { spreadOf } from "../statistics.ts";
import type { Case, Chapter, Contender, Sample } from "./chapter.ts";
import type { CaseResult, Figures } from "./results.ts";

/** The longest that one operation may take, in milliseconds. A contender that takes longer is not measured. */
const PATIENCE_MS = 1_500;

/** How often a contender runs before its rounds count, so that it is compiled. */
const WARM_ROUNDS = 2;

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
  for (let round = roundMs === 0 ? 0 : -WARM_ROUNDS; round < rounds; round += 1) {
    const first = (round + WARM_ROUNDS) % running.length;
    for (const { contender, times, samples } of [...running.slice(first), ...running.slice(0, first)]) {
      const sample = await contender.run(times);
      if (round >= 0) samples.push(sample);
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
  const given: { readonly name: string; readonly answers: readonly string[] }[] = [];
  for (const { name, answers } of contenders) if (answers) given.push({ name, answers: await answers() });
  const [first, ...others] = given;
  for (const other of others) {
    const length = Math.max(first?.answers.length ?? 0, other.answers.length);
    const at = Array.from({ length }, (_, at) => at).find((at) => other.answers[at] !== first?.answers[at]);
    if (at === undefined) continue;
    throw new Error(
      `${name}: ${other.name} answers question ${at + 1} with ${other.answers[at]}, and ${first?.name} with ${first?.answers[at]}`,
    );
  }
}

/** Finds how often a contender must run to fill a round. */
async function calibrate({ run }: Contender, roundMs: number): Promise<Calibrated> {
  if (roundMs === 0) return { times: 1 };
  for (let times = 1; ; ) {
    const startMs = performance.now();
    await run(times);
    const tookMs = performance.now() - startMs;
    if (times === 1 && tookMs > PATIENCE_MS) {
      return { slow: `one takes ${(tookMs / 1_000).toFixed(1)} s` };
    }
    if (tookMs >= roundMs / 2) return { times: Math.max(1, Math.round((times * roundMs) / tookMs)) };
    times *= tookMs < roundMs / 20 ? 10 : 2;
  }
}
