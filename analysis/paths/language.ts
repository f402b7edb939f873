/**
 * Regular languages, and whether one is within another.
 *
 * IAM's wildcards take in slashes, a path parameter does not: whether a `Resource` says what a route does is a question
 * about two languages. It is answered by walking them side by side over all texts, the shortest first. The walk ends,
 * since there are finitely many places to be at.
 *
 * A text is a list of symbols. Those are characters for the question what is canonical, and whole segments for all
 * others: of a canonical path no segment is empty, and a pattern's wildcards stand for whole segments, one or more.
 */

/** One symbol, or a run of any length of any symbols. */
interface Item {
  /** None: any. */
  readonly literal?: string;
  readonly isRun?: boolean;
}

/** A pattern without alternatives. */
export type Glob = readonly Item[];

export const ONE: Item = {};
export const RUN: Item = { isRun: true };

/** Some text is of both patterns. */
export function haveCommon(one: Glob, other: Glob): boolean {
  const failed = new Set<number>();
  const go = (at: number, place: number): boolean => {
    const [mine, yours] = [one[at], other[place]];
    if (mine === undefined && yours === undefined) return true;
    const key = at * (other.length + 1) + place;
    if (failed.has(key)) return false;
    const isFound =
      (mine?.isRun === true && go(at + 1, place)) ||
      (yours?.isRun === true && go(at, place + 1)) ||
      (mine !== undefined &&
        yours !== undefined &&
        (mine.literal === undefined || yours.literal === undefined || mine.literal === yours.literal) &&
        !(mine.isRun === true && yours.isRun === true) &&
        go(mine.isRun ? at : at + 1, yours.isRun ? place : place + 1));
    if (!isFound) failed.add(key);
    return isFound;
  };
  return go(0, 0);
}

/** Reads one symbol after the other. */
export interface Automaton {
  readonly start: number;
  readonly step: (state: number, symbol: string) => number;
  readonly accepts: (state: number) => boolean;
  /** The symbols that are told apart in a state; all others lead to one place. */
  readonly symbols: (state: number) => readonly string[];
}

/** The state from which nothing is accepted any more. */
const DEAD = 0;

/** Recognizes what any of some patterns matches. Made deterministic as far as it is walked. */
export function createAutomaton(globs: readonly Glob[]): Automaton {
  /** Positions in the patterns; a state is a set of them. */
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
  /** A run may be over at once. */
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

/** Recognizes what both do. */
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

/** What is claimed of a document, as far as one rule of the policy goes. */
export interface Claim {
  /** Every text that could arrive. */
  readonly universe: Automaton;
  /** What the document matches. */
  readonly matched: Automaton;
  /** What it must match, and what it may. */
  readonly must: Automaton;
  readonly may: Automaton;
}

/** A text of which a claim does not hold. */
export interface Counterexample {
  readonly text: readonly string[];
  readonly isMatched: boolean;
}

/**
 * The shortest text of which a claim does not hold; none if it holds of all.
 *
 * @param other - A symbol that no pattern names, to stand for all of those.
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
        // Nothing arrives, or nothing is said of it by anybody.
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
