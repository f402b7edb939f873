import { readFile } from "node:fs/promises";
import { areUsable, parsePackedKeySets } from "../../authorizer/packed-keys.ts";
import { err, ok, type Result } from "../../contract/result.ts";

/**
 * Reads the key sets to pack: `{"<issuer>": {"keys": [ …JWKs ]}}`.
 *
 * @returns The JSON text, undefined if no file is named, or a line that says what is wrong.
 */
export async function readKeySets(file: string | undefined): Promise<Result<string | undefined, string>> {
  if (file === undefined || file === "") return ok(undefined);
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return err(`KEY_SETS=${file} can't be read`);
  try {
    const value: unknown = JSON.parse(text);
    if (holdsPrivateKey(value)) return err(`KEY_SETS=${file} holds a private key; pack public keys only`);
    const packed = parsePackedKeySets(value);
    if (packed === undefined || !areUsable(packed)) {
      return err(
        `KEY_SETS=${file}: must be {"<issuer>": {"keys": […]}}, with a kid and a key to verify signatures for each issuer: RSA of 2048 bits or more, P-256, P-384, P-521 or Ed25519`,
      );
    }
    return ok(`${JSON.stringify(value)}\n`);
  } catch {
    return err(`KEY_SETS=${file} is not JSON`);
  }
}

/** Tells whether a private or symmetric JWK is in a value: a private one has `d`, a symmetric one `k` (RFC 7518, section 6). */
function holdsPrivateKey(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return "d" in value || "k" in value || Object.values(value).some(holdsPrivateKey);
}
