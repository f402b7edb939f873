import { stringify } from "yaml";
import type { Api, CachingApi } from "../../contract/api-kinds.ts";
import type { CacheContract } from "../../contract/manifest.ts";
import { fitsCacheKey, formatTokenSources } from "../../contract/token-source.ts";
import { type ApiAlias, type DeployedApis, toAliases, toCachingVariables } from "./aliases.ts";
import type { ContractsOfApis } from "./api-contracts.ts";
import { describeApis } from "./described-apis.ts";
import { toSamAuthorizer, toSamNames } from "./sam-settings.ts";
import { type AuthorizerSettings, toSettings } from "./settings.ts";

type Format = (contract: CacheContract, deployed: DeployedApis) => string;

const NAMES: Readonly<Record<Api, string>> = { rest: "REST", http: "HTTP", websocket: "WebSocket" };

/** Formats the contract for people: every route with its class and the reasons, and the authorizers to create. */
const formatTable: Format = (contract, deployed) => {
  const { apis, ttlS, tokenSources } = deployed;
  const rows = contract.routes.map(({ verb, path, class: cacheClass, authorizer, because }) => [
    `${verb.padEnd(7)} ${path}`,
    cacheClass,
    authorizer,
    because
      .map(({ read, conditions }) => (conditions.length > 0 ? `${read} (${conditions.join(", ")})` : read))
      .join("; "),
  ]);
  const lines = alignColumns([["ROUTE", "CLASS", "AUTHORIZER", "READS BESIDES THE TOKEN"], ...rows]);
  for (const [name, authorizer] of Object.entries(contract.authorizers)) {
    const reasons = Object.entries(authorizer.because).map(
      ([source, names]) =>
        `  in the cache key: ${source}, which ${names.join(", ")} ${names.length > 1 ? "read" : "reads"}`,
    );
    const scope = {
      token:
        contract.token_documents === undefined
          ? "a cached response is for one method and path"
          : "on REST APIs a cached response is for all routes, under its token",
      request: "a cached response is for one method and path",
      never: "no response is cached",
    }[authorizer.class];
    const limit = authorizer.rest_only
      ? "; HTTP APIs cache none, since they decode %2F in a parameter before they make the key"
      : "";
    const late =
      authorizer.max_ttl_s === undefined
        ? ""
        : `; for at most ${authorizer.max_ttl_s} s, since the passing of time must be noticed by then`;
    lines.push("", `${name}: ${scope}${limit}${late}`, ...reasons);
    for (const api of apis) {
      const settings = toSettings(contract, api, ttlS, tokenSources).find((one) => one.name === name);
      lines.push(
        `  ${NAMES[api]}  TTL ${settings?.ttlS} s  ${settings?.identitySources.join(", ") || "no identity sources"}`,
      );
    }
  }
  for (const api of apis.filter((one) => !fitsCacheKey(one, tokenSources)))
    lines.push("", `${NAMES[api]} APIs cache nothing: no cache key can hold the token that TOKEN_SOURCE names.`);
  const mandatory = contract.required.map((source) => source.replace(".", " "));
  if (mandatory.length > 0)
    lines.push("", `Requests without ${mandatory.join(" or ")} get 401 from API Gateway where the cache key has it.`);
  lines.push("", "If several domains or base paths lead to one stage, add context.domainName ($context.domainName).");
  lines.push("WebSocket APIs cache no responses. HTTP APIs must not cache simple responses: set their TTL to 0.");
  lines.push(
    "",
    "The URI of each API's authorizers names an alias of the Lambda, which says how the API caches responses:",
  );
  for (const { api, aliasName } of toAliases(contract, deployed))
    lines.push(
      `  ${NAMES[api]}  arn:...:lambda:path/2015-03-31/functions/<ARN of the function>:${aliasName}/invocations`,
    );
  const variables = toCachingVariables(contract, deployed);
  lines.push("", `CACHE_CONTRACT='${variables.CACHE_CONTRACT}'`);
  lines.push(`API_CONTRACTS='${variables.API_CONTRACTS}'`);
  return lines.join("\n");
};

const formatJson: Format = (contract, deployed) => JSON.stringify(toJson(contract, deployed), null, 2);

function toJson(contract: CacheContract, deployed: DeployedApis): object {
  const { apis, ttlS, tokenSources } = deployed;
  const settings = Object.fromEntries(apis.map((api) => [api, toSettings(contract, api, ttlS, tokenSources)]));
  const { token_documents: _, ...printed } = contract;
  return {
    ...printed,
    settings,
    aliases: Object.fromEntries(toAliases(contract, deployed).map(({ api, aliasName }) => [api, aliasName])),
    apis: describeApis(contract, deployed),
    TOKEN_SOURCE: formatTokenSources(tokenSources),
    ...toCachingVariables(contract, deployed),
  };
}

/** Formats the contracts of several APIs, for people or as one JSON document. */
export function formatContracts(
  format: "table" | "json",
  all: ContractsOfApis,
  shared: Omit<DeployedApis, "apiName" | "all">,
): string {
  const each = Object.entries(all.apis).map(([apiName, contract]) => ({
    contract,
    deployed: { ...shared, apiName, all },
  }));
  if (format === "table")
    return each
      .map(({ contract, deployed }) => `${deployed.apiName}\n\n${formatTable(contract, deployed)}`)
      .join("\n\n\n");
  const document = {
    id: all.common.id,
    contracts: all.apis,
    apis: Object.assign({}, ...each.map(({ contract, deployed }) => describeApis(contract, deployed))),
    TOKEN_SOURCE: formatTokenSources(shared.tokenSources),
    ...toCachingVariables(all.common, { ...shared, all }),
  };
  return JSON.stringify(document, (key, value) => (key === "token_documents" ? undefined : value), 2);
}

/** Terraform's resource for an authorizer, by kind of API. */
const TERRAFORM_RESOURCES: Readonly<Record<CachingApi, (settings: AuthorizerSettings, alias: ApiAlias) => string>> = {
  rest: (
    { name, ttlS, identitySources },
    { contractId },
  ) => `resource "aws_api_gateway_authorizer" "${toLabel(`${name}-${contractId}`)}" {
  name                             = ${JSON.stringify(`${name}-${contractId}`)}
  rest_api_id                      = var.rest_api_id
  authorizer_uri                   = aws_lambda_alias.rest.invoke_arn
  type                             = "REQUEST"
  identity_source                  = join(",", [${toList(identitySources)}])
  authorizer_result_ttl_in_seconds = ${ttlS}
  depends_on                       = [aws_lambda_permission.rest]

  lifecycle {
    create_before_destroy = true
  }
}`,
  http: (
    { name, ttlS, identitySources },
    { contractId },
  ) => `resource "aws_apigatewayv2_authorizer" "${toLabel(`${name}-${contractId}`)}" {
  name                              = ${JSON.stringify(`${name}-${contractId}`)}
  api_id                            = var.http_api_id
  authorizer_uri                    = aws_lambda_alias.http.invoke_arn
  authorizer_type                   = "REQUEST"
  authorizer_payload_format_version = "2.0"
  enable_simple_responses           = false
  identity_sources                  = [${toList(identitySources)}]
  authorizer_result_ttl_in_seconds  = ${ttlS}
  depends_on                        = [aws_lambda_permission.http]

  lifecycle {
    create_before_destroy = true
  }
}`,
};

/** Formats the alias of an API, and the permission to invoke it. The function needs `publish = true`. */
function toTerraformAlias({ api, aliasName }: ApiAlias): string {
  return `resource "aws_lambda_alias" "${api}" {
  name             = ${JSON.stringify(aliasName)}
  function_name    = var.authorizer_function_name
  function_version = var.authorizer_version

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_lambda_permission" "${api}" {
  action        = "lambda:InvokeFunction"
  function_name = var.authorizer_function_name
  qualifier     = aws_lambda_alias.${api}.name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "\${var.${api}_api_execution_arn}/authorizers/*"

  lifecycle {
    create_before_destroy = true
  }
}`;
}

function toList(texts: readonly string[]): string {
  return texts.map((text) => JSON.stringify(text)).join(", ");
}

/** Formats resources for Terraform's AWS provider. A TTL of 0 is written out: by default a REST API caches for 300 seconds. */
const formatTerraform: Format = (contract, deployed) => {
  const { apis, ttlS, tokenSources } = deployed;
  const aliases = toAliases(contract, deployed);
  const blocks = apis.flatMap((api) =>
    aliases
      .filter((alias) => alias.api === api)
      .flatMap((alias) =>
        toSettings(contract, api, ttlS, tokenSources).map((settings) => TERRAFORM_RESOURCES[api](settings, alias)),
      ),
  );
  const contractOf = (api: Api) => aliases.find((alias) => alias.api === api)?.contractId ?? "";
  const idsOf = (api: CachingApi) =>
    contract.routes.map(({ verb, path, authorizer }) => {
      const label = toLabel(`${authorizer}-${contractOf(api)}`);
      return `    ${JSON.stringify(`${verb} ${path}`)} = ${TERRAFORM_TYPES[api]}.${label}.id`;
    });
  const variables = [
    ...["authorizer_function_name", "authorizer_version"],
    ...apis.map((api) => `${api}_api_id`),
    ...aliases.map(({ api }) => `${api}_api_execution_arn`),
  ];
  const settings = toCachingVariables(contract, deployed);
  const toText = (text: string) => JSON.stringify(text).replaceAll("${", "$${");
  return [
    "# What the module infra/terraform makes for you, for those who write it themselves. The function's resource needs publish = true,",
    "# which gives authorizer_version. authorizer_version and authorizer_function_name may be its attributes in place of variables.",
    ...variables.map((name) => `variable "${name}" {\n  type = string\n}\n`),
    "locals {",
    "  # Environment variables of the function:",
    `  cache_contract = ${toText(settings.CACHE_CONTRACT)}`,
    `  api_contracts  = ${toText(settings.API_CONTRACTS)}`,
    "",
    "  # The authorizer of each method:",
    ...apis.flatMap((api) => [`  ${api}_authorizer_ids = {`, ...idsOf(api), "  }"]),
    "}",
    "",
    ...aliases.map((alias) => `${toTerraformAlias(alias)}\n`),
    ...blocks.map((block) => `${block}\n`),
    ...["cache_contract", "api_contracts", ...apis.map((api) => `${api}_authorizer_ids`)].map(
      (name) => `output "${name}" {\n  value = local.${name}\n}\n`,
    ),
  ].join("\n");
};

/** The type of Terraform's resource for an authorizer, by kind of API. */
const TERRAFORM_TYPES: Readonly<Record<CachingApi, string>> = {
  rest: "aws_api_gateway_authorizer",
  http: "aws_apigatewayv2_authorizer",
};

/** Makes a Terraform name, which has letters, digits, `_` and `-`. */
function toLabel(name: string): string {
  return name.replaceAll(/[^\w-]/g, "-");
}

/** The key of each kind of API in the settings for AWS SAM. */
const SAM_APIS: Readonly<Record<CachingApi, string>> = { rest: "Api", http: "HttpApi" };

/**
 * Formats settings for AWS SAM: the `Auth` of an `AWS::Serverless::Api` or an `AWS::Serverless::HttpApi`, and the aliases by
 * which they invoke the function. `AutoPublishAlias` makes SAM publish a version of each new package.
 */
const formatSam: Format = (contract, deployed) => {
  const { apis } = deployed;
  const aliases = toAliases(contract, deployed);
  const contractOf = (api: Api) => aliases.find((alias) => alias.api === api)?.contractId ?? "";
  // With the contract in its logical id, an alias is created, and not replaced, so that the old one is retained.
  const idOf = (api: Api) => `AuthorizerAliasOf${NAMES[api]}${contractOf(api)}`;
  const described = Object.values(describeApis(contract, deployed));
  const namesOf = (api: CachingApi) => {
    const own = described.find(({ kind }) => kind === api);
    return { authorizers: own?.authorizers ?? {}, names: own === undefined ? {} : toSamNames(own) };
  };
  const auth = apis.map((api) => {
    const { authorizers, names } = namesOf(api);
    const settings = Object.entries(authorizers).map(([name, one]) => [
      names[name],
      toSamAuthorizer(api, one, `!Ref ${idOf(api)}`, true),
    ]);
    return [SAM_APIS[api], { Auth: { Authorizers: Object.fromEntries(settings) } }];
  });
  const { names } = namesOf(apis[0] ?? "rest");
  const routes = contract.routes.map(({ verb, path, authorizer }) => [
    `${verb} ${path}`,
    { Auth: { Authorizer: names[authorizer] } },
  ]);
  const resources = aliases.map(({ api, aliasName }) => [
    idOf(api),
    {
      Type: "AWS::Lambda::Alias",
      DeletionPolicy: "RetainExceptOnCreate",
      UpdateReplacePolicy: "Retain",
      Properties: {
        Name: aliasName,
        FunctionName: "!Ref Authorizer",
        FunctionVersion: "!GetAtt Authorizer.Version.Version",
      },
    },
  ]);
  const document = {
    ...Object.fromEntries(auth),
    Events: Object.fromEntries(routes),
    Resources: Object.fromEntries(resources),
    AutoPublishAlias: "latest",
    AutoPublishAliasAllProperties: true,
    Environment: {
      Variables: toCachingVariables(contract, deployed),
    },
  };
  // CloudFormation reads `!Ref` and `!GetAtt` only without quotes.
  return stringify(document, { lineWidth: 0 }).replaceAll(/"(!(?:GetAtt|Ref) [\w.]+)"/g, "$1");
};

function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

/** The formats, by the name that `--format` takes. */
export const FORMATS = { table: formatTable, json: formatJson, terraform: formatTerraform, sam: formatSam };
