# The metric filters and alarms of the constructs, from alarms.json, which is generated from these. docs/operations.md has what to do
# about each.

locals {
  described_alarms = file("${path.module}/alarms.json")
  watched = jsondecode(
    var.alarms == null ? jsonencode({ filters = {}, alarms = {} })
    : replace(replace(local.described_alarms, "{function}", var.name), "{least_denials}", tostring(var.alarms.least_denials))
  )
  thresholds = {
    Errors    = try(var.alarms.errors, null)
    Throttles = try(var.alarms.throttles, null)
    Duration  = try(var.alarms.p99_duration_ms, null)
  }
}

resource "aws_cloudwatch_log_metric_filter" "this" {
  for_each       = local.watched.filters
  name           = "${var.name} ${each.key}"
  log_group_name = aws_cloudwatch_log_group.this.name
  pattern        = each.value.pattern

  metric_transformation {
    namespace     = each.value.namespace
    name          = each.value.metric
    value         = each.value.value
    default_value = try(each.value.default, null)
    unit          = try(each.value.unit, "None")
    dimensions    = each.value.dimensions
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each            = { for name, alarm in local.watched.alarms : name => alarm if name != "ReportOnly" || !var.alarms.accept_report_only }
  alarm_name          = "${var.name} ${each.key}"
  alarm_description   = each.value.description
  comparison_operator = each.value.comparison
  evaluation_periods  = each.value.periods
  datapoints_to_alarm = each.value.datapoints
  treat_missing_data  = each.value.missing
  threshold           = try(local.thresholds[each.key], each.value.threshold, null)
  threshold_metric_id = try(each.value.band, null)
  alarm_actions       = var.alarms.actions
  tags                = var.tags

  dynamic "metric_query" {
    for_each = each.value.queries
    content {
      id          = metric_query.value.id
      return_data = metric_query.value.returned
      label       = try(metric_query.value.label, null)
      expression  = try(metric_query.value.expression, null)

      dynamic "metric" {
        for_each = try([metric_query.value.metric], [])
        content {
          namespace   = metric.value.namespace
          metric_name = metric.value.name
          period      = metric.value.period
          stat        = metric.value.stat
          dimensions  = metric.value.dimensions
        }
      }
    }
  }
}
