import type { KeysAge } from "./identity/key-set-cache.ts";

/** The longest beginning of an issuer in a line, so that no line is longer than one of the decision log. */
const MAX_ISSUER_CHARS = 200;

/**
 * Formats the line that says how old an issuer's keys had become, with its line break. A metric takes the age from it.
 *
 * @param version - The version of the Lambda function; undefined outside Lambda.
 */
export function formatKeysLine({ issuer, ageS }: KeysAge, version: string | undefined, nowMs: number): string {
  const timestamp = new Date(nowMs).toISOString();
  return `${JSON.stringify({ timestamp, keys_of: issuer.slice(0, MAX_ISSUER_CHARS), keys_age_s: ageS, v: version })}\n`;
}
