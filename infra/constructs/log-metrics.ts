import { Duration } from "aws-cdk-lib";
import { Metric, Unit } from "aws-cdk-lib/aws-cloudwatch";
import { FilterPattern, type ILogGroup, MetricFilter } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { POLICY_REASONS } from "../../contract/reason-codes.ts";

/** A metric that is counted from lines of the log. */
interface LogMetric {
  readonly pattern: string;
  /** The field with the value; default: each line counts one. */
  readonly value?: string;
  readonly unit?: Unit;
  /** How values of a minute become one; default: their average, or the sum of what each line counts. */
  readonly statistic?: "Maximum";
  /** The fields by which the metric is counted apart, besides as a whole. Each value is a metric of its own, and has its price. */
  readonly by?: readonly (keyof typeof DIMENSIONS)[];
}

/** The dimensions of metrics, with the fields of a line that have their values. */
export const DIMENSIONS = { Api: "$.api", Version: "$.v" } as const;

/** The invocations that Lambda ended, and starts that failed. A thrown 401 is a success for Lambda's reports. */
const REPORTED = '($.type = "platform.report") && ';
const ENDED = '($.record.status = "timeout") || ($.record.status = "failure")';
/** Errors of the runtime, such as `Runtime.OutOfMemory`. `Runtime.Unknown` may stand for an error that the handler has thrown. */
const BROKEN = '($.record.errorType = "Runtime.*") && ($.record.errorType != "Runtime.Unknown")';
const NOT_STARTED = `($.type = "platform.initRuntimeDone") && (${ENDED} || ($.record.status = "error"))`;

/** Makes the pattern of lines whose decision was enforced. A report-only API has let the request through, whatever its line says. */
function enforced(condition: string): string {
  return `{ (${condition}) && ($.mode NOT EXISTS) }`;
}

const OF_DECISIONS = {
  Allowed: { pattern: enforced('$.allow = "*"'), by: ["Api", "Version"] },
  Documents: { pattern: enforced('$.document = "*"'), by: ["Api", "Version"] },
  Denied: {
    pattern: enforced(POLICY_REASONS.map((reason) => `($.deny = "*${reason}*")`).join(" || ")),
    by: ["Api", "Version"],
  },
  Refused: { pattern: enforced('$.deny = "token.*"'), by: ["Api"] },
  Malformed: { pattern: enforced('($.deny = "event.*") || ($.deny = "path.*") || ($.deny = "answer.*")') },
  Reported: { pattern: '{ $.mode = "report" }', by: ["Api"] },
  WouldRefuse: { pattern: '{ ($.mode = "report") && ($.deny = "*") }', by: ["Api"] },
  Faults: { pattern: '{ ($.error.code = "*") || ($.message = "start.failed*") }', by: ["Api", "Version"] },
  PlatformFailures: { pattern: `{ (${REPORTED}(${ENDED} || (${BROKEN}))) || (${NOT_STARTED}) }` },
  KeysNotRenewed: { pattern: '{ $.message = "keys.not_renewed*" }' },
  KeysAge: {
    pattern: "{ $.keys_age_s >= 0 }",
    value: "$.keys_age_s",
    unit: Unit.SECONDS,
    statistic: "Maximum",
    by: ["Version"],
  },
  DecisionTime: { pattern: "{ $.us >= 0 }", value: "$.us", unit: Unit.MICROSECONDS, by: ["Api"] },
} as const satisfies Readonly<Record<string, LogMetric>>;

/** Names the metric of denials with a reason. */
export function nameOfDenials(reason: (typeof POLICY_REASONS)[number]): `Denied ${typeof reason}` {
  return `Denied ${reason}`;
}

/** The metrics that are counted from the authorizer's log, by name. */
export const LOG_METRICS: Readonly<Record<LogMetricName, LogMetric>> = {
  ...OF_DECISIONS,
  ...(Object.fromEntries(
    POLICY_REASONS.map((reason) => [nameOfDenials(reason), { pattern: enforced(`$.deny = "*${reason}*"`) }]),
  ) as Record<ReturnType<typeof nameOfDenials>, LogMetric>),
};

export type LogMetricName = keyof typeof OF_DECISIONS | ReturnType<typeof nameOfDenials>;

/** Counts metrics from the log of the authorizer. Their namespace has the name of the function. */
export class LogMetrics extends Construct {
  readonly namespace: string;

  constructor(scope: Construct, id: string, logGroup: ILogGroup, functionName: string) {
    super(scope, id);
    this.namespace = `RegoAuthorizer/${functionName}`;
    for (const [name, metric] of Object.entries(LOG_METRICS)) this.#count(logGroup, name, metric);
  }

  /** Gives a metric: the sum, average or maximum in each minute, of one API or version if it is named. */
  metric(
    name: LogMetricName,
    dimensions: Partial<Readonly<Record<keyof typeof DIMENSIONS, string>>> = {},
    period = Duration.minutes(1),
  ): Metric {
    const { value, unit, statistic = value === undefined ? "Sum" : "Average" } = LOG_METRICS[name];
    return new Metric({
      namespace: this.namespace,
      metricName: name,
      statistic,
      period,
      dimensionsMap: dimensions,
      ...(unit && { unit }),
    });
  }

  #count(logGroup: ILogGroup, name: string, { pattern, value = "1", unit, by = [] }: LogMetric): void {
    const shared = {
      logGroup,
      metricNamespace: this.namespace,
      metricName: name,
      filterPattern: FilterPattern.literal(pattern),
      metricValue: value,
      ...(unit && { unit }),
    };
    // A filter with dimensions can't have a default value.
    new MetricFilter(this, name, { ...shared, ...(value === "1" && { defaultValue: 0 }) });
    for (const dimension of by)
      new MetricFilter(this, `${name} by ${dimension}`, {
        ...shared,
        dimensions: { [dimension]: DIMENSIONS[dimension] },
      });
  }
}
