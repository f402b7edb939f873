/** The path of a document that the policy reads, such as `["principal", "claims", "cognito:groups"]`. */
export type Read = readonly string[];

/** What the build says of the policy that it compiled; `dist/authorizer/manifest.json`. */
export interface Manifest {
  /** `sha256:` and the digest of `policy.wasm` and `data.json`. */
  readonly revision: string;
  readonly opa_version: string;
  /** In the order in which they were compiled. */
  readonly entrypoints: readonly string[];
  /** Every field of the input that the policy reads, sorted. The policy is given no other. */
  readonly reads: readonly Read[];
  /** Rules that may hold when a value is missing, and the reason their authors gave. */
  readonly opens_when_missing: readonly { readonly rule: string; readonly reason: string }[];
}

/** Reads a manifest; undefined if `value` is none. */
export function parseManifest(value: unknown): Manifest | undefined {
  return isManifest(value) ? value : undefined;
}

function isManifest(value: unknown): value is Manifest {
  if (typeof value !== "object" || value === null) return false;
  const { revision, opa_version, entrypoints, reads, opens_when_missing } = value as Record<string, unknown>;
  return (
    typeof revision === "string" &&
    typeof opa_version === "string" &&
    isTexts(entrypoints) &&
    Array.isArray(reads) &&
    reads.every(isTexts) &&
    Array.isArray(opens_when_missing)
  );
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
