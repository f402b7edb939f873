/**
 * The rooms of this repository, from the bottom up, and what each may import: rooms further up in this list, and nothing
 * else. Types count. `npm run generate` writes the fence into `biome.json`, and `docs/architecture.md` says what each
 * room is for.
 */
export const ROOMS = {
  contract: [],
  "authorizer/gateway": ["contract"],
  "authorizer/identity": ["contract"],
  "authorizer/policy": ["contract", "authorizer/gateway", "authorizer/identity"],
  authorizer: ["contract", "authorizer/gateway", "authorizer/identity", "authorizer/policy"],
  "build/opa": ["contract", "build"],
  "build/rego": ["contract", "build", "build/opa"],
  "build/policy": ["contract", "build", "build/opa", "build/rego"],
  "build/package": ["contract", "authorizer", "authorizer/policy", "build", "build/opa", "build/rego", "build/policy"],
  "build/rego-tests": [
    ...["contract", "authorizer/policy", "build"],
    ...["build/opa", "build/rego", "build/policy", "build/package"],
  ],
  build: ["contract"],
  "analysis/paths": ["contract"],
  "analysis/cache": ["contract", "authorizer/gateway", "authorizer/policy", "build/policy", "analysis/paths"],
  "analysis/iam": ["contract", "authorizer/gateway", "build/policy", "analysis/paths"],
  analysis: ["contract", "build/package", "analysis/paths", "analysis/cache", "analysis/iam"],
  openapi: ["contract", "build/package", "analysis", "analysis/paths", "analysis/cache"],
  simulator: ["contract", "analysis/cache"],
  local: ["contract", "build/package", "analysis/cache", "openapi", "simulator"],
  "infra/constructs": ["contract", "build/package", "build/policy", "analysis/cache", "analysis/iam", "openapi"],
  "infra/example": ["contract", "openapi", "infra/constructs"],
  cli: [
    ...["contract", "build/opa", "build/policy", "build/package", "build/rego-tests"],
    ...["analysis", "analysis/cache", "analysis/iam", "openapi", "local"],
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>;
