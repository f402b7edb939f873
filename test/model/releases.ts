import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PolicyIndex } from "../../contract/policy-index.ts";
import { type Builder, createBuilder } from "../support/cache-world.ts";
import type { Policy } from "../support/oracle.ts";
import type { TestIssuer } from "../support/tokens.ts";
import { type Release, type ReleaseSettings, ROUTES, synthesize } from "./app.ts";

/** Builds policies and synthesizes apps with the product's constructs. */
export interface Releases extends AsyncDisposable {
  /** Computes the indexes of policies in one run of OPA, which takes as long as the run for a single one. */
  readonly prepare: (policies: readonly Policy[]) => Promise<void>;
  readonly create: (policy: Policy, settings?: ReleaseSettings) => Promise<Release>;
}

export async function createReleases(issuer: TestIssuer): Promise<Releases> {
  const builder = await createBuilder(issuer);
  const root = await mkdtemp(join(tmpdir(), "rego-authorizer-releases-"));
  const indexes = new Map<string, PolicyIndex>();
  const builds = new Map<string, Promise<string>>();
  const releases = new Map<string, Promise<Release>>();

  async function prepare(policies: readonly Policy[]): Promise<void> {
    const unknown = policies.filter((policy) => !indexes.has(JSON.stringify(policy)));
    if (unknown.length === 0) return;
    const found = await builder.toIndexes(unknown.map((policy) => ({ policy, routes: ROUTES })));
    for (const [at, index] of found.entries()) indexes.set(JSON.stringify(unknown[at]), index);
  }

  function build(policy: Policy, cacheScope: "request" | "token"): Promise<string> {
    const key = JSON.stringify([policy, cacheScope]);
    const distPath = join(root, `dist-${builds.size}`);
    const known =
      builds.get(key) ??
      prepare([policy]).then(() => write(builder, distPath, policy, indexes.get(JSON.stringify(policy)), cacheScope));
    builds.set(key, known);
    return known;
  }

  return {
    prepare,
    create(policy, settings = {}) {
      const key = JSON.stringify([policy, settings]);
      const name = `release ${releases.size}`;
      const known =
        releases.get(key) ??
        build(policy, settings.cacheScope ?? "request").then((distPath) =>
          synthesize({
            name,
            policy: JSON.stringify(policy),
            distPath,
            outdir: join(root, `out-${name}`),
            issuer,
            settings,
          }),
        );
      releases.set(key, known);
      return known;
    },
    async [Symbol.asyncDispose]() {
      await rm(root, { recursive: true, force: true });
      await builder[Symbol.asyncDispose]();
    },
  };
}

async function write(
  builder: Builder,
  distPath: string,
  policy: Policy,
  index: PolicyIndex | undefined,
  cacheScope: "request" | "token",
): Promise<string> {
  // A TOKEN authorizer caches only if every route is decided by the token, and `$connect` never is.
  const routes = cacheScope === "token" ? ROUTES.filter(({ verb }) => verb !== "CONNECT") : ROUTES;
  const given = { policy, routes };
  const setup = { kind: "rest-request", cacheScope, response: "iam", ttlS: 60 } as const;
  const contract = index && (await builder.writeDist(distPath, given, index, setup));
  if (contract === undefined) throw new Error("per-token policy documents are not possible for this policy");
  return distPath;
}
