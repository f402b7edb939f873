import type { Automaton, Glob } from "../../analysis/paths/language.ts";
import type { Claim, Counterexample } from "../../analysis/paths/search.ts";

/** The state that no text leads out of. */
const DEAD = 0;

/** Creates the automaton that accepts the texts of any of some patterns. Each pattern has positions of its own. */
export function createPlainAutomaton(globs: readonly Glob[]): Automaton {
  /** Each state is a set of positions in the patterns. */
  const states: (readonly (readonly [glob: number, position: number])[])[] = [];
  const ids = new Map<string, number>();
  const steps = new Map<string, number>();
  const intern = (positions: readonly (readonly [number, number])[]): number => {
    const byKey = new Map(positions.map((position) => [position.join(":"), position]));
    const key = [...byKey.keys()].sort().join(" ");
    const known = ids.get(key);
    if (known !== undefined) return known;
    ids.set(key, states.length);
    return states.push([...byKey.values()]) - 1;
  };
  /** Lists a position and those behind it: a run may be empty. */
  const positionsFrom = (glob: number, position: number): (readonly [number, number])[] => {
    const here: readonly [number, number] = [glob, position];
    return globs[glob]?.[position]?.isRun ? [here, ...positionsFrom(glob, position + 1)] : [here];
  };
  const itemsIn = (state: number) => (states[state] ?? []).map(([glob, position]) => globs[glob]?.[position]);

  intern([]);
  return {
    start: intern(globs.flatMap((_, glob) => positionsFrom(glob, 0))),
    step(state, symbol) {
      const key = `${state} ${symbol}`;
      const known = steps.get(key);
      if (known !== undefined) return known;
      const reached = (states[state] ?? []).flatMap(([glob, position]) => {
        const item = globs[glob]?.[position];
        if (item === undefined || (item.literal ?? symbol) !== symbol) return [];
        return positionsFrom(glob, item.isRun ? position : position + 1);
      });
      const next = intern(reached);
      steps.set(key, next);
      return next;
    },
    accepts: (state) => (states[state] ?? []).some(([glob, position]) => position === globs[glob]?.length),
    symbols: (state) => itemsIn(state).flatMap((item) => item?.literal ?? []),
  };
}

/**
 * Finds the shortest text that refutes a claim; undefined if the claim is true. It visits every state.
 *
 * @param other - A symbol that no pattern names. It stands for all such symbols.
 */
export function findPlainCounterexample(
  { universe, matched, must, may }: Claim,
  other: string,
): Counterexample | undefined {
  const automata = [universe, matched, must, may];
  let frontier: readonly SearchState[] = [{ text: [], at: automata.map(({ start }) => start) }];
  const seen = new Set<string>();
  while (frontier.length > 0) {
    const next: SearchState[] = [];
    for (const { text, at } of frontier) {
      const [isPossible, isMatched = false, isWanted, isAllowed] = automata.map((automaton, index) =>
        automaton.accepts(at[index] ?? DEAD),
      );
      if (isPossible && (isMatched ? !isAllowed : isWanted)) return { text, isMatched };
      const symbols = automata.flatMap((automaton, index) => automaton.symbols(at[index] ?? DEAD));
      for (const symbol of new Set([other, ...symbols])) {
        const reached = automata.map((automaton, index) => automaton.step(at[index] ?? DEAD, symbol));
        // No text from here on can arrive, or none is matched or has to be.
        if (reached[0] === DEAD || (reached[1] === DEAD && reached[2] === DEAD)) continue;
        const key = reached.join();
        if (seen.has(key)) continue;
        seen.add(key);
        next.push({ text: [...text, symbol], at: reached });
      }
    }
    frontier = next;
  }
  return undefined;
}

interface SearchState {
  readonly text: readonly string[];
  readonly at: readonly number[];
}
