import type { HttpResponse } from "./gateway/answer.ts";
import type { TokenSource } from "./gateway/bearer-token.ts";
import { parseTrustedIssuers } from "./identity/parse-trusted-issuers.ts";
import type { TrustedIssuer } from "./identity/trusted-issuer.ts";
import { err, ok, type Result } from "./result.ts";

/** What the environment tells the authorizer. */
export interface Config {
  /** By the value of `iss`. */
  readonly issuers: ReadonlyMap<string, TrustedIssuer>;
  /** `TOKEN_SOURCE`: `header:<name>` or `query:<name>`. Default: `header:Authorization`. */
  readonly tokenSource: TokenSource;
  /** `HTTP_RESPONSE`: which form an HTTP API with payload 2.0 expects. Default: `iam`. */
  readonly httpResponse: HttpResponse;
}

/**
 * Reads the configuration from environment variables.
 *
 * @returns The configuration, or a line for every fault in it. A line names the variable and what to do, and repeats
 *   no value.
 */
export function parseConfig(
  environment: Readonly<Record<string, string | undefined>>,
): Result<Config, readonly string[]> {
  const issuers = parseTrustedIssuers(environment["TRUSTED_ISSUERS"]);
  const tokenSource = parseTokenSource(environment["TOKEN_SOURCE"] ?? "header:Authorization");
  const httpResponse = parseHttpResponse(environment["HTTP_RESPONSE"] ?? "iam");
  if (issuers.ok && tokenSource.ok && httpResponse.ok) {
    return ok({ issuers: issuers.value, tokenSource: tokenSource.value, httpResponse: httpResponse.value });
  }
  return err([issuers, tokenSource, httpResponse].flatMap((part) => (part.ok ? [] : part.error)));
}

function parseTokenSource(text: string): Result<TokenSource, readonly string[]> {
  // Header names: RFC 9110, section 5.6.2 (token).
  const [, from, name] = /^(header|query):([\w!#$%&'*+.^`|~-]+)$/.exec(text) ?? [];
  if (name === undefined)
    return err(["TOKEN_SOURCE: must be header:<name> or query:<name>, like header:Authorization"]);
  return ok(from === "header" ? { from, name: name.toLowerCase() } : { from: "query", name });
}

function parseHttpResponse(text: string): Result<HttpResponse, readonly string[]> {
  return text === "iam" || text === "simple" ? ok(text) : err(["HTTP_RESPONSE: must be iam or simple"]);
}
