import { compileShippedBytes } from "../build/package/compile.ts";
import { toPublicRule } from "../build/policy/public-rules.ts";
import type { CheckedPolicy } from "../build/policy/read-policy.ts";
import { toRevision } from "../contract/revision.ts";
import type { LocatedRoute } from "../contract/route.ts";
import { createDecide } from "../replay/decide.ts";
import { createFindRoute } from "./find-route.ts";
import type { UsedPolicy } from "./read-use.ts";

/**
 * Compiles a policy, so that lines of a log can be compared with it.
 *
 * @param routes - The documented routes of its APIs; undefined without a document.
 */
export async function compileUsed(
  policy: CheckedPolicy,
  routes: readonly LocatedRoute[] | undefined,
): Promise<UsedPolicy> {
  const { index, data, userTokenUse } = policy;
  const wasm = await compileShippedBytes(policy);
  const bytes = Buffer.from(data);
  const publicRules = policy.publicRules.map(toPublicRule);
  return {
    index,
    // What a trailing slash means is a setting of the build, so both revisions are of this policy.
    revisions: new Set(
      (["denied", "same"] as const).map((slash) => toRevision(wasm, bytes, userTokenUse, slash, publicRules)),
    ),
    decide: createDecide(new WebAssembly.Module(wasm), Uint8Array.from(bytes).buffer),
    findRoute: routes && createFindRoute(routes),
  };
}
