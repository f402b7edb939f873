import { createHash } from "node:crypto";
import type { UserTokenUse } from "./manifest.ts";

/**
 * Computes the identity of a policy from its module, its data, and the kind of token that it accepts of users.
 *
 * @returns The digest that `sha256sum policy.wasm data.json | sha256sum` prints, if the policy accepts both kinds of tokens.
 */
export function toRevision(wasm: Uint8Array, data: Uint8Array, userTokenUse?: UserTokenUse): string {
  const digest = (bytes: Uint8Array | string) => createHash("sha256").update(bytes).digest("hex");
  return digest(
    `${digest(wasm)}  policy.wasm\n${digest(data)}  data.json\n${userTokenUse === undefined ? "" : `${userTokenUse}  user_token_use\n`}`,
  );
}
