import { traitsOf } from "../../contract/api-kinds.ts";
import { MAX_TOKEN_CHARS } from "../../contract/limits.ts";
import type { CodeOf } from "../../contract/reason-codes.ts";
import { err, ok, type Result } from "../../contract/result.ts";
import type { TokenCarrier } from "../../contract/token-carriers.ts";
import { sourcesOn, type TokenSource } from "../../contract/token-source.ts";
import { readCookies, readOfferedTokens } from "./carried-tokens.ts";
import type { GatewayEvent } from "./event.ts";

const BEARER = /^(?:[Bb][Ee][Aa][Rr][Ee][Rr] +)?([\w-]+\.[\w-]+\.[\w-]+)$/;

/**
 * Finds the bearer token of an event: `Bearer <token>`, the scheme in any letter case, or the bare token.
 *
 * All sources together must have one value. An HTTP API joins repeated headers with a comma, and no token has a comma.
 */
export function findToken(event: GatewayEvent, sources: readonly TokenSource[]): Result<string, CodeOf<"token">> {
  const values = TOKENS[traitsOf(event.kind).tokenIn](event, sources);
  const [text = "", ...others] = values;
  if (values.every((value) => value === "")) return err("token.missing");
  if (others.length > 0 || text.includes(",")) return err("token.repeated");
  if (text.length > MAX_TOKEN_CHARS) return err("token.too_large");
  const token = BEARER.exec(text)?.[1];
  return token === undefined ? err("token.malformed") : ok(token);
}

/** Lists all values of a header or a query parameter. */
export function valuesOf(event: GatewayEvent, from: "header" | "query", name: string): readonly string[] {
  return VALUES[from](event, name);
}

/** How to find the values that may be the token, in each part of a request that can carry it. */
const VALUES: Readonly<Record<TokenCarrier, (event: GatewayEvent, name: string) => readonly string[]>> = {
  header: ({ headers }, name) => headers.get(name.toLowerCase()) ?? [],
  query: ({ query }, name) => query.get(name) ?? [],
  cookie: ({ headers, cookies }, name) => readCookies(headers.get("cookie") ?? [], cookies, name),
  subprotocol: ({ headers }, name) => readOfferedTokens(headers.get(name.toLowerCase()) ?? []),
};

/** How to find the token. A TOKEN authorizer gets it from API Gateway, which reads it from its own identity source. */
const TOKENS = {
  authorization_token: ({ authorizationToken: token }: GatewayEvent) => (token === undefined ? [] : [token]),
  token_source: (event: GatewayEvent, sources: readonly TokenSource[]) =>
    sourcesOn(traitsOf(event.kind).api, sources).flatMap(({ from, name }) => VALUES[from](event, name)),
} as const;
