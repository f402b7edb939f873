# How API Gateway invokes the function: an alias for each API and contract. A version reads in the alias how its response may be
# cached. The order is: version, alias, permission, authorizer; then the API's methods, deployment and stage.

locals {
  versions = merge(
    var.retained_aliases,
    { for alias in concat(values(local.aliases), values(local.report_aliases)) : alias => aws_lambda_function.this.version },
  )

  # An alias is <api>-<contract> or <api>-report-<contract>, and a contract has twelve digits.
  api_of = { for alias in keys(local.versions) : alias => trimsuffix(substr(alias, 0, length(alias) - 13), "-report") }
}

resource "aws_lambda_alias" "this" {
  for_each         = local.versions
  name             = each.key
  description      = "Invoked by an API whose contract the name ends in"
  function_name    = aws_lambda_function.this.function_name
  function_version = each.value

  # The alias of an earlier contract goes after its API has left it.
  lifecycle {
    create_before_destroy = true
  }
}

# An API may invoke its own aliases, and no other.
resource "aws_lambda_permission" "api" {
  for_each      = { for alias in keys(local.versions) : alias => local.api_of[alias] if contains(keys(var.apis), local.api_of[alias]) }
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.this.function_name
  qualifier     = aws_lambda_alias.this[each.key].name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${var.apis[each.value].execution_arn}/authorizers/*"

  lifecycle {
    create_before_destroy = true
  }
}

# The document of an API names its alias, so the permission has to be there before the API, whose id is not known then.
resource "aws_lambda_permission" "document" {
  for_each       = { for alias in keys(local.versions) : alias => local.api_of[alias] if contains(keys(var.documents), local.api_of[alias]) }
  action         = "lambda:InvokeFunction"
  function_name  = aws_lambda_function.this.function_name
  qualifier      = aws_lambda_alias.this[each.key].name
  principal      = "apigateway.amazonaws.com"
  source_arn     = "arn:${local.partition}:execute-api:${local.region}:${local.account}:*/authorizers/*"
  source_account = local.account

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_api_gateway_authorizer" "rest" {
  for_each                         = { for key, one in local.authorizers : key => one if one.kind == "rest" }
  name                             = each.value.name
  rest_api_id                      = var.apis[each.value.api].id
  type                             = "REQUEST"
  authorizer_uri                   = local.uris[each.value.api]
  identity_source                  = join(",", each.value.identity_sources)
  authorizer_result_ttl_in_seconds = each.value.ttl_s
  depends_on                       = [aws_lambda_alias.this, aws_lambda_permission.api]

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_apigatewayv2_authorizer" "http" {
  for_each                          = { for key, one in local.authorizers : key => one if one.kind == "http" }
  name                              = each.value.name
  api_id                            = var.apis[each.value.api].id
  authorizer_type                   = "REQUEST"
  authorizer_payload_format_version = "2.0"
  enable_simple_responses           = false
  authorizer_uri                    = local.uris[each.value.api]
  identity_sources                  = each.value.identity_sources
  authorizer_result_ttl_in_seconds  = each.value.ttl_s
  depends_on                        = [aws_lambda_alias.this, aws_lambda_permission.api]

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_apigatewayv2_authorizer" "websocket" {
  for_each         = { for key, one in local.authorizers : key => one if one.kind == "websocket" }
  name             = each.value.name
  api_id           = var.apis[each.value.api].id
  authorizer_type  = "REQUEST"
  authorizer_uri   = local.uris[each.value.api]
  identity_sources = each.value.identity_sources
  depends_on       = [aws_lambda_alias.this, aws_lambda_permission.api]

  lifecycle {
    create_before_destroy = true
  }
}
