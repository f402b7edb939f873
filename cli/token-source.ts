import type { Result } from "../contract/result.ts";
import {
  DEFAULT_TOKEN_SOURCE,
  formatTokenSource,
  parseTokenSource,
  type TokenSource,
} from "../contract/token-source.ts";

/** Reads `TOKEN_SOURCE` from the environment, with the authorizer's default. */
export function readTokenSource(): Result<TokenSource, string> {
  return parseTokenSource(process.env["TOKEN_SOURCE"] ?? formatTokenSource(DEFAULT_TOKEN_SOURCE));
}
