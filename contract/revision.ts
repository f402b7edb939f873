import { createHash } from "node:crypto";

/**
 * Computes the identity of a policy from its module and its data.
 *
 * @returns The digest that `sha256sum policy.wasm data.json | sha256sum` prints.
 */
export function toRevision(wasm: Uint8Array, data: Uint8Array): string {
  const digest = (bytes: Uint8Array | string) => createHash("sha256").update(bytes).digest("hex");
  return digest(`${digest(wasm)}  policy.wasm\n${digest(data)}  data.json\n`);
}
