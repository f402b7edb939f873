import { createHash } from "node:crypto";
import type { TrailingSlash, UserTokenUse } from "./manifest.ts";

/**
 * Computes the identity of a policy from its module, its data, the kind of token that it accepts of users, and what a
 * trailing slash means.
 *
 * @returns The digest that `sha256sum policy.wasm data.json | sha256sum` prints, if the policy accepts both kinds of tokens and
 *   denies a trailing slash.
 */
export function toRevision(
  wasm: Uint8Array,
  data: Uint8Array,
  userTokenUse?: UserTokenUse,
  trailingSlash?: TrailingSlash,
): string {
  const digest = (bytes: Uint8Array | string) => createHash("sha256").update(bytes).digest("hex");
  const lines = [
    `${digest(wasm)}  policy.wasm`,
    `${digest(data)}  data.json`,
    ...(userTokenUse === undefined ? [] : [`${userTokenUse}  user_token_use`]),
    ...(trailingSlash === "same" ? [`${trailingSlash}  trailing_slash`] : []),
  ];
  return digest(`${lines.join("\n")}\n`);
}
