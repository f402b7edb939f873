# What the build and `rego-authorizer cache-contract --format json` say about each API.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  manifest = jsondecode(file("${var.dist}/authorizer/manifest.json"))
  contract = try(jsondecode(file("${var.dist}/contract.json")), null)

  kinds = merge(var.documents, {
    for name, api in var.apis : name => lookup({ REST = "rest", HTTP = "http", WEBSOCKET = "websocket" }, api.protocol_type, api.protocol_type)
  })

  # An API that has no contract of its name has the contract of its kind.
  described = {
    for name, kind in local.kinds : name => try(local.contract.apis[name], local.contract.apis[kind], null)
  }
  undescribed = [for name, api in local.described : name if try(api.kind, null) != local.kinds[name]]

  # What APIs need whose methods may be report-only.
  reported = { for name in var.report_only : name => local.described[name].report_only if try(local.described[name].report_only, null) != null }

  # Two APIs may have the same contract.
  api_contracts = merge(
    { for api in values(local.described) : api.contract => api.api_contract... if api != null },
    { for report in values(local.reported) : report.contract => report.api_contract... },
  )

  # Names that are known before the apply, so that a plan shows which alias an authorizer invokes.
  aliases        = { for name, api in local.described : name => "${name}-${try(api.contract, "unknown")}" }
  report_aliases = { for name, report in local.reported : name => "${name}-report-${report.contract}" }
  partition      = data.aws_partition.current.partition
  region         = data.aws_region.current.id
  account        = data.aws_caller_identity.current.account_id
  function_arn   = "arn:${local.partition}:lambda:${local.region}:${local.account}:function:${var.name}"
  uri            = "arn:${local.partition}:apigateway:${local.region}:lambda:path/2015-03-31/functions/${local.function_arn}:%s/invocations"
  uris           = { for name, alias in local.aliases : name => format(local.uri, alias) }
  report_uris    = { for name, alias in local.report_aliases : name => format(local.uri, alias) }

  # One for each API and authorizer of its contract. Its key has the contract, so a new contract makes new ones.
  authorizers = merge([
    for name, api in var.apis : {
      for key, authorizer in try(local.described[name].authorizers, {}) : "${name}/${authorizer.name}" => {
        api              = name
        kind             = local.kinds[name]
        key              = key
        name             = authorizer.name
        ttl_s            = authorizer.ttl_s
        identity_sources = authorizer.identity_sources
      }
    }
  ]...)
}
