import { createCharacterPattern } from "../../contract/character-pattern.ts";
import { MAX_CLAIM_BYTES } from "../../contract/limits.ts";

const ENCODED = "base64:";

/** Matches what JSON, a mapping template or a header's line could take for more than text. */
const special = createCharacterPattern(["C"], '"\\\\$#[\\]{}<>\\u2028\\u2029');

/**
 * Formats the value of a claim for the context of a response; gives undefined for a value that is left out.
 *
 * A context has texts only. Text that JSON or a mapping template could take for syntax is encoded: `base64:` and the Base64 of
 * its UTF-8. So are lists and objects, as JSON. HTTP APIs answer 500 to a request with a cached response whose context has
 * JSON in a text.
 *
 * @see https://github.com/mantil-io/mantil/issues/52, "Invalid json in authorizer response"
 */
export function formatContextValue(value: unknown): string | undefined {
  const text = toText(value);
  if (text === undefined || !text.isWellFormed()) return undefined;
  const formatted = isPlain(text) ? text : `${ENCODED}${Buffer.from(text).toString("base64")}`;
  return Buffer.byteLength(formatted) > MAX_CLAIM_BYTES ? undefined : formatted;
}

function toText(value: unknown): string | undefined {
  switch (typeof value) {
    case "string":
      return value === "" ? undefined : value;
    case "number":
      return Number.isSafeInteger(value) || !Number.isInteger(value) ? String(value) : undefined;
    case "boolean":
      return String(value);
    case "object":
      return value === null ? undefined : JSON.stringify(value);
    default:
      return undefined;
  }
}

/** Tells whether a text has no character that needs an escape in JSON, in a mapping template or in a header's line. */
function isPlain(text: string): boolean {
  return !special().test(text) && !text.startsWith(ENCODED) && text.trim() === text;
}
