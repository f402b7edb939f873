/**
 * The rooms of this repository from the bottom up, and what each may import: rooms further up in this list, and nothing
 * else. Types count. `npm run generate` writes the fences for the linter, and docs/architecture.md says what each room is
 * for. A folder that is in none of them fails a test.
 */
export const ROOMS = {
  contract: [],
  "authorizer/gateway": ["contract"],
  "authorizer/identity": ["contract"],
  "authorizer/policy": ["contract", "authorizer/gateway", "authorizer/identity"],
  authorizer: ["contract", "authorizer/gateway", "authorizer/identity", "authorizer/policy"],
  build: ["contract"],
  "build/opa": ["contract", "build"],
  "build/rego": ["contract", "build/opa"],
  "build/policy": ["contract", "build", "build/opa", "build/rego"],
  // What is packed is the authorizer, and what is asked before it counts is its evaluator.
  "build/package": [
    ...["contract", "authorizer", "authorizer/policy"],
    ...["build", "build/opa", "build/rego", "build/policy"],
  ],
  "build/rego-tests": [
    ...["contract", "authorizer/policy"],
    ...["build", "build/opa", "build/rego", "build/policy", "build/package"],
  ],
  "analysis/paths": ["contract"],
  // Per-token documents are made by the authorizer, so that what is proved is what it makes.
  "analysis/cache": ["contract", "authorizer/gateway", "authorizer/policy", "build/policy", "analysis/paths"],
  "analysis/iam": ["contract", "authorizer/gateway", "build/policy", "analysis/paths"],
  analysis: ["contract", "build/package", "analysis/cache", "analysis/iam"],
  openapi: ["contract", "build/package", "analysis", "analysis/paths", "analysis/cache"],
  simulator: ["contract"],
  local: ["contract", "build/package", "analysis/cache", "openapi", "simulator"],
  "infra/constructs": ["contract", "build/package", "analysis/cache", "analysis/iam", "openapi"],
  "infra/example": ["contract", "openapi", "infra/constructs"],
  cli: [
    ...["contract", "build/opa", "build/policy", "build/package", "build/rego-tests"],
    ...["analysis", "analysis/cache", "analysis/iam", "openapi", "local"],
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** The rooms that are not part of the product, and the rooms of each other that they may import, besides the product's. */
const OUTBUILDINGS = { dev: [], bench: ["dev"], test: ["dev"] } as const satisfies Readonly<
  Record<string, readonly string[]>
>;

/** Lists what each room may import, its own files aside. */
export function toAllowed(): ReadonlyMap<string, readonly string[]> {
  const product = Object.keys(ROOMS);
  return new Map<string, readonly string[]>([
    ...Object.entries(ROOMS),
    ...Object.entries(OUTBUILDINGS).map(([room, others]) => [room, [...product, ...others]] as const),
  ]);
}

/** Finds the room that a file is in: the one with the longest name. */
export function roomOf(file: string): string | undefined {
  const rooms = [...toAllowed().keys()].filter((room) => file.startsWith(`${room}/`));
  return rooms.sort((one, other) => other.length - one.length)[0];
}
