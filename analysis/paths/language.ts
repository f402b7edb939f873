/**
 * Regular languages, and proofs that one contains another.
 *
 * IAM's wildcards match slashes, path parameters do not. So whether a `Resource` matches the same paths as a route is a
 * question about two languages. The search walks both automata side by side over all texts, the shortest first. It ends,
 * since the automata have finitely many states.
 *
 * A text is a list of symbols. Symbols are characters in the proof that a pattern matches canonical paths only, and whole
 * segments in all other proofs: no segment of a canonical path is empty, and a wildcard of a pattern stands for one or more
 * whole segments.
 */

/** One symbol, or a run of any number of symbols. */
interface Item {
  /** Default: any symbol. */
  readonly literal?: string;
  readonly isRun?: boolean;
}

/** A pattern without alternatives. */
export type Glob = readonly Item[];

export const ONE: Item = {};
export const RUN: Item = { isRun: true };

/** Tells whether some text matches both patterns. */
export function haveCommon(one: Glob, other: Glob): boolean {
  const failed = new Set<number>();
  const haveCommonFrom = (oneAt: number, otherAt: number): boolean => {
    const [mine, yours] = [one[oneAt], other[otherAt]];
    if (mine === undefined && yours === undefined) return true;
    const key = oneAt * (other.length + 1) + otherAt;
    if (failed.has(key)) return false;
    const isFound =
      (mine?.isRun === true && haveCommonFrom(oneAt + 1, otherAt)) ||
      (yours?.isRun === true && haveCommonFrom(oneAt, otherAt + 1)) ||
      (mine !== undefined &&
        yours !== undefined &&
        (mine.literal === undefined || yours.literal === undefined || mine.literal === yours.literal) &&
        !(mine.isRun === true && yours.isRun === true) &&
        haveCommonFrom(mine.isRun ? oneAt : oneAt + 1, yours.isRun ? otherAt : otherAt + 1));
    if (!isFound) failed.add(key);
    return isFound;
  };
  return haveCommonFrom(0, 0);
}

/** A deterministic automaton, which reads one symbol after the other. */
export interface Automaton {
  readonly start: number;
  readonly step: (state: number, symbol: string) => number;
  readonly accepts: (state: number) => boolean;
  /** The symbols that a state distinguishes; all others lead to one state. */
  readonly symbols: (state: number) => readonly string[];
}

/** The state that no text leads out of: nothing is accepted any more. */
const DEAD = 0;

/** Creates the automaton that accepts the texts of any of some patterns. It computes its states when they are visited. */
export function createAutomaton(globs: readonly Glob[]): Automaton {
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

/** Creates the automaton that accepts the texts which both accept. */
export function createIntersection(one: Automaton, other: Automaton): Automaton {
  const pairs: (readonly [number, number])[] = [[DEAD, DEAD]];
  const ids = new Map<string, number>();
  const intern = (mine: number, yours: number): number => {
    if (mine === DEAD || yours === DEAD) return DEAD;
    const key = `${mine} ${yours}`;
    const known = ids.get(key) ?? pairs.push([mine, yours]) - 1;
    ids.set(key, known);
    return known;
  };
  const at = (state: number) => pairs[state] ?? [DEAD, DEAD];
  return {
    start: intern(one.start, other.start),
    step: (state, symbol) => intern(one.step(at(state)[0], symbol), other.step(at(state)[1], symbol)),
    accepts: (state) => one.accepts(at(state)[0]) && other.accepts(at(state)[1]),
    symbols: (state) => [...one.symbols(at(state)[0]), ...other.symbols(at(state)[1])],
  };
}

/** A claim about a policy document and one grant or denial: the document matches what it must, and no more than it may. */
export interface Claim {
  /** Accepts every text that could arrive. */
  readonly universe: Automaton;
  /** Accepts the texts that the document matches. */
  readonly matched: Automaton;
  /** Accepts the texts that the document must match. */
  readonly must: Automaton;
  /** Accepts the texts that the document may match. */
  readonly may: Automaton;
}

/** A text that refutes a claim. */
export interface Counterexample {
  readonly text: readonly string[];
  readonly isMatched: boolean;
}

/**
 * Finds the shortest text that refutes a claim; undefined if the claim is true.
 *
 * @param other - A symbol that no pattern names. It stands for all such symbols.
 */
export function findCounterexample({ universe, matched, must, may }: Claim, other: string): Counterexample | undefined {
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
