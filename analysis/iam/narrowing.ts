import { parseSegment, parseTemplate, segmentsOf } from "../../contract/path-template.ts";
import { err, ok, type Result } from "../../contract/result.ts";
import { HTTP_METHODS } from "../../contract/route.ts";
import { ofPattern, toPattern } from "../paths/iam-patterns.ts";
import { type Glob, RUN } from "../paths/language.ts";
import { findCommon, findMismatch, type Mismatch, type Universe } from "../paths/proof.ts";
import type { ReachablePaths } from "./reachable-paths.ts";
import type { Certain } from "./unconditional-grants.ts";

/** What has to be denied, besides, for a grant's pattern to match what is granted and no more: patterns, mostly none. */
type Carve = readonly string[];

/** Proves patterns of grants, for the holders of some roles. */
interface Prover {
  /** @returns Or why it can't be proved. */
  readonly forVerb: (grant: Certain, verb: string) => Result<Carve, string>;
  /** With a `*` for the verb, which takes in the head of a path as well. */
  readonly forAllVerbs: (grant: Certain) => Carve | undefined;
}

/** What could arrive with some method, and what of it is granted. */
interface Asked {
  readonly universe: Universe;
  readonly granted: readonly Certain[];
}

/** @param granted - All that the holders are granted, by method. */
export function createProver(reachable: ReachablePaths, granted: ReadonlyMap<string, readonly Certain[]>): Prover {
  const byVerb = new Map<string, Asked>();
  for (const verb of HTTP_METHODS) {
    const universe = reachable.byVerb.get(verb);
    if (universe !== undefined) byVerb.set(verb, { universe, granted: granted.get(verb) ?? [] });
  }
  const all = [...byVerb.values()].filter(
    (one, at, list) =>
      list.findIndex((other) => other.universe === one.universe && other.granted === one.granted) === at,
  );
  return {
    forVerb(grant, verb) {
      const asked = byVerb.get(verb);
      if (asked === undefined || !hasWildcard(grant)) return ok([]);
      const mismatch = findMismatchAt(asked, grant);
      if (mismatch === undefined) return ok([]);
      const carve = carveOf(grant);
      const globs = carve.map(ofPattern);
      const isProved = findMismatchAt(asked, grant, globs) === undefined && !takesAway(asked, globs);
      return isProved ? ok(carve) : err(describe(grant, mismatch));
    },
    forAllVerbs(grant) {
      const isExact = (spared: readonly Glob[]) =>
        all.every((asked) => findMismatchAt(asked, grant, spared, true) === undefined);
      if (isExact([])) return [];
      const carve = [`/*${toPattern(grant.path, {}).join("")}`, ...carveOf(grant)];
      const globs = carve.map((pattern): Glob => [RUN, ...ofPattern(pattern)]);
      return all.every((asked) => !takesAway(asked, globs)) && isExact(globs) ? carve : undefined;
    },
  };
}

/** Whoever has the grant has others too whose claims are among its own. */
function findMismatchAt({ universe, granted }: Asked, grant: Certain, spared: readonly Glob[] = [], isForAll = false) {
  const claims = Object.values(grant.where);
  const may = granted.filter(({ where }) => Object.values(where).every((claim) => claims.includes(claim)));
  return findMismatch(grant, universe, may, spared, isForAll);
}

function takesAway({ universe, granted }: Asked, denied: readonly Glob[]): boolean {
  const paths = granted.map(({ path }) => path);
  return findCommon(universe, paths, denied) !== undefined;
}

/** Whether its pattern is more than a text, variables aside. */
function hasWildcard({ path, where }: Certain): boolean {
  return parseTemplate(path).some(
    (segment) => segment.kind === "parameter" && (segment.isGreedy || !Object.hasOwn(where, segment.name)),
  );
}

/** Patterns of all that wildcards take in with a segment too many, without variables: a missing tag would disarm them. */
function carveOf({ path, where }: Certain): Carve {
  const segments = segmentsOf(path);
  return segments.flatMap((text, at) => {
    const segment = parseSegment(text);
    if (segment.kind === "literal" || segment.isGreedy || Object.hasOwn(where, segment.name)) return [];
    const doubled = [...segments.slice(0, at), "{one}", "{more}", ...segments.slice(at + 1)];
    return [toPattern(`/${doubled.join("/")}`, {}).join("")];
  });
}

function describe({ path }: Certain, mismatch: Mismatch): string {
  switch (mismatch.code) {
    case "too_many_claims":
      return "has too many claims in `where` to be proved";
    case "too_wide":
      return `${mismatch.resource} would open ${mismatch.path}, which is not of ${path}`;
    case "too_narrow":
      return `${mismatch.resource} would not open ${mismatch.path}, which is of ${path}`;
    default:
      return mismatch satisfies never;
  }
}
