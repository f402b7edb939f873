variable "name" {
  description = "The name of the function, of its log group and of its role."
  type        = string
  default     = "rego-authorizer"
}

variable "dist" {
  description = "The folder that `rego-authorizer build` has written, with contract.json in it: the output of `rego-authorizer cache-contract --format json`."
  type        = string
  default     = "dist"
}

variable "trusted_issuers" {
  description = "The issuers whose tokens count, as TRUSTED_ISSUERS has them: [{ userPoolId, clientIds, tokenUse }]. Empty if the build has packed all issuers."
  type        = any
  default     = []
}

variable "apis" {
  description = "The APIs, by the names that their aliases have. A value is the API's resource or data source."
  type = map(object({
    id            = string
    execution_arn = string
    protocol_type = optional(string, "REST")
  }))
  default = {}

  validation {
    condition     = alltrue([for name in keys(var.apis) : can(regex("^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$", name)) && !can(regex("(^|-)report$", name)) && length(name) <= 64])
    error_message = "The name of an API has letters, digits and single hyphens between them, at most 64 characters, and does not end in report, as the alias of a report-only authorizer does."
  }
}

variable "documents" {
  description = "The kinds of the APIs that are made from an OpenAPI document, by name: rest or http. Their authorizers are in the document, which names the URI that the output uris has."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for kind in values(var.documents) : contains(["rest", "http"], kind)])
    error_message = "The kind of an API that is made from a document is rest or http."
  }

  validation {
    condition     = alltrue([for name in keys(var.documents) : can(regex("^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$", name)) && !can(regex("(^|-)report$", name)) && length(name) <= 64])
    error_message = "The name of an API has letters, digits and single hyphens between them, at most 64 characters, and does not end in report, as the alias of a report-only authorizer does."
  }
}

variable "report_only" {
  description = "The APIs that get an authorizer which lets every request through, and only logs what the policy decides: names of apis. Methods get it by the output report_only_authorizer_ids."
  type        = set(string)
  default     = []
}

variable "retained_aliases" {
  description = "Aliases of earlier contracts that stay, with the version of each, as the output aliases had them: for a stage that still names one."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for alias, version in var.retained_aliases : can(regex("^.+-[0-9a-f]{12}$", alias)) && can(regex("^[0-9]+$", version))])
    error_message = "retained_aliases has names like orders-3fa94c01be77 with the number of a version, as the output aliases had them."
  }
}

variable "environment" {
  description = "Further settings of the authorizer, such as MAX_TOKEN_LIFETIME_S or CONTEXT_CLAIMS."
  type        = map(string)
  default     = {}

  validation {
    condition     = length(setintersection(keys(var.environment), ["API_CONTRACTS", "CACHE_CONTRACT", "HTTP_RESPONSE", "TOKEN_SOURCE", "TRUSTED_ISSUERS"])) == 0
    error_message = "The module sets API_CONTRACTS, CACHE_CONTRACT, HTTP_RESPONSE, TOKEN_SOURCE and TRUSTED_ISSUERS itself: run cache-contract with the TOKEN_SOURCE that you want, and give trusted_issuers."
  }
}

variable "runtime" {
  description = "The runtime of the function. Providers older than 6.22 do not know nodejs24.x; nodejs22.x works, too."
  type        = string
  default     = "nodejs24.x"
}

variable "memory_size" {
  description = "Memory in megabytes, and CPU in proportion to it."
  type        = number
  default     = 512
}

variable "log_retention_in_days" {
  description = "How long CloudWatch retains the decision log."
  type        = number
  default     = 90
}

variable "alarms" {
  description = "The alarms, with the figures of the construct's; {} has them all with their defaults. actions are ARNs, such as of an SNS topic. Without it there are neither alarms nor metrics of the log."
  type = object({
    actions            = optional(list(string), [])
    errors             = optional(number, 1)
    throttles          = optional(number, 1)
    p99_duration_ms    = optional(number, 1500)
    least_denials      = optional(number, 20)
    accept_report_only = optional(bool, false)
  })
  default = null
}

variable "kms_key_arn" {
  description = "The key that encrypts the environment and the log. Its policy must let CloudWatch Logs and the function's role use it."
  type        = string
  default     = null
}

variable "reserved_concurrent_executions" {
  description = "The concurrency that is reserved, and the limit; -1 for the unreserved one of the account."
  type        = number
  default     = -1
}

variable "tags" {
  description = "Tags of the function, its role and its log group."
  type        = map(string)
  default     = {}
}
