import { isUtf8 } from "node:buffer";
import { isObject, parseJson } from "../../contract/json.ts";
import { err, ok, type Result } from "../../contract/result.ts";
import type { Claims } from "./claims.ts";
import { isUnambiguous } from "./unambiguous-json.ts";

/** The parts of a token, not verified yet. */
export interface Token {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Claims;
  /** The bytes that were signed. */
  readonly signed: Buffer;
  readonly signature: Buffer;
}

/**
 * Parses a token in the compact serialization.
 *
 * Each part has exactly one spelling and one meaning: base64url without padding or unused bits, UTF-8 without a byte order
 * mark, JSON in which no name occurs twice and every text is well-formed. `aws-jwt-verify` is more lenient in all of these.
 *
 * @see RFC 7515, section 7.1 (compact serialization); RFC 7519, section 4 (claim names must be unique)
 */
export function parseToken(text: string): Result<Token, "token.malformed"> {
  const [header64 = "", claims64 = "", signature64 = "", ...more] = text.split(".");
  const header = parseHeader(header64);
  const claims = parseObject(decoded(claims64));
  const signature = decoded(signature64);
  if (header === undefined || claims === undefined || signature === undefined || more.length > 0) {
    return err("token.malformed");
  }
  return ok({ header, claims, signed: Buffer.from(text.slice(0, text.lastIndexOf(".")), "latin1"), signature });
}

/** The last header that was parsed. All tokens that are signed with one key have the same. */
let lastHeader: { readonly text: string; readonly value: Token["header"] } | undefined;

function parseHeader(text: string): Token["header"] | undefined {
  if (lastHeader?.text === text) return lastHeader.value;
  const value = parseObject(decoded(text));
  if (value !== undefined) lastHeader = { text, value };
  return value;
}

function decoded(base64url: string): Buffer | undefined {
  const bytes = Buffer.from(base64url, "base64url");
  return bytes.length > 0 && bytes.toString("base64url") === base64url ? bytes : undefined;
}

function parseObject(bytes: Buffer | undefined): Readonly<Record<string, unknown>> | undefined {
  if (bytes === undefined || !isUtf8(bytes)) return undefined;
  const text = bytes.toString();
  const value = parseJson(text);
  return isObject(value) && isUnambiguous(text, value) ? value : undefined;
}
