import { Duration } from "aws-cdk-lib";
import {
  Alarm,
  AnomalyDetectionAlarm,
  ComparisonOperator,
  type IAlarmAction,
  type IMetric,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { POLICY_REASONS } from "../../contract/reason-codes.ts";
import { BAND_WIDTH, canaryDenials, deniesEverybody, faults, HOLD, unusual } from "./alarm-rules.ts";
import { type LogMetricName, type LogMetrics, nameOfDenials } from "./log-metrics.ts";

/** The alarms of the authorizer, and their thresholds. */
export interface AuthorizerAlarmsProps {
  /**
   * Actions of an alarm, such as publishing to a topic.
   *
   * @default - none; the alarm only changes its state
   */
  readonly actions?: readonly IAlarmAction[];
  /**
   * Faults in a minute that raise an alarm: a 500 of the authorizer, an invocation that Lambda ended, a start that failed. A refused token
   * is never a fault.
   *
   * @default 1
   */
  readonly errors?: number;
  /**
   * Throttled invocations in a minute that raise an alarm. Each is a 500 for its caller.
   *
   * @default 1
   */
  readonly throttles?: number;
  /**
   * The p99 of the duration that raises an alarm if it is exceeded for five minutes.
   *
   * @default Duration.millis(1500)
   */
  readonly p99Duration?: Duration;
  /**
   * The denials with one reason in five minutes below which their number is never unusual.
   *
   * @default 20
   */
  readonly leastDenials?: number;
  /**
   * Accepts that an API is report-only. Otherwise an alarm is on for as long as requests are let through whatever the policy decides.
   *
   * @default false
   */
  readonly acceptReportOnly?: boolean;
}

/** Describes an alarm: what happens, and the section of the runbook that says what to do. */
function describe(what: string, section: string): string {
  return `${what} What to do: docs/operations.md, "${section}".`;
}

const MINUTE = Duration.minutes(1);

/** Alarms on faults, throttles, duration, keys that are not renewed, and unusual denials. `docs/operations.md` has what to do about each. */
export class AuthorizerAlarms extends Construct {
  /** Faults of all versions. */
  readonly errors: Alarm;
  readonly throttles: Alarm;
  readonly duration: Alarm;
  readonly keys: Alarm;
  /** Hardly a decision allows anything. */
  readonly deniesEverybody: Alarm;
  /** Requests are let through whatever the policy decides; undefined if that is accepted. */
  readonly reportOnly: Alarm | undefined;
  /** The alarms that compare with the same hour of earlier days: of denials by reason, and of allowed requests. */
  readonly unusual: readonly Alarm[];
  /** Faults of the current version, and denials of it beside those of the others; only with a `release`. */
  readonly ofRelease: { readonly errors: Alarm; readonly denials: Alarm } | undefined;

  constructor(
    scope: Construct,
    id: string,
    lambda: LambdaFunction,
    metrics: LogMetrics,
    props: AuthorizerAlarmsProps,
    version?: string,
  ) {
    super(scope, id);
    const { errors = 1, throttles = 1, p99Duration = Duration.millis(1500), leastDenials = 20, actions = [] } = props;
    const { acceptReportOnly = false } = props;
    this.errors = this.#alarm("Errors", faults(metrics), errors, {
      ...HOLD,
      alarmDescription: describe("The authorizer fails, and callers get 500.", "Callers get 500"),
    });
    this.throttles = this.#alarm("Throttles", lambda.metricThrottles({ period: MINUTE }), throttles, {
      ...HOLD,
      alarmDescription: describe(
        "Lambda throttles the authorizer, and callers get 500.",
        "The authorizer is throttled",
      ),
    });
    this.duration = this.#alarm(
      "Duration",
      lambda.metricDuration({ period: MINUTE, statistic: "p99" }),
      p99Duration.toMilliseconds(),
      {
        evaluationPeriods: 5,
        comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
        alarmDescription: describe(
          "The authorizer is slow. Lambda stops it after 5 seconds.",
          "The authorizer is slow",
        ),
      },
    );
    this.keys = this.#alarm("Keys", metrics.metric("KeysNotRenewed", {}, Duration.minutes(10)), 1, {
      evaluationPeriods: 3,
      alarmDescription: describe(
        "An issuer's key set can't be fetched. Keys that are cached are used for a day at most.",
        "Keys can't be fetched",
      ),
    });
    this.deniesEverybody = this.#alarm("DeniesEverybody", deniesEverybody(metrics), 0.95, {
      ...{ evaluationPeriods: 2, datapointsToAlarm: 1 },
      alarmDescription: describe("The policy denies nearly every request.", "A wrong policy is in force"),
    });
    this.reportOnly = acceptReportOnly
      ? undefined
      : this.#alarm("ReportOnly", metrics.metric("Reported", {}, MINUTE), 1, {
          ...HOLD,
          alarmDescription: describe(
            "A report-only authorizer lets requests through, whatever the policy decides.",
            "An API is report-only",
          ),
        });
    this.unusual = this.#unusual(metrics, leastDenials);
    this.ofRelease = version === undefined ? undefined : this.#ofRelease(metrics, errors, version);
    for (const alarm of this.all()) alarm.addAlarmAction(...actions);
  }

  /** Lists all alarms. */
  all(): readonly Alarm[] {
    const ofRelease = this.ofRelease ? [this.ofRelease.errors, this.ofRelease.denials] : [];
    const common = [this.errors, this.throttles, this.duration, this.keys, this.deniesEverybody];
    return [...common, ...(this.reportOnly ? [this.reportOnly] : []), ...this.unusual, ...ofRelease];
  }

  /**
   * Lists the alarms that take a release back. That on keys does not, nor do denials by all versions alike. But a request that fails
   * for want of a key is a fault of its version, since a wrong `jwksUri` looks like an issuer's outage.
   *
   * @param isUrgent - Whether the release must stay, even while callers are refused or the authorizer is throttled; then none does.
   */
  rollBack(isUrgent: boolean): readonly Alarm[] {
    if (this.ofRelease === undefined || isUrgent) return [];
    const { errors, denials } = this.ofRelease;
    return [errors, this.throttles, this.duration, denials];
  }

  #ofRelease(metrics: LogMetrics, threshold: number, version: string) {
    return {
      errors: this.#alarm("ReleaseErrors", faults(metrics, version), threshold, {
        ...HOLD,
        alarmDescription: describe("The new version fails, and is taken back.", "A release was taken back"),
      }),
      denials: this.#alarm("ReleaseDenials", canaryDenials(metrics, version), 0, {
        ...{ evaluationPeriods: 2, comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD },
        alarmDescription: describe(
          "The new version denies more than the others do at the same time, and is taken back.",
          "A release was taken back",
        ),
      }),
    };
  }

  #unusual(metrics: LogMetrics, least: number): readonly Alarm[] {
    const compare = (id: string, name: LogMetricName, isMore: boolean, what: string) =>
      new AnomalyDetectionAlarm(this, id, {
        metric: unusual(metrics, name, isMore ? least : 0),
        stdDevs: BAND_WIDTH,
        ...{ evaluationPeriods: 3, treatMissingData: TreatMissingData.NOT_BREACHING },
        comparisonOperator: isMore
          ? ComparisonOperator.GREATER_THAN_UPPER_THRESHOLD
          : ComparisonOperator.LESS_THAN_LOWER_THRESHOLD,
        alarmDescription: describe(what, "More denials than usual"),
      });
    return [
      ...POLICY_REASONS.map((reason) =>
        compare(`Unusual ${reason}`, nameOfDenials(reason), true, `More requests than usual are denied for ${reason}.`),
      ),
      compare("Unusual allowed", "Allowed", false, "Fewer requests than usual are allowed."),
    ];
  }

  #alarm(
    id: string,
    metric: IMetric,
    threshold: number,
    props: {
      readonly evaluationPeriods: number;
      readonly alarmDescription: string;
      readonly datapointsToAlarm?: number;
      readonly comparisonOperator?: ComparisonOperator;
    },
  ): Alarm {
    return new Alarm(this, id, { treatMissingData: TreatMissingData.NOT_BREACHING, ...props, metric, threshold });
  }
}
