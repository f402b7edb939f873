import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { toCacheContract } from "../../analysis/cache/contract.ts";
import { toCacheContractVariable, toSettings } from "../../analysis/cache/settings.ts";
import { createHandler } from "../../authorizer/create-handler.ts";
import { OPA_VERSION } from "../../build/opa/release.ts";
import { ENTRYPOINTS } from "../../build/package/compile.ts";
import { referencesOfEngine, sortedReferences } from "../../build/policy/input-references.ts";
import type { CacheKeyDependency } from "../../build/policy/key-dependencies.ts";
import type { ApiKind } from "../../contract/api-kinds.ts";
import { type CacheContract, formatManifest, type Manifest, type TrailingSlash } from "../../contract/manifest.ts";
import { formatRoutes } from "../../contract/manifest-routes.ts";
import { toDataDocument } from "../../contract/policy-data.ts";
import type { PolicyIndex } from "../../contract/policy-index.ts";
import { PRODUCT_VERSION } from "../../contract/product-version.ts";
import { toRevision } from "../../contract/revision.ts";
import type { Invocation } from "../../simulator/invocation.ts";
import type { SimulatedApi, SimulatedAuthorizer } from "../../simulator/simulated-api.ts";
import { CACHE_CONDITIONS_REGO, type CacheCase } from "./cache-arbitraries.ts";
import { compileConditions } from "./compiled-conditions.ts";
import { indexesOf } from "./indexes.ts";
import { CLIENT_ID, type TestIssuer, USER_POOL_ID } from "./tokens.ts";

/** The settings of an API. */
export interface Setup {
  readonly kind: ApiKind;
  readonly cacheScope: "request" | "token";
  readonly response: "iam" | "simple";
  readonly ttlS: number;
  readonly trailingSlash?: TrailingSlash;
}

/** A built policy with its API. */
export interface World {
  readonly contract: CacheContract;
  readonly api: SimulatedApi;
  /** The handler, with the environment that its deployment would set. */
  readonly invoke: (event: object) => Promise<Invocation>;
}

/** Custom domains and base paths, all of which lead to one stage. */
const MAPPINGS = [
  { domainName: "api.example.com", basePath: "" },
  { domainName: "api.example.com", basePath: "v1" },
  { domainName: "other.example.com", basePath: "" },
];

/** The parts that many policies share: the module, since areas and roles are data to it. */
export interface Builder extends AsyncDisposable {
  readonly wasm: Uint8Array;
  /** Computes the index of each policy, in one run of OPA. */
  readonly toIndexes: (cases: readonly CacheCase[]) => Promise<readonly PolicyIndex[]>;
  readonly createWorld: (given: CacheCase, index: PolicyIndex, setup: Setup) => Promise<World | undefined>;
  /** Writes `dist/` of a policy, as the build does; undefined if per-token policy documents are not possible for it, or useless. */
  readonly writeDist: (
    folder: string,
    given: CacheCase,
    index: PolicyIndex,
    setup: Setup,
  ) => Promise<CacheContract | undefined>;
}

/** Compiles the engine with the conditions. */
export async function createBuilder(issuer: TestIssuer): Promise<Builder> {
  const conditions = await compileConditions(CACHE_CONDITIONS_REGO);
  const { opa, root, wasm, dependencies } = conditions;
  const packages = await mkdtemp(join(tmpdir(), "rego-authorizer-packages-"));
  let made = 0;

  const writeDist: Builder["writeDist"] = async (folder, { routes }, index, setup) => {
    const contract = toContract(index, dependencies, routes, setup);
    if (contract === undefined) return undefined;
    const authorizer = join(folder, "authorizer");
    await mkdir(authorizer, { recursive: true });
    const data = Buffer.from(JSON.stringify(toDataDocument({ index, base: undefined })));
    const manifest: Manifest = {
      revision: toRevision(wasm, data, undefined, setup.trailingSlash),
      product_version: PRODUCT_VERSION,
      opa_version: OPA_VERSION,
      entrypoints: ENTRYPOINTS,
      input_references: sortedReferences([...conditions.references, ...referencesOfEngine(index)]),
      request_values: conditions.requestValues,
      opens_when_missing: [],
      issuers: { named: [], of_any: [] },
      ...(setup.trailingSlash === "same" && { trailing_slash: "same" }),
      cache_contract: contract,
    };
    const text = formatManifest(manifest);
    await writeFile(join(authorizer, "policy.wasm"), wasm);
    await writeFile(join(authorizer, "data.json"), data);
    await writeFile(join(authorizer, "manifest.json"), text);
    await writeFile(join(folder, "routes.json"), formatRoutes(manifest, text));
    await writeFile(join(authorizer, "key-sets.json"), JSON.stringify({ [issuer.issuer]: issuer.jwks }));
    return contract;
  };

  return {
    writeDist,
    wasm,
    toIndexes: (cases) =>
      indexesOf(
        opa,
        root,
        cases.map(({ policy }) => policy),
      ),
    async createWorld(given, index, setup) {
      made += 1;
      const folder = join(packages, String(made));
      const contract = await writeDist(folder, given, index, setup);
      if (contract === undefined) return undefined;
      const handler = createHandler(toEnvironment(contract, setup), pathToFileURL(`${folder}/authorizer/`), {
        record: () => {},
        warn: () => {},
      });
      return {
        contract,
        api: toSimulatedApi(contract, setup),
        invoke: (event) =>
          handler(event).then(
            (response) => ({ response }),
            (error: Error) => ({ error: error.message }),
          ),
      };
    },
    async [Symbol.asyncDispose]() {
      await rm(packages, { recursive: true });
      await conditions[Symbol.asyncDispose]();
    },
  };
}

/** Derives the cache contract; undefined if per-token policy documents are not possible for the policy, or useless. */
function toContract(
  index: PolicyIndex,
  dependencies: ReadonlyMap<string, readonly CacheKeyDependency[]>,
  routes: CacheCase["routes"],
  { kind, cacheScope, trailingSlash }: Setup,
): CacheContract | undefined {
  const contract = toCacheContract(index, dependencies, routes, cacheScope, trailingSlash);
  if (!contract.ok) return undefined;
  const isWhole = contract.value.routes.every((route) => route.class === "token");
  return kind === "rest-token" && cacheScope === "token" && !isWhole ? undefined : contract.value;
}

function toEnvironment(
  contract: CacheContract,
  { kind, response, cacheScope }: Setup,
): Readonly<Record<string, string>> {
  const pool = { userPoolId: USER_POOL_ID, clientIds: [CLIENT_ID], tokenUse: "any" };
  const isCached = cacheScope === "token" || (kind !== "rest-token" && kind !== "websocket" && response === "iam");
  const apis = isCached ? [kind.startsWith("http") ? ("http" as const) : ("rest" as const)] : [];
  return {
    TRUSTED_ISSUERS: JSON.stringify([pool]),
    HTTP_RESPONSE: response,
    MAX_TOKEN_LIFETIME_S: "604800",
    CACHE_CONTRACT: toCacheContractVariable(contract, apis, undefined),
  };
}

function toSimulatedApi(contract: CacheContract, setup: Setup): SimulatedApi {
  const api = setup.kind.startsWith("http") ? "http" : "rest";
  const { kind, response, cacheScope } = setup;
  const authorizers = toSettings(contract, api, setup.ttlS, undefined).map(
    ({ name, identitySources, ttlS }): [string, SimulatedAuthorizer] => {
      const isOfToken = cacheScope === "token" && contract.authorizers[name]?.class === "token";
      const domain = isOfToken ? [] : [api === "http" ? "$context.domainName" : "context.domainName"];
      if (kind === "rest-token") {
        return [
          name,
          { kind, response, identitySources: ["method.request.header.Authorization"], ttlS: isOfToken ? ttlS : 0 },
        ];
      }
      return [
        name,
        { kind, response, identitySources: [...identitySources, ...domain], ttlS: response === "simple" ? 0 : ttlS },
      ];
    },
  );
  return {
    kind: api,
    // Generated routes may be siblings that a REST API refuses; the law holds for them, too.
    isStandIn: true,
    stage: api === "http" ? "$default" : "prod",
    routes: contract.routes.map(({ verb, path, authorizer }) => ({ verb, path, authorizer })),
    authorizers: Object.fromEntries(authorizers),
    mappings: MAPPINGS,
  };
}
