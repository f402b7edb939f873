import type { CodeOf } from "../../contract/reason-codes.ts";
import { err, ok, type Result } from "../../contract/result.ts";
import type { GatewayEvent } from "./event.ts";

/** Where the token is; a TOKEN authorizer is given it by API Gateway, wherever that is configured to find it. */
export interface TokenSource {
  readonly from: "header" | "query";
  /** A header's name in lower case, a query parameter's as it is. */
  readonly name: string;
}

/** More than any header that API Gateway lets through with room for others (10,240 bytes for all of them). */
const MAX_TOKEN_CHARS = 8192;

const BEARER = /^(?:bearer +)?([\w-]+\.[\w-]+\.[\w-]+)$/i;

/**
 * Finds the bearer token of an event: `Bearer <token>`, the scheme in any letter case, or the bare token.
 *
 * The header or parameter must occur once. An HTTP API joins repeated headers with a comma, which no token has.
 */
export function findToken(event: GatewayEvent, source: TokenSource): Result<string, CodeOf<"token">> {
  const values =
    event.kind === "rest-token"
      ? event.authorizationToken === undefined
        ? []
        : [event.authorizationToken]
      : ((source.from === "header" ? event.headers : event.query).get(source.name) ?? []);
  const [text, ...others] = values;
  if (text === undefined || text === "") return err("token.missing");
  if (others.length > 0 || text.includes(",")) return err("token.repeated");
  if (text.length > MAX_TOKEN_CHARS) return err("token.too_large");
  const token = BEARER.exec(text)?.[1];
  return token === undefined ? err("token.malformed") : ok(token);
}
