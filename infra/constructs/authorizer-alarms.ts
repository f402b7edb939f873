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

/** When somebody is to be told of the authorizer. */
export interface AuthorizerAlarmsProps {
  /**
   * What an alarm does, such as publishing to a topic.
   *
   * @default - nothing but being red
   */
  readonly actions?: readonly IAlarmAction[];
  /**
   * Errors in a minute that raise an alarm. A refused token is not one, though a REST API's 401 is a throw.
   *
   * @default 1
   */
  readonly errors?: number;
  /**
   * Invocations in a minute that were throttled, which raise an alarm; each is a 500.
   *
   * @default 1
   */
  readonly throttles?: number;
  /**
   * 99 of 100 invocations are to be faster, for five minutes.
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
    // Lambda counts every throw as an error, and a 401 of a REST or WebSocket API has to be thrown.
    const errors = new MathExpression({
      expression: "errors - FILL(refusals, 0)",
      label: "Errors that are no refused tokens",
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
      alarmDescription: "Requests find no authorizer free. Callers get 500.",
      threshold: props.throttles ?? 1,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    this.duration = lambda.metricDuration({ period: MINUTE, statistic: "p99" }).createAlarm(this, "Duration", {
      alarmDescription: "The authorizer is slow: key sets, most likely. It is ended after 5 seconds.",
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
