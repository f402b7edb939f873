import { createDerive } from "../analysis/derive.ts";
import type { Derive } from "../build/package/build.ts";
import type { CachingApi } from "../contract/api-kinds.ts";
import type { CacheScope } from "../contract/cache-contract.ts";
import type { TrailingSlash } from "../contract/manifest.ts";
import type { ApiDocument } from "../contract/named-document.ts";
import { ok, type Result } from "../contract/result.ts";
import { type LocatedRoutes, readLocatedRoutes, toApiRoutes } from "./located-routes.ts";

/** The APIs that a policy is built for, as the user describes it. */
export interface ApiOptions {
  /** The OpenAPI documents of the APIs, which have their routes. Without any, the routes are the paths that the policy names. */
  readonly documents?: readonly ApiDocument[] | undefined;
  /** The kind of API that the documents are for; default: the kind that each shows, if it shows one. */
  readonly kind?: CachingApi | undefined;
  /** `token` builds per-token policy documents, where the policy lets them. It needs `documents`. */
  readonly cacheScope?: CacheScope | undefined;
  /** The meaning of a slash at the end of a path; default: `denied`. */
  readonly trailingSlash?: TrailingSlash | undefined;
}

/** The routes of APIs, and the function by which the build derives the cache contracts and the IAM export. */
export interface ApiReading {
  readonly derive: Derive;
  /** Undefined without documents. */
  readonly located: LocatedRoutes | undefined;
}

/** Reads the routes of the APIs that a policy is built for. */
export async function readApis(options: ApiOptions = {}): Promise<Result<ApiReading, readonly string[]>> {
  const { documents = [], kind, cacheScope } = options;
  if (documents.length === 0) return ok({ derive: createDerive({ cacheScope }), located: undefined });
  const located = await readLocatedRoutes(documents, kind);
  if (!located.ok) return located;
  return ok({ derive: createDerive({ apis: toApiRoutes(located.value.routes), cacheScope }), located: located.value });
}
