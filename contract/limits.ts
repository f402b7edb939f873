/** The limits that callers and deployments meet, each with its source. Docs name the numbers, and a test holds them. */

/** The longest token, in characters. API Gateway accepts 10,240 bytes for all headers together. */
export const MAX_TOKEN_CHARS = 8192;

/** The longest ARN; API Gateway answers 414 above this (developer guide, "Quotas for configuring and running a REST API"). */
export const MAX_ARN_BYTES = 1600;

/** The longest `Resource` of a returned policy document (developer guide, "Output from an API Gateway Lambda authorizer"). */
export const MAX_RESOURCE_CHARS = 512;

/**
 * The longest context, in characters. WebSocket APIs refuse a response of more than 8 kB (their quotas), and other APIs
 * may. The principal's id and the resource need the rest.
 */
export const MAX_CONTEXT_CHARS = 5_000;

/** The longest name of an issuer. Each response has it in its context. */
export const MAX_ISSUER_NAME_CHARS = 64;

/** The longest value of a claim in the context, in bytes, with its encoding. The context has other claims, roles and grants. */
export const MAX_CLAIM_BYTES = 1_024;

/** The longest response; documented for WebSocket APIs only ("Quotas for configuring and running a WebSocket API"). */
export const MAX_RESPONSE_BYTES = 8_192;

/** The longest TTL of a cached response, in seconds (API reference, "CreateAuthorizer", `authorizerResultTtlInSeconds`). */
export const MAX_TTL_S = 3600;

/**
 * The TTL of a REST API's authorizer for which a deployment names none, in seconds (API Gateway developer guide,
 * "x-amazon-apigateway-authorizer").
 */
export const DEFAULT_TTL_S = 300;

/**
 * The most memory of a policy's module, in bytes: half of what the Lambda has by default. A module takes what it needs: 4 MB for
 * the data of ten thousand grants, 170 MB for the entitlements of {@link MAX_RULES}.
 */
export const MAX_MODULE_BYTES = 256 * 1_048_576;

/** The most grants and denials of a policy. The entitlements of one take 8.5 kB of {@link MAX_MODULE_BYTES}. */
export const MAX_RULES = 20_000;
