import type { Result } from "../contract/result.ts";
import {
  DEFAULT_TOKEN_SOURCE,
  formatTokenSource,
  parseTokenSource,
  type TokenSource,
} from "../contract/token-source.ts";

/** Reads where requests have their token, as the authorizer is told. */
export function readTokenSource(): Result<TokenSource, string> {
  return parseTokenSource(process.env["TOKEN_SOURCE"] ?? formatTokenSource(DEFAULT_TOKEN_SOURCE));
}
