import type { IamExport } from "../../contract/iam-export.ts";
import type { CacheContract } from "../../contract/manifest.ts";
import type { DerivedSide } from "./side.ts";

/** The changes for caches and for IAM that follow from those of the access. */
export interface Follows {
  /** The groups whose IAM document changes; `(no group)` for users without one. Null: not compared. */
  readonly iam: readonly string[] | null;
  /** The routes whose class of caching changes: `GET /orders/{}: token → request`. */
  readonly caches: readonly string[];
  /** Whether the cache contract has another id, so that the authorizers are deployed again. */
  readonly isContractChanged: boolean;
  /** False for two builds for the routes of an API; true if both are judged for every path, whatever routes an API has. */
  readonly isForEveryPath: boolean;
}

/** Compares what follows from two policies; undefined if one is for the routes of an API and the other is not. */
export function toFollows(before: DerivedSide, after: DerivedSide): Follows | undefined {
  if (before.cacheContract.route_table !== after.cacheContract.route_table) return undefined;
  const [was, is] = [toClasses(before.cacheContract), toClasses(after.cacheContract)];
  const routes = [...new Set([...was.keys(), ...is.keys()])].sort();
  return {
    iam: before.iam === undefined || after.iam === undefined ? null : compareIam(before.iam, after.iam),
    caches: routes.flatMap((route) => {
      const [first = NO_CLASS, second = NO_CLASS] = [was.get(route), is.get(route)];
      return first === second ? [] : [`${route}: ${first} → ${second}`];
    }),
    isContractChanged: before.cacheContract.id !== after.cacheContract.id,
    isForEveryPath: before.cacheContract.route_table === undefined,
  };
}

/** The class of a path that has none of its own: that of a wider path holds, or nobody is allowed there. */
const NO_CLASS = "none of its own";

/** Lists the groups whose document changes. */
function compareIam(before: IamExport, after: IamExport): readonly string[] {
  const [was, is] = [toDocuments(before), toDocuments(after)];
  const names = [...new Set([...was.keys(), ...is.keys()])].sort();
  return names.filter((name) => was.get(name) !== is.get(name));
}

function toDocuments({ groups, authenticated }: IamExport): ReadonlyMap<string, string> {
  const documents = [...Object.entries(groups), ["(no group)", authenticated] as const];
  return new Map(documents.map(([name, document]) => [name, JSON.stringify(document)]));
}

/** Lists the class of each route, by its verb and its path without names of parameters. */
function toClasses({ routes }: CacheContract): ReadonlyMap<string, string> {
  return new Map(routes.map((route) => [`${route.verb} ${route.path.replace(/\{[^{}+]+/g, "{")}`, route.class]));
}
