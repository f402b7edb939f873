import { methodsOfAll } from "../../contract/route.ts";
import type { AccessPolicy, Apis } from "./model.ts";
import { toMethods, toVerbs } from "./rules.ts";

/** Something that is found for each API by itself, and then said once for all of them. */
interface OfApi {
  readonly verbs: readonly string[];
  readonly apis: Apis;
}

/** Lists the APIs that rules tell apart: those that they name, and undefined for every other. */
export function listApis(policies: readonly AccessPolicy[]): readonly (string | undefined)[] {
  const named = policies.flatMap(({ grants, denials, publicRules }) => [
    ...Object.values(grants).flatMap(({ api }) => api),
    ...Object.values(denials).flatMap(({ api }) => api),
    ...publicRules.flatMap(({ apis = [] }) => apis),
  ]);
  return [undefined, ...[...new Set(named)].sort()];
}

/** Joins what is the same for several APIs, verb by verb, and then the verbs that are the same for the same APIs. */
export function joinApis<Item extends OfApi>(
  apis: readonly (string | undefined)[],
  listOf: (api: string | undefined) => readonly Item[],
): readonly Item[] {
  // With one API, the verbs are joined already.
  if (apis.length === 1) return listOf(apis[0]);
  const byVerb = new Map<string, { readonly item: Item; readonly apis: (string | undefined)[] }>();
  for (const api of apis) {
    for (const found of listOf(api)) {
      for (const verb of methodsOfAll(found.verbs)) {
        const item = { ...found, verbs: [verb] };
        const key = JSON.stringify(item);
        const known = byVerb.get(key) ?? { item, apis: [] };
        known.apis.push(api);
        byVerb.set(key, known);
      }
    }
  }
  const joined = new Map<string, Item>();
  for (const { item, apis: found } of byVerb.values()) {
    const named = { ...item, apis: toApis(found, apis) };
    const key = JSON.stringify({ ...named, verbs: [] });
    const verbs = toVerbs(toMethods([...(joined.get(key)?.verbs ?? []), ...item.verbs]));
    joined.set(key, { ...named, verbs });
  }
  return [...joined.values()];
}

/** Writes the APIs for which something is found, of all that rules tell apart. */
function toApis(found: readonly (string | undefined)[], all: readonly (string | undefined)[]): Apis {
  if (found.length === all.length) return undefined;
  const isNamed = (api: string | undefined): api is string => api !== undefined;
  if (!found.includes(undefined)) return { only: found.filter(isNamed).sort() };
  return { not: all.filter(isNamed).filter((api) => !found.includes(api)) };
}
