import { HTTP_KEY, REST_KEY } from "../authorizer/gateway/identity-source.ts";

/** How API Gateway writes down what is in an authorizer's key, by kind of API. */
const FORMS = {
  rest: {
    header: "method.request.header.",
    query: "method.request.querystring.",
    context: {
      method: "context.httpMethod",
      path: "context.path",
      source_ip: "context.identity.sourceIp",
      domain: "context.domainName",
    },
  },
  http: {
    header: "$request.header.",
    query: "$request.querystring.",
    context: {
      route: "$context.routeKey",
      method: "$context.httpMethod",
      path: "$context.path",
      source_ip: "$context.identity.sourceIp",
      domain: "$context.domainName",
    },
  },
} as const;

/** A kind of API whose authorizers can have a cache. */
export type CachingApi = keyof typeof FORMS;

/** What every key has of these. */
export const LEAST_KEY = { rest: REST_KEY, http: HTTP_KEY };

/**
 * What a deployment names as identity sources, in order.
 *
 * @param sources - As the cache contract has them.
 * @param tokenSource - As `TOKEN_SOURCE` says: `header:<name>` or `query:<name>`.
 * @see API Gateway developer guide, "Input to an API Gateway Lambda authorizer"; "Control access to HTTP APIs with AWS
 *   Lambda authorizers"
 */
export function toIdentitySources(
  api: CachingApi,
  sources: readonly string[],
  tokenSource = "header:Authorization",
): readonly string[] {
  const { header, query, context } = FORMS[api];
  return sources.map((source) => {
    const [, from, name] = /^(header|query)[.:](.+)$/s.exec(source === "token" ? tokenSource : source) ?? [];
    if (name !== undefined) return `${from === "header" ? header : query}${name}`;
    const variable = Object.entries(context).find(([known]) => known === source)?.[1];
    if (variable === undefined) throw new Error(`no identity source is called ${source}`);
    return variable;
  });
}
