import { join } from "node:path";
import { build } from "../build/package/build.ts";
import type { Manifest } from "../contract/manifest.ts";
import type { PolicyIndex } from "../contract/policy-index.ts";
import { err, ok, type Result } from "../contract/result.ts";
import { type ApiOptions, readApis } from "../openapi/api-options.ts";
import { type ContractedApi, readLocalApis, withContracts } from "./local-apis.ts";

/** A package that the local server built, and what it knows about the API. */
export interface LocalBuild {
  /** The folder of the package. */
  readonly dist: string;
  readonly manifest: Manifest;
  readonly index: PolicyIndex;
  /** At least one. */
  readonly apis: readonly ContractedApi[];
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
  /** The name of the API, if no document names it. */
  readonly apiName: string | undefined;
}

/**
 * Creates a function that builds the policies, each time into another folder. A build that fails leaves those before it as they are, and
 * no build touches the company's `dist/`, which may be for other routes.
 *
 * @param folder - The folder for the builds.
 */
export function createLocalBuild(
  { opaPath, policies, api, apiName }: LocalSources,
  folder: string,
): () => Promise<Result<LocalBuild, NotBuilt>> {
  let builds = 0;
  return async function buildNext() {
    builds += 1;
    const dist = join(folder, String(builds));
    const read = await readApis(api);
    if (!read.ok) return err({ lines: read.error, isOfPolicy: false });
    const apis = await readLocalApis(api.documents ?? [], apiName);
    if (!apis.ok) return err({ lines: apis.error, isOfPolicy: false });
    const { derive } = read.value;
    const built = await build({ opaPath, policies, dist, derive, trailingSlash: api.trailingSlash });
    if (!built.ok) return err({ lines: built.error, isOfPolicy: true });
    const { manifest, index } = built.value;
    return ok({ dist, manifest, index, apis: withContracts(apis.value, manifest) });
  };
}
