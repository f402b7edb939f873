# Authorizers that let every request through, and only log what the policy decides. They are resources of their own, so that a plan
# shows which methods have one. Without identity sources API Gateway does not refuse a request without a token by itself.

resource "aws_api_gateway_authorizer" "report_only" {
  for_each                         = { for name, report in local.reported : name => report if local.kinds[name] == "rest" }
  name                             = each.value.authorizer
  rest_api_id                      = var.apis[each.key].id
  type                             = "REQUEST"
  authorizer_uri                   = local.report_uris[each.key]
  identity_source                  = ""
  authorizer_result_ttl_in_seconds = 0
  depends_on                       = [aws_lambda_alias.this, aws_lambda_permission.api]

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_apigatewayv2_authorizer" "report_only" {
  for_each                          = { for name, report in local.reported : name => report if local.kinds[name] != "rest" }
  name                              = each.value.authorizer
  api_id                            = var.apis[each.key].id
  authorizer_type                   = "REQUEST"
  authorizer_payload_format_version = local.kinds[each.key] == "http" ? "2.0" : null
  enable_simple_responses           = local.kinds[each.key] == "http" ? false : null
  authorizer_uri                    = local.report_uris[each.key]
  authorizer_result_ttl_in_seconds  = local.kinds[each.key] == "http" ? 0 : null
  depends_on                        = [aws_lambda_alias.this, aws_lambda_permission.api]

  lifecycle {
    create_before_destroy = true
  }
}
