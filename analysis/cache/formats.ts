import { stringify } from "yaml";
import type { CachingApi } from "../../contract/api-kinds.ts";
import type { CacheContract } from "../../contract/manifest.ts";
import { fitsCacheKey, type TokenSource } from "../../contract/token-source.ts";
import { type AuthorizerSettings, toCacheContractVariable, toSettings } from "./settings.ts";

/** The settings of a deployment that a contract does not have. */
export interface Deployment {
  readonly apis: readonly CachingApi[];
  readonly ttlS: number;
  /** The places of the token in a request, the value of `TOKEN_SOURCE`. */
  readonly tokenSources: readonly TokenSource[];
}

type Format = (contract: CacheContract, deployment: Deployment) => string;

const NAMES: Readonly<Record<CachingApi, string>> = { rest: "REST", http: "HTTP" };

/** Formats the contract for people: every route with its class and the reasons, and the authorizers to create. */
const formatTable: Format = (contract, deployment) => {
  const { apis, ttlS, tokenSources } = deployment;
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
  lines.push("", `CACHE_CONTRACT='${toCacheContractVariable(contract, apis, tokenSources)}'`);
  return lines.join("\n");
};

const formatJson: Format = (contract, { apis, ttlS, tokenSources }) => {
  const settings = Object.fromEntries(apis.map((api) => [api, toSettings(contract, api, ttlS, tokenSources)]));
  const { token_documents: _, ...printed } = contract;
  return JSON.stringify(
    { ...printed, settings, CACHE_CONTRACT: toCacheContractVariable(contract, apis, tokenSources) },
    null,
    2,
  );
};

/** Terraform's resource for an authorizer, by kind of API. */
const TERRAFORM_RESOURCES: Readonly<Record<CachingApi, (settings: AuthorizerSettings) => string>> = {
  rest: ({ name, ttlS, identitySources }) => `resource "aws_api_gateway_authorizer" "${toLabel(name)}" {
  name                             = ${JSON.stringify(name)}
  rest_api_id                      = var.rest_api_id
  authorizer_uri                   = var.authorizer_invoke_arn
  type                             = "REQUEST"
  identity_source                  = join(",", [${toList(identitySources)}])
  authorizer_result_ttl_in_seconds = ${ttlS}
}`,
  http: ({ name, ttlS, identitySources }) => `resource "aws_apigatewayv2_authorizer" "${toLabel(name)}" {
  name                              = ${JSON.stringify(name)}
  api_id                            = var.http_api_id
  authorizer_uri                    = var.authorizer_invoke_arn
  authorizer_type                   = "REQUEST"
  authorizer_payload_format_version = "2.0"
  enable_simple_responses           = false
  identity_sources                  = [${toList(identitySources)}]
  authorizer_result_ttl_in_seconds  = ${ttlS}
}`,
};

function toList(texts: readonly string[]): string {
  return texts.map((text) => JSON.stringify(text)).join(", ");
}

/** Formats resources for Terraform's AWS provider. A TTL of 0 is written out: by default a REST API caches for 300 seconds. */
const formatTerraform: Format = (contract, { apis, ttlS, tokenSources }) => {
  const blocks = apis.flatMap((api) =>
    toSettings(contract, api, ttlS, tokenSources).map((settings) => TERRAFORM_RESOURCES[api](settings)),
  );
  const uses = contract.routes.map(({ verb, path, authorizer }) => `#   ${verb.padEnd(7)} ${path} -> ${authorizer}`);
  const variable = toCacheContractVariable(contract, apis, tokenSources);
  return [
    "# The authorizer of each method:",
    ...uses,
    "",
    ...blocks.map((block) => `${block}\n`),
    "# An environment variable of the Lambda:",
    `output "cache_contract" {\n  value = ${JSON.stringify(variable).replaceAll("${", "$${")}\n}`,
  ].join("\n");
};

/** Makes a Terraform name, which has letters, digits, `_` and `-`. */
function toLabel(name: string): string {
  return name.replaceAll(/[^\w-]/g, "-");
}

/** The key of each kind of API in the settings for AWS SAM, and what says which events its authorizers get. */
const SAM_APIS: Readonly<Record<CachingApi, { readonly key: string; readonly payload: object }>> = {
  rest: { key: "Api", payload: { FunctionPayloadType: "REQUEST" } },
  http: { key: "HttpApi", payload: { AuthorizerPayloadFormatVersion: "2.0", EnableSimpleResponses: false } },
};

/** Formats settings for AWS SAM: the `Auth` of an `AWS::Serverless::Api` or an `AWS::Serverless::HttpApi`. */
const formatSam: Format = (contract, { apis, ttlS, tokenSources }) => {
  const auth = apis.map((api) => {
    const authorizers = toSettings(contract, api, ttlS, tokenSources).map((settings) => [
      settings.name,
      {
        FunctionArn: "!GetAtt Authorizer.Arn",
        ...SAM_APIS[api].payload,
        Identity: { ...toSamIdentity(settings.identitySources), ReauthorizeEvery: settings.ttlS },
      },
    ]);
    return [SAM_APIS[api].key, { Auth: { Authorizers: Object.fromEntries(authorizers) } }];
  });
  const routes = contract.routes.map(({ verb, path, authorizer }) => [
    `${verb} ${path}`,
    { Auth: { Authorizer: authorizer } },
  ]);
  const document = {
    ...Object.fromEntries(auth),
    Events: Object.fromEntries(routes),
    Environment: { Variables: { CACHE_CONTRACT: toCacheContractVariable(contract, apis, tokenSources) } },
  };
  // CloudFormation reads `!GetAtt` only without quotes.
  return stringify(document, { lineWidth: 0 }).replaceAll('"!GetAtt Authorizer.Arn"', "!GetAtt Authorizer.Arn");
};

function toSamIdentity(sources: readonly string[]): object {
  const named = (prefix: RegExp) =>
    sources.flatMap((source) => (prefix.test(source) ? [source.replace(prefix, "")] : []));
  const identity = {
    Headers: named(/^(method\.|\$)request\.header\./),
    QueryStrings: named(/^(method\.|\$)request\.querystring\./),
    Context: named(/^\$?context\./),
  };
  return Object.fromEntries(Object.entries(identity).filter(([, names]) => names.length > 0));
}

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
