import type { Api } from "../contract/api-kinds.ts";
import { RULES } from "../gateway-rules/find-broken-rules.ts";

const NAMES: Readonly<Record<Api, string>> = { rest: "REST", http: "HTTP", websocket: "WebSocket" };

/** The beginning of the page. */
const INTRODUCTION = `# What API Gateway refuses

Generated from \`gateway-rules/\` by \`npm run generate\`.

API Gateway refuses an API that breaks one of these rules, and the stack rolls back. They are refused here first: by
\`rego-authorizer build\`, \`check\` and \`openapi\` for the routes of a document, by the constructs at synthesis for all routes,
authorizers, stages and models of an API, by \`rego-authorizer check-template\` for templates, and by the simulator.

A **notice** is a rule that AWS does not document, or whose API is created and does not work as it seems to. Commands print notices,
and the constructs warn. More parts than a quota are a notice for a document, and an error for the constructs: AWS raises
some quotas, and \`raisedQuotas\` of \`PolicyAuthorizer\` says which. Values that are known at deployment only are not judged.

## For which kind of API a document is

One document may be for a REST and an HTTP API. It shows its kind by extensions that one kind has (such as
\`x-amazon-apigateway-gateway-responses\` or \`x-amazon-apigateway-cors\`), by a mock integration, by \`payloadFormatVersion\`, by \`/$default\`, and
Swagger 2 is for REST APIs. \`--api rest\` and \`--api http\` say it. If the kind is not known, a rule of one kind is a notice
(\`route.one_kind\`), and only what both kinds refuse is an error.

## The rules

| rule | code | API | | source |
| --- | --- | --- | --- | --- |
`;

const LAMBDA = `
## Quotas of Lambda and CloudFormation

| quota | code | most | |
| --- | --- | --- | --- |
| the environment of a function, names and values | \`quota.environment_bytes\` | 4,096 bytes | checked at synthesis for the authorizer; \`TRUSTED_ISSUERS\` grows with every issuer, and issuers can be packed with the build |
| the resource policy of a function, a version or an alias | \`quota.policy_bytes\` | 20,480 bytes | about 50 APIs for one alias; each alias has a policy of its own |
| a template | \`quota.template_bytes\` | 1,000,000 bytes | without white space |
| the resources of a stack | \`quota.stack_resources\` | 500 | a REST API has a resource for each segment and a method for each verb |

AWS does not raise these. Ids that are known at deployment only count with their least length, so that what fits is not refused.
`;

/** Writes the page about the rules of API Gateway. */
export function toGatewayRulesPage(): string {
  const rows = RULES.map(({ code, title, kinds, effect, source }) => {
    const apis = kinds.map((kind) => NAMES[kind]).join(", ");
    return `| ${title} | \`${code}\` | ${apis} | ${effect === "refused" ? "" : "notice"} | ${source} |`;
  });
  return `${INTRODUCTION}${rows.join("\n")}\n${LAMBDA}`;
}
