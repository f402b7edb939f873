import type { Derived } from "../../build/package/build.ts";
import type { CacheContract } from "../../contract/manifest.ts";

/** The changes for caches and for IAM that follow from those of the access. */
export interface Follows {
  /** The groups whose IAM document changes; `(no group)` for users without one. */
  readonly iam: readonly string[];
  /** The routes whose class of caching changes: `GET /orders/{}: token → request`. */
  readonly caches: readonly string[];
  /** Whether the cache contract has another id, so that the authorizers are deployed again. */
  readonly isContractChanged: boolean;
}

/** Compares what two builds derive from their policies. */
export function toFollows(before: Derived, after: Derived): Follows {
  const [was, is] = [before.iam, after.iam].map(({ groups, authenticated }) => {
    const documents = [...Object.entries(groups), ["(no group)", authenticated] as const];
    return new Map(documents.map(([name, document]) => [name, JSON.stringify(document)]));
  });
  const names = [...new Set([...(was?.keys() ?? []), ...(is?.keys() ?? [])])].sort();
  const [old, current] = [before.cacheContract, after.cacheContract].map(toClasses);
  const routes = [...new Set([...(old?.keys() ?? []), ...(current?.keys() ?? [])])].sort();
  return {
    iam: names.filter((name) => was?.get(name) !== is?.get(name)),
    caches: routes.flatMap((route) => {
      const [first = "no route", second = "no route"] = [old?.get(route), current?.get(route)];
      return first === second ? [] : [`${route}: ${first} → ${second}`];
    }),
    isContractChanged: before.cacheContract.id !== after.cacheContract.id,
  };
}

/** Lists the class of each route, by its verb and its path without names of parameters. */
function toClasses({ routes }: CacheContract): ReadonlyMap<string, string> {
  return new Map(routes.map((route) => [`${route.verb} ${route.path.replace(/\{[^{}+]+/g, "{")}`, route.class]));
}
