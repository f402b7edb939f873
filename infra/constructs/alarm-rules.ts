import { Duration } from "aws-cdk-lib";
import { MathExpression } from "aws-cdk-lib/aws-cloudwatch";
import type { LogMetricName, LogMetrics } from "./log-metrics.ts";

const MINUTE = Duration.minutes(1);
const WINDOW = Duration.minutes(5);

/** One datapoint among the last five raises the alarm, since a line may arrive minutes after its time. */
export const HOLD = { evaluationPeriods: 5, datapointsToAlarm: 1 } as const;

/** Counts faults in each minute, of one version if it is named. Lambda's own reports do not name the version, so they count for all. */
export function faults(metrics: LogMetrics, version?: string): MathExpression {
  return new MathExpression({
    expression: FAULTS,
    label: "Faults",
    period: MINUTE,
    usingMetrics: {
      own: metrics.metric("Faults", version === undefined ? {} : { Version: version }),
      platform: metrics.metric("PlatformFailures"),
    },
  });
}

const FAULTS = "FILL(own, 0) + FILL(platform, 0)";

/** Gives the share of denials among the policy's decisions in five minutes; 0 if there are few decisions. */
export function deniesEverybody(metrics: LogMetrics): MathExpression {
  return new MathExpression({
    expression: DENIED_SHARE,
    label: "Share of denials",
    period: WINDOW,
    usingMetrics: {
      allowed: metrics.metric("Allowed", {}, WINDOW),
      documents: metrics.metric("Documents", {}, WINDOW),
      denied: metrics.metric("Denied", {}, WINDOW),
    },
  });
}

/** The decisions of one version in five minutes from which a share says something. */
const LEAST_DECISIONS = 20;

const DENIED_SHARE =
  `IF(FILL(allowed, 0) + FILL(documents, 0) + FILL(denied, 0) >= ${LEAST_DECISIONS}, ` +
  "FILL(denied, 0) / (FILL(allowed, 0) + FILL(documents, 0) + FILL(denied, 0)), 0)";

/** Standard deviations on each side of the band of usual numbers. CloudWatch's default of 2 leaves one datapoint in twenty outside. */
export const BAND_WIDTH = 4;

/** Gives a number in five minutes for the comparison with the same hours of earlier days; 0 if it is too small to matter. */
export function unusual(metrics: LogMetrics, name: LogMetricName, least: number): MathExpression {
  return new MathExpression({
    expression: `IF(counted >= ${least}, counted, 0)`,
    label: name,
    period: WINDOW,
    usingMetrics: { counted: metrics.metric(name, {}, WINDOW) },
  });
}

/**
 * Says how much more a version denies than the other versions in the same five minutes: above 0 if the difference is more than five
 * in a hundred and four standard deviations. What callers do changes the shares of all versions, and so neither way.
 */
export function canaryDenials(metrics: LogMetrics, version: string): MathExpression {
  const of = (name: "Allowed" | "Documents" | "Denied") => metrics.metric(name, { Version: version }, WINDOW);
  return new MathExpression({
    expression: CANARY_DENIALS,
    label: "Denials beyond those of the other versions",
    period: WINDOW,
    usingMetrics: {
      d1: of("Denied"),
      a1: of("Allowed"),
      t1: of("Documents"),
      d2: metrics.metric("Denied", {}, WINDOW),
      a2: metrics.metric("Allowed", {}, WINDOW),
      t2: metrics.metric("Documents", {}, WINDOW),
    },
  });
}

const OF_VERSION = "(FILL(d1, 0) + FILL(a1, 0) + FILL(t1, 0))";
const OF_ALL = "(FILL(d2, 0) + FILL(a2, 0) + FILL(t2, 0))";
const SHARE = `(FILL(d1, 0) / (${OF_VERSION} + 0.001))`;
const OTHER_SHARE = `((FILL(d2, 0) - FILL(d1, 0)) / (${OF_ALL} - ${OF_VERSION} + 0.001))`;

const CANARY_DENIALS =
  `IF(${OF_VERSION} >= ${LEAST_DECISIONS} AND ${OF_ALL} - ${OF_VERSION} >= ${LEAST_DECISIONS}, ` +
  `${SHARE} - ${OTHER_SHARE} - 0.05 - 4 * ((${OTHER_SHARE} + 0.01) / ${OF_VERSION}) ^ 0.5, 0)`;
