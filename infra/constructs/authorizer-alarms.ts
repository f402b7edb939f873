import { Duration } from "aws-cdk-lib";
import {
  type Alarm,
  ComparisonOperator,
  type IAlarmAction,
  MathExpression,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { FilterPattern, type LogGroup, MetricFilter } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";

/** The alarms of the authorizer, and their thresholds. */
export interface AuthorizerAlarmsProps {
  /**
   * Actions of an alarm, such as publishing to a topic.
   *
   * @default - none; the alarm only changes its state
   */
  readonly actions?: readonly IAlarmAction[];
  /**
   * Errors in a minute that raise an alarm. A refused token does not count, although the Lambda throws for a 401 of a REST API.
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
}

const MINUTE = Duration.minutes(1);

/** Alarms on errors, throttles and duration. */
export class AuthorizerAlarms extends Construct {
  readonly errors: Alarm;
  readonly throttles: Alarm;
  readonly duration: Alarm;

  constructor(scope: Construct, id: string, lambda: LambdaFunction, log: LogGroup, props: AuthorizerAlarmsProps) {
    super(scope, id);
    const refusals = new MetricFilter(this, "Refusals", {
      logGroup: log,
      metricNamespace: "RegoAuthorizer",
      metricName: `Refusals-${this.node.addr}`,
      filterPattern: FilterPattern.all(
        FilterPattern.stringValue("$.labels.kind", "!=", "http-*"),
        FilterPattern.stringValue("$.result.reasons[0]", "=", "token.*"),
      ),
    });
    // Lambda counts every throw as an error, and the authorizer has to throw for a 401 of a REST or WebSocket API.
    const errors = new MathExpression({
      expression: "errors - FILL(refusals, 0)",
      label: "Errors without refused tokens",
      period: MINUTE,
      usingMetrics: {
        errors: lambda.metricErrors({ period: MINUTE }),
        refusals: refusals.metric({ period: MINUTE, statistic: "Sum" }),
      },
    });
    this.errors = errors.createAlarm(this, "Errors", {
      alarmDescription: "The authorizer fails: keys, engine or configuration. Callers get 500.",
      threshold: props.errors ?? 1,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    this.throttles = lambda.metricThrottles({ period: MINUTE }).createAlarm(this, "Throttles", {
      alarmDescription: "Invocations of the authorizer are throttled. Callers get 500.",
      threshold: props.throttles ?? 1,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    this.duration = lambda.metricDuration({ period: MINUTE, statistic: "p99" }).createAlarm(this, "Duration", {
      alarmDescription:
        "The authorizer is slow, most likely because it fetches key sets. Lambda stops it after 5 seconds.",
      threshold: (props.p99Duration ?? Duration.millis(1500)).toMilliseconds(),
      evaluationPeriods: 5,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    for (const alarm of this.all()) alarm.addAlarmAction(...(props.actions ?? []));
  }

  all(): readonly Alarm[] {
    return [this.errors, this.throttles, this.duration];
  }
}
