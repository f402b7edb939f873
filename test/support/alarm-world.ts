import { evaluateMath } from "./metric-math.ts";

// CloudWatch as far as alarms need it: datapoints that arrive late, and alarms that are evaluated every minute.

const MINUTE_S = 60;

/** The part of an alarm's template that matters here; the alarm's metric is single, or an expression of several. */
export interface AlarmTemplate {
  readonly Threshold?: number;
  readonly ComparisonOperator: string;
  readonly EvaluationPeriods: number;
  readonly DatapointsToAlarm?: number;
  readonly MetricName?: string;
  readonly Period?: number;
  readonly Metrics?: readonly {
    readonly Id: string;
    readonly Expression?: string;
    readonly MetricStat?: { readonly Metric: MetricTemplate; readonly Period: number };
  }[];
}

interface MetricTemplate {
  readonly MetricName: string;
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: unknown }[];
}

/** Counted events, by the names of their metrics. A metric of the current version has `@current` after its name. */
export interface World {
  /** Adds events to the minute that they have as their time. */
  readonly add: (metric: string, minute: number, count: number) => void;
  /** The sum in the period that ends before a minute, as far as it has arrived then; undefined without a datapoint. */
  readonly sum: (metric: string, endMinute: number, minutes: number, seenAtS: number) => number | undefined;
}

/**
 * Creates a world in which the datapoint of each minute arrives some time after the minute.
 *
 * @param delayS - Gives the seconds after which a datapoint arrives. CloudWatch promises none; some seconds to two minutes are usual.
 */
export function createWorld(delayS: (metric: string, minute: number) => number): World {
  const counts = new Map<string, Map<number, number>>();
  return {
    add(metric, minute, count) {
      const series = counts.get(metric) ?? new Map<number, number>();
      counts.set(metric, series);
      series.set(minute, (series.get(minute) ?? 0) + count);
    },
    sum(metric, endMinute, minutes, seenAtS) {
      let total: number | undefined;
      for (let minute = endMinute - minutes; minute < endMinute; minute += 1) {
        const count = counts.get(metric)?.get(minute);
        if (count === undefined || (minute + 1) * MINUTE_S + delayS(metric, minute) > seenAtS) continue;
        total = (total ?? 0) + count;
      }
      return total;
    },
  };
}

/** Tells whether an alarm is raised in a minute. Missing data is fine, as the templates say. */
export function isRaised(alarm: AlarmTemplate, world: World, minute: number): boolean {
  const { EvaluationPeriods: periods, DatapointsToAlarm: needed = periods, Threshold: threshold = 0 } = alarm;
  const length = (alarm.Period ?? alarm.Metrics?.find(({ MetricStat }) => MetricStat)?.MetricStat?.Period ?? 60) / 60;
  let breaching = 0;
  for (let at = 0; at < periods; at += 1) {
    const value = valueAt(alarm, world, minute - at * length, length, minute * MINUTE_S);
    if (value === undefined) continue;
    if (alarm.ComparisonOperator === "GreaterThanThreshold" ? value > threshold : value >= threshold) breaching += 1;
  }
  return breaching >= needed;
}

function valueAt(alarm: AlarmTemplate, world: World, end: number, length: number, seenAtS: number): number | undefined {
  const { MetricName: name, Metrics: metrics = [] } = alarm;
  if (name !== undefined) return world.sum(name, end, length, seenAtS);
  const values = metrics.flatMap(({ Id, MetricStat }) =>
    MetricStat ? [[Id, world.sum(nameOf(MetricStat.Metric), end, length, seenAtS)] as const] : [],
  );
  const expression = metrics.find(({ Expression }) => Expression !== undefined)?.Expression ?? "";
  return evaluateMath(expression, Object.fromEntries(values));
}

function nameOf({ MetricName, Dimensions = [] }: MetricTemplate): string {
  return Dimensions.some(({ Name }) => Name === "Version") ? `${MetricName}@current` : MetricName;
}

/** Counts how often an alarm goes from fine to raised. */
export function countAlarms(alarm: AlarmTemplate, world: World, fromMinute: number, toMinute: number): number {
  let count = 0;
  let wasRaised = false;
  for (let minute = fromMinute; minute < toMinute; minute += 1) {
    const raised = isRaised(alarm, world, minute);
    if (raised && !wasRaised) count += 1;
    wasRaised = raised;
  }
  return count;
}
