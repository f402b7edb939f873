import { parseTokenSource } from "../authorizer/config.ts";
import { err, ok, type Result } from "../contract/result.ts";

/** Whether a text is what the authorizer takes for `TOKEN_SOURCE`. */
export function isTokenSource(text: string): boolean {
  return parseTokenSource(text).ok;
}

/** Where the token is, as the authorizer will be told: `header:<name>` or `query:<name>`. */
export function readTokenSource(): Result<string, string> {
  const text = process.env["TOKEN_SOURCE"] ?? "header:Authorization";
  if (isTokenSource(text)) return ok(text);
  return err("TOKEN_SOURCE must be header:<name> or query:<name>, like header:Authorization");
}
