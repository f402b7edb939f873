import { type AlarmTemplate, countAlarms, createWorld, isRaised, type World } from "./alarm-world.ts";

const DAY_MINUTES = 1_440;

/** Creates numbers from 0 to 1 that are the same in each run. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Draws a number of events with a mean, by Poisson's distribution; by the normal one if there are many. */
function draw(random: () => number, mean: number): number {
  if (mean > 50) {
    const normal = Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal));
  }
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random(); product > limit; product *= random()) count += 1;
  return count;
}

/** Makes datapoints arrive 5 to 120 seconds after their minute, the same ones always after the same time. */
function delaysOf(seed: number): (metric: string, minute: number) => number {
  return (metric, minute) => {
    let hash = seed + minute * 7_919;
    for (const character of metric) hash = Math.imul(hash ^ character.charCodeAt(0), 16_777_619);
    return 5 + ((hash >>> 0) % 116);
  };
}

interface Traffic {
  /** Requests in a second, by what becomes of them. */
  readonly refused: number;
  readonly allowed: number;
  readonly denied: number;
}

/** The time from the invocation, whose time Lambda's metric has, to the line, whose time the counted metric has. */
const LINE_AFTER_S = 0.01;

/** Fills days with healthy traffic, of which a tenth goes to the current version. */
function createHealthyDays(days: number, traffic: Traffic, seed: number): World {
  const random = createRandom(seed);
  const world = createWorld(delaysOf(seed));
  let late = 0;
  for (let minute = 0; minute < days * DAY_MINUTES; minute += 1) {
    const refused = draw(random, traffic.refused * 60);
    // Lambda counts a refusal of a REST API as an error, at the time of its start. The line may be in the next minute.
    const stillToCome = Math.min(refused, draw(random, traffic.refused * LINE_AFTER_S));
    if (refused > 0) world.add("Errors", minute, refused);
    world.add("Refused", minute, refused - stillToCome + late);
    late = stillToCome;
    for (const [metric, rate] of [
      ["Allowed", traffic.allowed],
      ["Denied", traffic.denied],
    ] as const) {
      const ofCurrent = draw(random, rate * 6);
      world.add(`${metric}@current`, minute, ofCurrent);
      world.add(metric, minute, ofCurrent + draw(random, rate * 54));
    }
    for (const metric of ["Faults", "Faults@current", "PlatformFailures", "KeysNotRenewed"])
      world.add(metric, minute, 0);
  }
  return world;
}

/** The alarm that subtracts refusals from Lambda's errors, which this one replaces. */
export const SUBTRACTING: AlarmTemplate = {
  Threshold: 1,
  ComparisonOperator: "GreaterThanOrEqualToThreshold",
  EvaluationPeriods: 1,
  Metrics: [
    { Id: "e", Expression: "errors - FILL(refusals, 0)" },
    { Id: "errors", MetricStat: { Metric: { MetricName: "Errors" }, Period: 60 } },
    { Id: "refusals", MetricStat: { Metric: { MetricName: "Refused" }, Period: 60 } },
  ],
};

/** Counts false alarms in a day of healthy traffic. */
export function countFalseAlarms(alarm: AlarmTemplate, days: number, traffic: Traffic, seed: number): number {
  const world = createHealthyDays(days, traffic, seed);
  // The subtracting alarm is judged with all data, since it is wrong even then.
  const judged =
    alarm === SUBTRACTING
      ? {
          ...world,
          sum: (metric: string, end: number, length: number) =>
            world.sum(metric, end, length, Number.POSITIVE_INFINITY),
        }
      : world;
  return countAlarms(alarm, judged, 10, days * DAY_MINUTES) / days;
}

/** A fault: events in each second from its begin, by metric. */
export type Fault = Readonly<Record<string, number>>;

/** Measures the seconds from the begin of a fault to its alarm, for many begins within a minute; the median and the longest. */
export function measureTimeToAlarm(
  alarm: AlarmTemplate,
  fault: Fault,
  healthy: Fault,
): { readonly median: number; readonly longest: number } {
  const times: number[] = [];
  for (let run = 0; run < 60; run += 1) {
    const random = createRandom(run + 1);
    const world = createWorld(delaysOf(run));
    const beginS = 3_600 + run;
    for (let minute = 0; minute < 180; minute += 1) {
      const share = Math.min(1, Math.max(0, minute + 1 - beginS / 60));
      for (const metric of new Set([...Object.keys(fault), ...Object.keys(healthy)])) {
        const mean = 60 * (share * (fault[metric] ?? 0) + (1 - share) * (healthy[metric] ?? 0));
        world.add(metric, minute, draw(random, mean));
      }
    }
    let minute = 60;
    while (minute < 180 && !isRaised(alarm, world, minute)) minute += 1;
    times.push(minute === 180 ? Number.POSITIVE_INFINITY : minute * 60 - beginS);
  }
  times.sort((one, other) => one - other);
  return { median: times[30] ?? Number.NaN, longest: times[59] ?? Number.NaN };
}
