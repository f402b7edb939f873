output "authorizer_ids" {
  description = "The id of the authorizer of each method or route, by the name of the API and by GET /path or $connect; null for a public one."
  value = {
    for api in keys(var.apis) : api => merge({ for method in try(local.described[api].public, []) : method => null }, {
      for method, key in try(local.described[api].methods, {}) : method => merge(
        { for one, authorizer in aws_api_gateway_authorizer.rest : one => authorizer.id },
        { for one, authorizer in aws_apigatewayv2_authorizer.http : one => authorizer.id },
        { for one, authorizer in aws_apigatewayv2_authorizer.websocket : one => authorizer.id },
      )["${api}/${local.described[api].authorizers[key].name}"]
    })
  }
}

output "authorizations" {
  description = "CUSTOM for each method or route that the policy authorizes, and NONE for each that is public in it."
  value = {
    for api in keys(var.apis) : api => merge(
      { for method in keys(try(local.described[api].methods, {})) : method => "CUSTOM" },
      { for method in try(local.described[api].public, []) : method => "NONE" },
    )
  }
}

output "report_only_authorizer_ids" {
  description = "The id of the authorizer of each API in report_only, which lets every request through and logs what the policy decides."
  value = merge(
    { for api, authorizer in aws_api_gateway_authorizer.report_only : api => authorizer.id },
    { for api, authorizer in aws_apigatewayv2_authorizer.report_only : api => authorizer.id },
  )
}

output "uris" {
  description = "The URI of the authorizers of each API, which the document of an API has to name. It is known before the apply."
  value       = local.uris
}

output "redeployment" {
  description = "A digest for each API, for the triggers of its deployment: it changes with the API's contract, a TTL or an identity source."
  value       = { for name, api in local.described : name => sha256(jsonencode(api)) }
  depends_on  = [aws_lambda_permission.api, aws_lambda_permission.document]
}

output "aliases" {
  description = "The alias of each API with its version: what retained_aliases takes."
  value       = { for alias in concat(values(local.aliases), values(local.report_aliases)) : alias => aws_lambda_alias.this[alias].function_version }
}

output "decides" {
  description = "Changes whenever the authorizer may decide differently; for the module flush."
  value       = aws_lambda_function.this.version
  depends_on = [
    aws_lambda_alias.this,
    aws_api_gateway_authorizer.rest,
    aws_api_gateway_authorizer.report_only,
    aws_apigatewayv2_authorizer.http,
    aws_apigatewayv2_authorizer.report_only,
  ]
}

output "alarms" {
  description = "The ARN of each alarm, by its name without that of the function; none without the variable alarms."
  value       = { for name, alarm in aws_cloudwatch_metric_alarm.this : name => alarm.arn }
}

output "function_name" {
  description = "The name of the function."
  value       = aws_lambda_function.this.function_name
}

output "role_name" {
  description = "The name of the function's role."
  value       = aws_iam_role.this.name
}

output "log_group_name" {
  description = "The log group with the decision log."
  value       = aws_cloudwatch_log_group.this.name
}

output "revision" {
  description = "The revision of the policy, which is on every decision."
  value       = local.manifest.revision
}
