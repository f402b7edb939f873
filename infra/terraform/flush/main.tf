# Empties the authorizer caches of stages whenever the authorizer may decide differently, after the stages were deployed. It runs the
# AWS CLI, since the provider has no resource for it.

terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.31"
    }
  }
}

variable "decides" {
  description = "The output decides of the authorizer's module."
  type        = string
}

variable "stages" {
  description = "The resources of the stages: aws_api_gateway_stage, and aws_apigatewayv2_stage of HTTP APIs."
  type = list(object({
    rest_api_id = optional(string)
    stage_name  = optional(string)
    api_id      = optional(string)
    name        = optional(string)
  }))
}

data "aws_region" "current" {}

resource "terraform_data" "flush" {
  count            = length(var.stages)
  triggers_replace = [var.decides]

  provisioner "local-exec" {
    command = (
      var.stages[count.index].rest_api_id == null
      ? "aws apigatewayv2 reset-authorizers-cache --api-id \"$API\" --stage-name \"$STAGE\""
      : "aws apigateway flush-stage-authorizers-cache --rest-api-id \"$API\" --stage-name \"$STAGE\""
    )
    environment = {
      API                = coalesce(var.stages[count.index].rest_api_id, var.stages[count.index].api_id)
      STAGE              = coalesce(var.stages[count.index].stage_name, var.stages[count.index].name)
      AWS_DEFAULT_REGION = data.aws_region.current.id
      AWS_PAGER          = ""
    }
  }
}
