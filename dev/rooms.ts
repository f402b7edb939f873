/**
 * The rooms of this repository from the bottom up, and the rooms that each may import, all of them further up in this list.
 * Imports of types count. `npm run generate` writes the fences for the linter, and docs/architecture.md says what each room
 * is for. A folder without a room fails a test.
 */
export const ROOMS = {
  contract: [],
  "gateway-rules": ["contract"],
  "authorizer/gateway": ["contract"],
  "authorizer/identity": ["contract"],
  "authorizer/policy": ["contract", "authorizer/gateway", "authorizer/identity"],
  authorizer: ["contract", "authorizer/gateway", "authorizer/identity", "authorizer/policy"],
  build: ["contract"],
  "build/opa": ["contract", "build"],
  "build/rego": ["contract", "build/opa"],
  "build/policy": ["contract", "build", "build/opa", "build/rego"],
  // The build packs the authorizer, and the smoke test uses its evaluator.
  "build/package": [
    ...["contract", "authorizer", "authorizer/policy"],
    ...["build", "build/opa", "build/rego", "build/policy"],
  ],
  "build/rego-tests": [
    ...["contract", "authorizer/policy"],
    ...["build", "build/opa", "build/rego", "build/policy", "build/package"],
  ],
  "analysis/paths": ["contract"],
  // The proof uses the authorizer's code for policy documents, so that it is about the documents that the authorizer makes.
  "analysis/cache": ["contract", "authorizer/gateway", "authorizer/policy", "build/policy", "analysis/paths"],
  "analysis/iam": ["contract", "authorizer/gateway", "build/policy", "analysis/paths"],
  "analysis/reach": ["contract", "analysis/paths"],
  // No engine inside: what it finds is compared with the decisions of the engine.
  "analysis/access": ["contract"],
  "analysis/matrix": ["contract", "analysis/access"],
  // A mutant is tried on the cases of the Rego tests, with the evaluator that ships.
  "analysis/mutation": ["contract", "authorizer/policy", "build/rego-tests"],
  // One request is decided and explained with the evaluator that ships, and its token is read as the authorizer reads it.
  "analysis/requests": [
    ...["contract", "authorizer/gateway", "authorizer/identity", "authorizer/policy", "build/policy"],
  ],
  analysis: ["contract", "build/package", "analysis/cache", "analysis/iam"],
  // A claim about access has a witness, which the module that ships confirms.
  "analysis/compare": [
    ...["contract", "authorizer/policy", "build", "build/opa", "build/rego", "build/policy", "build/package"],
    ...["analysis/cache", "analysis/iam", "analysis/access", "analysis/mutation"],
  ],
  openapi: ["contract", "gateway-rules", "build/package", "analysis", "analysis/paths", "analysis/cache"],
  gate: ["contract", "gateway-rules", "openapi"],
  simulator: ["contract", "gateway-rules"],
  local: ["contract", "build", "build/package", "analysis/cache", "openapi", "simulator"],
  scaffold: ["contract", "build", "openapi"],
  // A replay decides with the authorizer's code, so that it is about the decisions that the authorizer makes.
  replay: [
    ...["contract", "authorizer", "authorizer/gateway", "authorizer/identity", "authorizer/policy"],
    ...["build/package"],
  ],
  review: [
    ...["contract", "build/policy", "build/package", "build/rego-tests"],
    ...["analysis", "analysis/access", "analysis/compare", "analysis/mutation", "analysis/reach"],
  ],
  // Proposals are patches of the company's files, so this room reads their syntax trees.
  tighten: [
    ...["contract", "authorizer/policy", "build", "build/opa", "build/rego", "build/policy", "build/package"],
    ...["analysis/access", "replay"],
  ],
  upgrade: [
    ...["contract", "authorizer/policy", "build/policy", "build/rego-tests"],
    ...["analysis/access", "analysis/compare"],
  ],
  "infra/constructs": [
    "contract",
    "gateway-rules",
    "build/package",
    "analysis/cache",
    "analysis/iam",
    "openapi",
    "gate",
  ],
  "infra/example": ["contract", "openapi", "infra/constructs"],
  // What the installed package gives to other people's code.
  exports: ["contract", "simulator", "infra/constructs"],
  cli: [
    ...["contract", "build", "build/opa", "build/policy", "build/package", "build/rego-tests"],
    ...["analysis", "analysis/cache", "analysis/reach", "analysis/iam", "analysis/mutation"],
    ...["analysis/access", "analysis/compare", "analysis/matrix", "analysis/requests"],
    ...["openapi", "gate", "local", "scaffold", "replay", "review", "tighten", "upgrade"],
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** The rooms that are not part of the product. They may import all rooms of the product, and the rooms listed here. */
const OUTBUILDINGS = { dev: ["bench"], bench: ["dev"], test: ["dev", "bench"] } as const satisfies Readonly<
  Record<string, readonly string[]>
>;

/** Lists the other rooms that each room may import. */
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
