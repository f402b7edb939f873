import { createHash } from "node:crypto";

/**
 * The identity of a policy: of the module and of the data that it decides by.
 *
 * @returns What `sha256sum policy.wasm data.json | sha256sum` prints.
 */
export function toRevision(wasm: Uint8Array, data: Uint8Array): string {
  const digest = (bytes: Uint8Array | string) => createHash("sha256").update(bytes).digest("hex");
  return digest(`${digest(wasm)}  policy.wasm\n${digest(data)}  data.json\n`);
}
