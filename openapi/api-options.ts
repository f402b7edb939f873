import { createDerive } from "../analysis/derive.ts";
import type { Derive } from "../build/package/build.ts";
import type { CachingApi } from "../contract/api-kinds.ts";
import type { CacheScope } from "../contract/cache-contract.ts";
import type { TrailingSlash } from "../contract/manifest.ts";
import { ok, type Result } from "../contract/result.ts";
import { readRoutes } from "./read-routes.ts";

/** The API that a policy is built for, as the user describes it. */
export interface ApiOptions {
  /** The API's OpenAPI document, which has its routes. Without it, the routes are the paths that the policy names. */
  readonly openApiFile?: string | undefined;
  /** The kind of API that the document is for; default: the kind that it shows, if it shows one. */
  readonly kind?: CachingApi | undefined;
  /** `token` builds per-token policy documents, where the policy lets them. It needs `openApiFile`. */
  readonly cacheScope?: CacheScope | undefined;
  /** The meaning of a slash at the end of a path; default: `denied`. */
  readonly trailingSlash?: TrailingSlash | undefined;
}

/** Reads the routes of an API, and creates the function by which the build derives the cache contract and the IAM export. */
export async function readDerive({
  openApiFile,
  kind,
  cacheScope,
}: ApiOptions = {}): Promise<Result<Derive, readonly string[]>> {
  if (openApiFile === undefined) return ok(createDerive({ cacheScope }));
  const routes = await readRoutes(openApiFile, kind);
  return routes.ok ? ok(createDerive({ routes: routes.value, cacheScope })) : routes;
}
