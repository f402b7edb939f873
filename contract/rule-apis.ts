import type { IndexedDenial, IndexedGrant, PolicyIndex } from "./policy-index.ts";

/** The APIs of a grant or denial, by name; empty: all. */
type OfApis = Pick<IndexedGrant | IndexedDenial, "api">;

/**
 * Tells whether a grant is for an API, as the engine does.
 *
 * @param api - The API's name; undefined if it is not known. Then a grant for named APIs never applies.
 */
export function isGrantFor({ api: apis }: OfApis, api: string | undefined): boolean {
  return apis.length === 0 || (api !== undefined && apis.includes(api));
}

/**
 * Tells whether a denial is for an API, as the engine does.
 *
 * @param api - The API's name; undefined if it is not known. Then it may be any, so that every denial applies.
 */
export function isDenialFor({ api: apis }: OfApis, api: string | undefined): boolean {
  return apis.length === 0 || api === undefined || apis.includes(api);
}

/** Tells whether a rule is for every API that another rule is for. */
export function isForAllOf({ api: apis }: OfApis, other: OfApis): boolean {
  return apis.length === 0 || (other.api.length > 0 && other.api.every((api) => apis.includes(api)));
}

/** Lists the names of the APIs that grants and denials are for, sorted. */
export function listRuleApis({ grants, denials }: Pick<PolicyIndex, "grants" | "denials">): readonly string[] {
  const rules: readonly OfApis[] = [...Object.values(grants), ...Object.values(denials)];
  return [...new Set(rules.flatMap(({ api }) => api))].sort();
}

/** Reduces an index to the grants and denials for one API, which are then for all APIs. The look-up by path stays. */
export function toIndexOfApi(index: PolicyIndex, api: string): PolicyIndex {
  const grants = Object.entries(index.grants).filter(([, grant]) => isGrantFor(grant, api));
  const denials = Object.entries(index.denials).filter(([, denial]) => isDenialFor(denial, api));
  return {
    ...index,
    grants: Object.fromEntries(grants.map(([name, grant]) => [name, { ...grant, api: [] }])),
    denials: Object.fromEntries(denials.map(([name, denial]) => [name, { ...denial, api: [] }])),
  };
}
