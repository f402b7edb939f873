import { ok, type Result } from "../../contract/result.ts";
import { HTTP_METHODS } from "../../contract/route.ts";
import { createGlobIndex, type GlobIndex } from "../paths/glob-index.ts";
import type { Glob } from "../paths/language.ts";
import type { Proofs } from "../paths/mismatch.ts";
import { type Denial, findDenials, type GrantedUniverse, takesFrom } from "./denial-search.ts";
import type { ReachablePaths } from "./reachable-paths.ts";
import type { UnconditionalGrant } from "./unconditional-grants.ts";

/** Patterns to deny, so that a grant's pattern allows what is granted and no more. Most grants need none. */
export type NarrowingDenials = readonly string[];

/** Proves patterns of grants, for the holders of some roles. */
interface Prover {
  /** @returns The denials that the pattern needs, or why it can't be proved. */
  readonly forVerb: (grant: UnconditionalGrant, verb: string) => Result<NarrowingDenials, string>;
  /** Proves the pattern behind a `*` for the verb, which matches the beginning of a path as well. */
  readonly forAllVerbs: (grant: UnconditionalGrant) => NarrowingDenials | undefined;
  /** Lists what grants lose by denials that other grants need, after all of them were proved. */
  readonly listLosses: () => readonly Loss[];
}

/** The denials that grants needed so far, besides: whether they take something from other grants. */
interface ProvedUniverse extends GrantedUniverse {
  readonly chosen: Map<string, Denial>;
}

/** A denial that takes some paths of a grant, though not all. */
interface Loss {
  readonly grant: UnconditionalGrant;
  readonly verb: string;
  readonly pattern: string;
}

/**
 * Creates a prover.
 *
 * @param granted - All grants of the holders, by method.
 * @param deniedNear - Finds the paths that the document denies anyway and that a pattern matches, too, by method.
 * @param proofs - Those of all documents.
 */
export function createProver(
  reachable: ReachablePaths,
  granted: ReadonlyMap<string, readonly UnconditionalGrant[]>,
  deniedNear: ReadonlyMap<string, (pattern: Glob) => readonly Glob[]>,
  proofs: Proofs,
): Prover {
  const byVerb = new Map<string, ProvedUniverse>();
  const known = new Map<readonly UnconditionalGrant[], GlobIndex<UnconditionalGrant>>();
  for (const verb of HTTP_METHODS) {
    const universe = reachable.byVerb.get(verb);
    if (universe === undefined) continue;
    const list = granted.get(verb) ?? [];
    const index = known.get(list) ?? createGlobIndex(list, ({ glob }) => glob);
    known.set(list, index);
    // Thousands of denials are the same for each document, so only those that grants need are arranged anew.
    const anyway = deniedNear.get(verb) ?? (() => []);
    const needed = createGlobIndex<Glob>([], (glob) => glob);
    const denied = { add: needed.add, near: (pattern: Glob) => [...anyway(pattern), ...needed.near(pattern)] };
    byVerb.set(verb, { universe, granted: index, denied, chosen: new Map() });
  }
  const all = [...byVerb.values()].filter(
    (one, at, list) =>
      list.findIndex((other) => other.universe === one.universe && other.granted === one.granted) === at,
  );
  return {
    forVerb(grant, verb) {
      const one = byVerb.get(verb);
      if (one === undefined || !grant.hasWildcard) return ok([]);
      const found = findDenials([one], grant, false, proofs);
      if (!found.ok) return found;
      for (const [pattern, denial] of found.value) {
        if (!one.chosen.has(pattern)) one.denied.add(denial.glob);
        one.chosen.set(pattern, denial);
      }
      return ok([...found.value.keys()]);
    },
    forAllVerbs(grant) {
      const found = findDenials(all, grant, true, proofs);
      return found.ok ? [...found.value.keys()] : undefined;
    },
    listLosses: () =>
      [...byVerb].flatMap(([verb, one]) =>
        [...one.chosen].flatMap(([pattern, { glob, isHarmless }]) => {
          const losers = isHarmless
            ? []
            : one.granted.near(glob).filter((grant) => takesFrom(one, grant, glob, proofs.steps));
          return losers.map((grant) => ({ grant, verb, pattern }));
        }),
      ),
  };
}
