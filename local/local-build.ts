import { join } from "node:path";
import { build } from "../build/package/build.ts";
import { toPublicRoutes } from "../contract/declared-access.ts";
import type { Manifest } from "../contract/manifest.ts";
import type { PolicyIndex } from "../contract/policy-index.ts";
import { err, ok, type Result } from "../contract/result.ts";
import type { Route } from "../contract/route.ts";
import { type ApiOptions, readDerive } from "../openapi/api-options.ts";
import { type OpenParts, readOpenParts } from "../openapi/read-open-parts.ts";
import { readRoutes } from "../openapi/read-routes.ts";

/** A package that the local server built, and what it knows about the API. */
export interface LocalBuild {
  /** The folder of the package. */
  readonly dist: string;
  readonly manifest: Manifest;
  readonly index: PolicyIndex;
  /** The routes that the policy opens to everybody. */
  readonly publicRoutes: readonly Route[];
  /** Undefined without an OpenAPI document. */
  readonly openParts: OpenParts | undefined;
}

/** Why nothing is built. */
export interface NotBuilt {
  readonly lines: readonly string[];
  /** The policies or the users have an error; otherwise the API's document has one, or something on this machine is in the way. */
  readonly isOfPolicy: boolean;
}

/** The sources of a local build. */
interface LocalSources {
  readonly opaPath: string;
  readonly policies: string;
  readonly api: ApiOptions;
}

/**
 * Creates a function that builds the policies, each time into another folder. A build that fails leaves those before it as they are, and
 * no build touches the company's `dist/`, which may be for other routes.
 *
 * @param folder - The folder for the builds.
 */
export function createLocalBuild(
  { opaPath, policies, api }: LocalSources,
  folder: string,
): () => Promise<Result<LocalBuild, NotBuilt>> {
  let builds = 0;
  return async function buildNext() {
    builds += 1;
    const dist = join(folder, String(builds));
    const derive = await readDerive(api);
    if (!derive.ok) return err({ lines: derive.error, isOfPolicy: false });
    const openParts = api.openApiFile === undefined ? ok(undefined) : await readOpenParts(api.openApiFile);
    if (!openParts.ok) return err({ lines: openParts.error, isOfPolicy: false });
    const built = await build({ opaPath, policies, dist, derive: derive.value, trailingSlash: api.trailingSlash });
    if (!built.ok) return err({ lines: built.error, isOfPolicy: true });
    const { manifest, index } = built.value;
    const routes = api.openApiFile === undefined ? ok(undefined) : await readRoutes(api.openApiFile, api.kind);
    if (!routes.ok) return err({ lines: routes.error, isOfPolicy: false });
    const publicRoutes = toPublicRoutes(manifest.public_rules ?? [], routes.value);
    return ok({ dist, manifest, index, publicRoutes, openParts: openParts.value });
  };
}
