import { hash } from "node:crypto";
import type { TrailingSlash, UserTokenUse } from "./manifest.ts";
import type { PublicRule } from "./public-rules.ts";

/**
 * Computes the identity of a policy from its module, its data, the kind of token that it accepts of users, what a trailing
 * slash means, and the routes that it opens to everybody.
 *
 * @returns The digest that `sha256sum policy.wasm data.json | sha256sum` prints, if the policy accepts both kinds of tokens,
 *   denies a trailing slash and has no public rule.
 */
export function toRevision(
  wasm: Uint8Array,
  data: Uint8Array,
  userTokenUse?: UserTokenUse,
  trailingSlash?: TrailingSlash,
  publicRules: readonly PublicRule[] = [],
): string {
  const digest = (bytes: Uint8Array | string) => hash("sha256", bytes);
  const lines = [
    `${digest(wasm)}  policy.wasm`,
    `${digest(data)}  data.json`,
    ...(userTokenUse === undefined ? [] : [`${userTokenUse}  user_token_use`]),
    ...(trailingSlash === "same" ? [`${trailingSlash}  trailing_slash`] : []),
    ...publicRules.map(toLine),
  ];
  return digest(`${lines.join("\n")}\n`);
}

/** Formats the parts of a public rule that decide. Its title does not. */
function toLine({ name, verbs, path, apis = [] }: PublicRule): string {
  return `${JSON.stringify([name, verbs, path, apis])}  public_rules`;
}
