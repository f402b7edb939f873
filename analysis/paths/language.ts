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
  /**
   * Tells whether each text that is accepted from a state is accepted from the other one, too; it may miss that. An automaton with this
   * function accepts from the state behind a symbol that it distinguishes whatever it accepts from the state behind any other symbol.
   */
  readonly isWithin?: (state: number, other: number) => boolean;
}

/** The state that no text leads out of: nothing is accepted any more. */
export const DEAD = 0;

/** A position in all patterns that begin with the same symbols. */
interface Position {
  readonly id: number;
  /** The first of these patterns, and the number of symbols before this position. */
  readonly first: number;
  readonly depth: number;
  /** A run ends here, so that each symbol leads here again. */
  readonly isBehindRun: boolean;
  isEnd: boolean;
  readonly byLiteral: Map<string, Position>;
  one: Position | undefined;
  run: Position | undefined;
}

/** Creates the automaton that accepts the texts of any of some patterns. It computes its states when they are visited. */
export function createAutomaton(globs: readonly Glob[]): Automaton {
  const start: Position[] = [];
  if (globs.length > 0) addWithRuns(start, toPositions(globs));
  /** Each state is a set of positions. */
  const states: (readonly Position[])[] = [];
  const ids = new Map<string, number>();
  const steps: Map<string, number>[] = [];
  const distinguished: (readonly string[] | undefined)[] = [];
  const intern = (reached: readonly Position[]): number => {
    const positions = reached.length < 2 ? reached : sortedPositions(reached);
    const key = positions.length === 1 ? `${positions[0]?.id}` : positions.map(({ id }) => id).join(" ");
    const known = ids.get(key);
    if (known !== undefined) return known;
    ids.set(key, states.length);
    steps.push(new Map());
    return states.push(positions) - 1;
  };
  const positionsIn = (state: number) => states[state] ?? [];

  intern([]);
  return {
    start: intern(start),
    step(state, symbol) {
      const known = steps[state]?.get(symbol);
      if (known !== undefined) return known;
      const reached: Position[] = [];
      for (const position of positionsIn(state)) addBehind(reached, position, symbol);
      const next = intern(reached);
      steps[state]?.set(symbol, next);
      return next;
    },
    accepts: (state) => positionsIn(state).some(({ isEnd }) => isEnd),
    symbols: (state) => (distinguished[state] ??= symbolsOf(positionsIn(state))),
    isWithin: (state, other) => isSubset(positionsIn(state), positionsIn(other)),
  };
}

/** Arranges patterns by the symbols that they begin with. */
function toPositions(globs: readonly Glob[]): Position {
  let count = 0;
  const create = (first: number, depth: number, isBehindRun: boolean): Position => {
    count += 1;
    return { id: count, first, depth, isBehindRun, isEnd: false, byLiteral: new Map(), one: undefined, run: undefined };
  };
  const root = create(0, 0, false);
  for (const [first, glob] of globs.entries()) {
    let at = root;
    for (const { literal, isRun = false } of glob) {
      const make = () => create(first, at.depth + 1, isRun);
      if (isRun) at = at.run ??= make();
      else if (literal === undefined) at = at.one ??= make();
      else {
        const next = at.byLiteral.get(literal) ?? make();
        at.byLiteral.set(literal, next);
        at = next;
      }
    }
    at.isEnd = true;
  }
  return root;
}

/** Sorts positions, without duplicates. */
function sortedPositions(reached: readonly Position[]): readonly Position[] {
  const sorted = [...reached].sort((one, other) => one.id - other.id);
  return sorted.filter((position, at) => position !== sorted[at - 1]);
}

/** Adds a position and those behind its runs, which may be empty. */
function addWithRuns(positions: Position[], position: Position | undefined): void {
  for (let at = position; at !== undefined; at = at.run) positions.push(at);
}

function addBehind(positions: Position[], position: Position, symbol: string): void {
  if (position.isBehindRun) addWithRuns(positions, position);
  addWithRuns(positions, position.one);
  addWithRuns(positions, position.byLiteral.get(symbol));
}

/** Lists the symbols behind some positions, in the order of the patterns and of their symbols. */
function symbolsOf(positions: readonly Position[]): readonly string[] {
  if (positions.every(({ byLiteral }) => byLiteral.size === 0)) return [];
  const behind = positions.flatMap(({ byLiteral }) => [...byLiteral]);
  const sorted = behind.sort(([, one], [, other]) => one.first - other.first || one.depth - other.depth);
  return [...new Set(sorted.map(([literal]) => literal))];
}

/** Tells whether all of some positions are among the others. Both are sorted. */
function isSubset(positions: readonly Position[], others: readonly Position[]): boolean {
  if (positions.length > others.length) return false;
  let at = 0;
  return positions.every((position) => {
    while (at < others.length && others[at] !== position) at += 1;
    return at < others.length;
  });
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
