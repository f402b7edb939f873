resource "aws_cloudwatch_log_group" "this" {
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.log_retention_in_days
  kms_key_id        = var.kms_key_arn
  skip_destroy      = true
  tags              = var.tags
}

resource "aws_iam_role" "this" {
  name_prefix = substr("${var.name}-", 0, 38)
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  tags = var.tags
}

# The role may write the log, and nothing else.
resource "aws_iam_role_policy" "log" {
  name = "log"
  role = aws_iam_role.this.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "${aws_cloudwatch_log_group.this.arn}:*"
      }],
      var.kms_key_arn == null ? [] : [{ Effect = "Allow", Action = ["kms:Decrypt"], Resource = var.kms_key_arn }],
    )
  })
}

resource "aws_lambda_function" "this" {
  function_name                  = var.name
  description                    = "Decides who may call which method of an API"
  role                           = aws_iam_role.this.arn
  filename                       = "${var.dist}/authorizer.zip"
  source_code_hash               = filebase64sha256("${var.dist}/authorizer.zip")
  handler                        = "index.handler"
  runtime                        = var.runtime
  architectures                  = ["arm64"]
  memory_size                    = var.memory_size
  timeout                        = 5
  reserved_concurrent_executions = var.reserved_concurrent_executions
  kms_key_arn                    = var.kms_key_arn
  tags                           = merge(var.tags, { "rego-authorizer:revision" = local.manifest.revision })

  # Each change of code or settings is a version of its own. API Gateway invokes versions, by their aliases.
  publish = true

  environment {
    variables = merge(
      var.environment,
      {
        CACHE_CONTRACT = try(local.contract.CACHE_CONTRACT, "")
        API_CONTRACTS  = jsonencode({ for contract, entries in local.api_contracts : contract => entries[0] })
        TOKEN_SOURCE   = try(local.contract.TOKEN_SOURCE, "")
      },
      length(var.trusted_issuers) == 0 ? {} : { TRUSTED_ISSUERS = jsonencode(var.trusted_issuers) },
    )
  }

  # Lambda then writes a line for an invocation only if it was not a success.
  logging_config {
    log_format            = "JSON"
    application_log_level = "INFO"
    system_log_level      = "WARN"
    log_group             = aws_cloudwatch_log_group.this.name
  }

  lifecycle {
    precondition {
      condition     = local.contract != null
      error_message = "${var.dist}/contract.json is not there, or is not JSON. Run: rego-authorizer cache-contract --openapi FILE --format json > ${var.dist}/contract.json"
    }
    precondition {
      condition     = try(local.contract.id == local.manifest.cache_contract.id, true) && try(local.contract.route_table == local.manifest.cache_contract.route_table, true)
      error_message = "${var.dist}/contract.json is of another policy or of other routes than ${var.dist}/authorizer.zip. Run rego-authorizer build and cache-contract again, both with the same --openapi."
    }
    precondition {
      condition     = length(local.undescribed) == 0
      error_message = "${var.dist}/contract.json has no contract for ${join(", ", [for name in local.undescribed : "${name} (${local.kinds[name]})"])}. Print it for these kinds of APIs; a WebSocket API needs a rule with the verb CONNECT."
    }
    precondition {
      condition     = length(setsubtract(var.report_only, keys(var.apis))) == 0
      error_message = "report_only names ${join(", ", setsubtract(var.report_only, keys(var.apis)))}, which apis does not have. An API of documents can't be report-only by the module."
    }
    precondition {
      condition     = length(setsubtract(var.report_only, keys(local.reported))) == 0
      error_message = "${var.dist}/contract.json says nothing about report-only. Run rego-authorizer cache-contract of this version again."
    }
    precondition {
      condition     = length(setintersection(keys(var.apis), keys(var.documents))) == 0
      error_message = "An API is in apis or in documents, not in both: ${join(", ", setintersection(keys(var.apis), keys(var.documents)))}."
    }
  }

  depends_on = [aws_iam_role_policy.log]
}
