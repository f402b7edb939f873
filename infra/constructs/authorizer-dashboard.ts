import { Duration } from "aws-cdk-lib";
import {
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  MathExpression,
  TextWidget,
} from "aws-cdk-lib/aws-cloudwatch";
import { Construct } from "constructs";
import { POLICY_REASONS } from "../../contract/reason-codes.ts";
import { type DIMENSIONS, type LogMetricName, nameOfDenials } from "./log-metrics.ts";
import type { PolicyAuthorizer } from "./policy-authorizer.ts";

/** The authorizer that a dashboard shows. */
export interface AuthorizerDashboardProps {
  readonly authorizer: PolicyAuthorizer;
  /**
   * The name of the dashboard.
   *
   * @default - made by CloudFormation
   */
  readonly dashboardName?: string;
}

const WINDOW = Duration.minutes(5);

/** Shows an authorizer at a glance: alarms, decisions by effect, denials by reason, faults, latency, and what each API and version does. */
export class AuthorizerDashboard extends Construct {
  readonly dashboard: Dashboard;

  constructor(scope: Construct, id: string, { authorizer, dashboardName }: AuthorizerDashboardProps) {
    super(scope, id);
    this.dashboard = new Dashboard(this, "Dashboard", {
      ...(dashboardName !== undefined && { dashboardName }),
      widgets: toRows(authorizer),
    });
  }
}

function toRows({ metrics, alarms, revision, lambda }: PolicyAuthorizer): IWidget[][] {
  const of = (name: LogMetricName) => metrics.metric(name, {}, WINDOW);
  const duration = (statistic: string) => lambda.metricDuration({ period: WINDOW, statistic, label: statistic });
  const title = new TextWidget({
    markdown: `Policy revision ${revision} (of the last deployment). What to do about an alarm: docs/operations.md`,
    ...{ width: 24, height: 2 },
  });
  return [
    [title],
    ...(alarms ? [[new AlarmStatusWidget({ title: "Alarms", alarms: [...alarms.all()], width: 24, height: 3 })]] : []),
    [
      toGraph("Decisions", [of("Allowed"), of("Documents"), of("Denied"), of("Refused"), of("Malformed")]),
      toGraph(
        "Denials by reason",
        POLICY_REASONS.map((reason) => of(nameOfDenials(reason))),
      ),
    ],
    [
      toGraph("500s", [of("Faults"), of("PlatformFailures"), lambda.metricThrottles({ period: WINDOW })], 8),
      toGraph("Key sets that could not be fetched", [of("KeysNotRenewed")], 8),
      toGraph("Age of the oldest keys in use, in seconds", [of("KeysAge")], 8),
    ],
    [
      toGraph("Duration of invocations, in milliseconds", [duration("p50"), duration("p99"), duration("Maximum")]),
      toGraph("Duration of decisions, in microseconds", [of("DecisionTime")]),
    ],
    ...(["Api", "Version"] as const).map((dimension) =>
      (["Allowed", "Denied", "Faults"] as const).map((name) =>
        toGraph(`${name} by ${dimension}`, [toSearch(metrics.namespace, name, dimension)], 8),
      ),
    ),
  ];
}

/** Finds the metrics of all values of a dimension, which are known only at run time. */
function toSearch(namespace: string, name: LogMetricName, dimension: keyof typeof DIMENSIONS): IMetric {
  return new MathExpression({
    expression: `SEARCH('{"${namespace}",${dimension}} MetricName="${name}"', 'Sum', ${WINDOW.toSeconds()})`,
    label: "",
    usingMetrics: {},
    period: WINDOW,
  });
}

function toGraph(title: string, left: readonly IMetric[], width = 12): GraphWidget {
  return new GraphWidget({ title, left: [...left], width, height: 6, period: WINDOW });
}
