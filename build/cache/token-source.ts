import { err, ok, type Result } from "../../authorizer/result.ts";

/** Where the token is, as the authorizer will be told: `header:<name>` or `query:<name>`. */
export function readTokenSource(): Result<string, string> {
  const text = process.env["TOKEN_SOURCE"] ?? "header:Authorization";
  if (/^(header|query):[\w!#$%&'*+.^`|~-]+$/.test(text)) return ok(text);
  return err("TOKEN_SOURCE must be header:<name> or query:<name>, like header:Authorization");
}
