import { createDerive } from "../analysis/derive.ts";
import type { Derive } from "../build/package/build.ts";
import { ok, type Result } from "../contract/result.ts";
import { readRoutes } from "./read-routes.ts";

/** What a user says of the API that a policy is for. */
export interface ApiOptions {
  /** The API's OpenAPI document: its routes. Without one, the paths that the policy names. */
  readonly openApiFile?: string | undefined;
  /** `token`: a response holds for all routes of its token, where the policy lets it. Needs the routes. */
  readonly cacheScope?: "request" | "token" | undefined;
}

/** Reads the routes of an API and creates what the build needs to know of it. */
export async function readDerive({
  openApiFile,
  cacheScope,
}: ApiOptions = {}): Promise<Result<Derive, readonly string[]>> {
  if (openApiFile === undefined) return ok(createDerive({ cacheScope }));
  const routes = await readRoutes(openApiFile);
  return routes.ok ? ok(createDerive({ routes: routes.value, cacheScope })) : routes;
}
