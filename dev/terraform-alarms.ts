import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { CfnAlarm } from "aws-cdk-lib/aws-cloudwatch";
import { Code, Function as LambdaFunction, Runtime } from "aws-cdk-lib/aws-lambda";
import { CfnMetricFilter, LogGroup } from "aws-cdk-lib/aws-logs";
import { isObject, isText } from "../contract/json.ts";
import { AuthorizerAlarms } from "../infra/constructs/authorizer-alarms.ts";
import { LogMetrics } from "../infra/constructs/log-metrics.ts";

/** The places where the module puts the name of its function, and the denials below which their number is never unusual. */
const FUNCTION = "{function}";
const LEAST_DENIALS = "{least_denials}";

/** A number that no expression has otherwise. */
const MARKED = 987_654_321;

/**
 * Formats the metric filters and alarms of the constructs for the Terraform module, so that both are the same. Each alarm is a list of
 * queries, of which one is compared with a threshold or a band.
 */
export function toTerraformAlarms(): string {
  const stack = new Stack(new App(), "Stack");
  const lambda = new LambdaFunction(stack, "Function", {
    ...{ runtime: Runtime.NODEJS_LATEST, handler: "index.handler", code: Code.fromInline("exports") },
  });
  const metrics = new LogMetrics(stack, "Metrics", LogGroup.fromLogGroupName(stack, "Log", "log"), FUNCTION);
  new AuthorizerAlarms(stack, "Alarms", lambda, metrics, { leastDenials: MARKED });
  const resources = Object(Template.fromStack(stack).toJSON()["Resources"]);
  const all = stack.node.findAll().flatMap((one) => {
    if (!(one instanceof CfnAlarm || one instanceof CfnMetricFilter)) return [];
    const properties = resources[stack.getLogicalId(one)].Properties;
    return [{ name: one.node.scope?.node.id ?? "", isAlarm: one instanceof CfnAlarm, properties }];
  });
  const filters = all.filter(({ isAlarm }) => !isAlarm).map(({ name, properties }) => [name, toFilter(properties)]);
  const alarms = all.filter(({ isAlarm }) => isAlarm).map(({ name, properties }) => [name, toAlarm(properties)]);
  const text = JSON.stringify({ filters: Object.fromEntries(filters), alarms: Object.fromEntries(alarms) }, null, 2);
  return `${text.replaceAll(String(MARKED), LEAST_DENIALS)}\n`;
}

type Properties = Readonly<Record<string, unknown>>;

function toFilter({ FilterPattern: pattern, MetricTransformations: transformations }: Properties) {
  const [one] = [transformations].flat();
  const { MetricNamespace, MetricName, MetricValue, DefaultValue, Unit, Dimensions = [] } = Object(one);
  return {
    pattern,
    namespace: MetricNamespace,
    metric: MetricName,
    value: MetricValue,
    ...(DefaultValue !== undefined && { default: String(DefaultValue) }),
    ...(Unit !== undefined && { unit: Unit }),
    dimensions: Object.fromEntries(
      Dimensions.map(({ Key, Value }: { readonly Key: string; readonly Value: string }) => [Key, Value]),
    ),
  };
}

function toAlarm(properties: Properties) {
  const { Metrics: queries, MetricName: metricName } = properties;
  return {
    description: properties["AlarmDescription"],
    comparison: properties["ComparisonOperator"],
    periods: properties["EvaluationPeriods"],
    datapoints: properties["DatapointsToAlarm"] ?? properties["EvaluationPeriods"],
    missing: properties["TreatMissingData"],
    ...("Threshold" in properties && { threshold: properties["Threshold"] }),
    ...("ThresholdMetricId" in properties && { band: properties["ThresholdMetricId"] }),
    queries:
      metricName === undefined
        ? [queries].flat().map(toQuery)
        : [{ id: "counted", returned: true, ...toMetric(properties, properties) }],
  };
}

function toQuery(query: unknown) {
  const { Id, Expression, Label, ReturnData, MetricStat: stat } = Object(query);
  return {
    ...{ id: Id, returned: ReturnData },
    ...(isText(Label) && { label: Label }),
    ...(isText(Expression) ? { expression: Expression } : toMetric(Object(stat).Metric, Object(stat))),
  };
}

function toMetric({ Namespace, MetricName, Dimensions }: Properties, stat: Properties) {
  const dimensions = [Dimensions ?? []].flat().map((one) => {
    const { Name, Value } = Object(one);
    return [Name, isObject(Value) ? FUNCTION : Value];
  });
  return {
    metric: {
      namespace: Namespace,
      name: MetricName,
      period: stat["Period"],
      stat: stat["Stat"] ?? stat["Statistic"] ?? stat["ExtendedStatistic"],
      dimensions: Object.fromEntries(dimensions),
    },
  };
}
