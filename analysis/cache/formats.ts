import { stringify } from "yaml";
import type { CachingApi } from "../../contract/api-kinds.ts";
import type { CacheContract } from "../../contract/manifest.ts";
import type { TokenSource } from "../../contract/token-source.ts";
import { toCacheContractVariable, toSettings } from "./settings.ts";

/** What a deployment adds to a contract. */
export interface Deployment {
  readonly apis: readonly CachingApi[];
  readonly ttlS: number;
  /** Where requests have their token, as `TOKEN_SOURCE` will say. */
  readonly tokenSource: TokenSource;
}

type Format = (contract: CacheContract, deployment: Deployment) => string;

const NAMES = { rest: "REST", http: "HTTP" };

/** The contract for people: every route with its class and why, and the authorizers to make. */
const formatTable: Format = (contract, deployment) => {
  const { apis, ttlS, tokenSource } = deployment;
  const rows = contract.routes.map(({ verb, path, class: cacheClass, authorizer, because }) => [
    `${verb.padEnd(7)} ${path}`,
    cacheClass,
    authorizer,
    because
      .map(({ read, conditions }) => (conditions.length > 0 ? `${read} (${conditions.join(", ")})` : read))
      .join("; "),
  ]);
  const lines = alignColumns([
    ["ROUTE", "CLASS", "AUTHORIZER", "BECAUSE OF WHAT IT READS, BESIDES THE TOKEN"],
    ...rows,
  ]);
  for (const [name, authorizer] of Object.entries(contract.authorizers)) {
    const reasons = Object.entries(authorizer.because).map(([source, names]) => `${source}: ${names.join(", ")}`);
    const lasts = {
      token:
        contract.token_documents === undefined
          ? "an answer is for one method and path"
          : "an answer is for all routes of its token on REST APIs",
      request: "an answer is for one method and path",
      never: "no answer is kept",
    }[authorizer.class];
    const apart = authorizer.rest_only
      ? "; not on HTTP APIs, which decode a slash in a parameter before a key is made"
      : "";
    lines.push("", `${name}: ${lasts}${apart}`, ...reasons.map((reason) => `  in the key for a condition: ${reason}`));
    for (const api of apis) {
      const settings = toSettings(contract, api, ttlS, tokenSource).find((one) => one.name === name);
      lines.push(`  ${NAMES[api]}  TTL ${settings?.ttlS} s  ${settings?.identitySources.join(", ")}`);
    }
  }
  const mandatory = contract.required.map((source) => source.replace(".", " "));
  if (mandatory.length > 0)
    lines.push("", `Requests without ${mandatory.join(" or ")} get 401 from API Gateway where that is in the key.`);
  lines.push("", "If several domains or base paths lead to one stage, add context.domainName ($context.domainName).");
  lines.push("WebSocket APIs keep no answers. HTTP APIs with simple answers must not: TTL 0.");
  lines.push("", `CACHE_CONTRACT='${toCacheContractVariable(contract, apis, tokenSource)}'`);
  return lines.join("\n");
};

const formatJson: Format = (contract, { apis, ttlS, tokenSource }) => {
  const settings = Object.fromEntries(apis.map((api) => [api, toSettings(contract, api, ttlS, tokenSource)]));
  const { token_documents: _, ...told } = contract;
  return JSON.stringify(
    { ...told, settings, CACHE_CONTRACT: toCacheContractVariable(contract, apis, tokenSource) },
    null,
    2,
  );
};

/** Settings of Terraform's AWS provider. A TTL of 0 is written out, since none means 300 seconds to a REST API. */
const formatTerraform: Format = (contract, { apis, ttlS, tokenSource }) => {
  const blocks = apis.flatMap((api) =>
    toSettings(contract, api, ttlS, tokenSource).map((settings) => {
      const list = settings.identitySources.map((source) => JSON.stringify(source)).join(", ");
      return api === "rest"
        ? `resource "aws_api_gateway_authorizer" "${toLabel(settings.name)}" {
  name                             = ${JSON.stringify(settings.name)}
  rest_api_id                      = var.rest_api_id
  authorizer_uri                   = var.authorizer_invoke_arn
  type                             = "REQUEST"
  identity_source                  = join(",", [${list}])
  authorizer_result_ttl_in_seconds = ${settings.ttlS}
}`
        : `resource "aws_apigatewayv2_authorizer" "${toLabel(settings.name)}" {
  name                              = ${JSON.stringify(settings.name)}
  api_id                            = var.http_api_id
  authorizer_uri                    = var.authorizer_invoke_arn
  authorizer_type                   = "REQUEST"
  authorizer_payload_format_version = "2.0"
  enable_simple_responses           = false
  identity_sources                  = [${list}]
  authorizer_result_ttl_in_seconds  = ${settings.ttlS}
}`;
    }),
  );
  const uses = contract.routes.map(({ verb, path, authorizer }) => `#   ${verb.padEnd(7)} ${path} -> ${authorizer}`);
  const variable = toCacheContractVariable(contract, apis, tokenSource);
  return [
    "# Which authorizer each method is to have:",
    ...uses,
    "",
    ...blocks.map((block) => `${block}\n`),
    "# A variable of the Lambda's environment.",
    `output "cache_contract" {\n  value = ${JSON.stringify(variable).replaceAll("${", "$${")}\n}`,
  ].join("\n");
};

/** A name of Terraform's has letters, digits, `_` and `-`. */
function toLabel(name: string): string {
  return name.replaceAll(/[^\w-]/g, "-");
}

/** Settings of AWS SAM: the `Auth` of an `AWS::Serverless::Api` or an `AWS::Serverless::HttpApi`. */
const formatSam: Format = (contract, { apis, ttlS, tokenSource }) => {
  const auth = apis.map((api) => {
    const authorizers = toSettings(contract, api, ttlS, tokenSource).map((settings) => [
      settings.name,
      {
        FunctionArn: "!GetAtt Authorizer.Arn",
        ...(api === "rest"
          ? { FunctionPayloadType: "REQUEST" }
          : { AuthorizerPayloadFormatVersion: "2.0", EnableSimpleResponses: false }),
        Identity: { ...toSamIdentity(settings.identitySources), ReauthorizeEvery: settings.ttlS },
      },
    ]);
    return [api === "rest" ? "Api" : "HttpApi", { Auth: { Authorizers: Object.fromEntries(authorizers) } }];
  });
  const routes = contract.routes.map(({ verb, path, authorizer }) => [
    `${verb} ${path}`,
    { Auth: { Authorizer: authorizer } },
  ]);
  const document = {
    ...Object.fromEntries(auth),
    Events: Object.fromEntries(routes),
    Environment: { Variables: { CACHE_CONTRACT: toCacheContractVariable(contract, apis, tokenSource) } },
  };
  // A tag of CloudFormation's, not a text.
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

/** By the name that `--format` takes. */
export const FORMATS = { table: formatTable, json: formatJson, terraform: formatTerraform, sam: formatSam };
