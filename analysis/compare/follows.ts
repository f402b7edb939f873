import { NO_GROUP } from "../../contract/iam-export.ts";
import type { CacheContract } from "../../contract/manifest.ts";
import { ok, type Result } from "../../contract/result.ts";
import { type ChangedDocuments, listChangedDocuments } from "../iam/documents.ts";
import type { DerivedSide } from "./side.ts";

/** The changes for caches and for IAM that follow from those of the access. */
export interface Follows {
  /** The groups whose IAM document changes, `(no group)` for users without one; or why they were not compared. */
  readonly iam: Result<ChangedDocuments, string>;
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
    iam: compareIam(before.iam, after.iam),
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

function compareIam(before: DerivedSide["iam"], after: DerivedSide["iam"]): Follows["iam"] {
  if (!before.ok) return before;
  if (!after.ok) return after;
  const { names, isExact } = listChangedDocuments(before.value, after.value);
  return ok({ names: names.map((name) => (name === NO_GROUP ? "(no group)" : name)), isExact });
}

/** Lists the class of each route, by its verb and its path without names of parameters. */
function toClasses({ routes }: CacheContract): ReadonlyMap<string, string> {
  return new Map(routes.map((route) => [`${route.verb} ${route.path.replace(/\{[^{}+]+/g, "{")}`, route.class]));
}
