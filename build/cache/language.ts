/**
 * Languages of paths, and whether an IAM document says the same of them as the policy.
 *
 * IAM's wildcards take in slashes, a path parameter does not: whether a `Resource` says what a route does is a question
 * about two regular languages. It is answered by walking them side by side over all texts that could arrive, the
 * shortest first. The walk ends, since there are finitely many places to be at.
 */

/** One character, or a run of any length of such characters. */
interface Item {
  /** None: any. */
  readonly literal?: string;
  /** A slash is not one of them. */
  readonly isWithinSegment?: boolean;
  readonly isRun?: boolean;
}

/** A pattern without alternatives. */
type Glob = readonly Item[];

/** All texts that any of these patterns matches. */
export type Language = readonly Glob[];

const ONE: Item = {};
const RUN: Item = { isRun: true };
const ONE_OF_SEGMENT: Item = { isWithinSegment: true };
const RUN_OF_SEGMENT: Item = { isWithinSegment: true, isRun: true };

/** What an IAM pattern matches: `*` is any text, slashes among it, `?` one character, and `${*}` an asterisk itself. */
export function ofResource(pattern: string): Language {
  const parts = [...pattern.matchAll(/\$\{([*?$])\}|./gsu)];
  return [
    parts.map(([character, escaped]) => {
      if (escaped !== undefined) return { literal: escaped };
      return character === "*" ? RUN : character === "?" ? ONE : { literal: character };
    }),
  ];
}

/**
 * The paths that the template of a grant or denial matches: a parameter is one segment, a greedy one any text; neither
 * is empty.
 *
 * @param values - Of parameters that must have just this value.
 */
export function ofTemplate(template: string, values: Readonly<Record<string, string>> = {}): Language {
  return [
    fill(template, (name, isGreedy) => {
      const value = values[name];
      if (value !== undefined) return [...value].map((literal) => ({ literal }));
      return isGreedy ? [ONE, RUN] : [ONE_OF_SEGMENT, RUN_OF_SEGMENT];
    }),
  ];
}

/**
 * The paths for which API Gateway may take the route of this template. Which it takes for odd ones is not documented, so
 * all that could be are among them: parameters may be empty, and there may be a slash too many at either end.
 */
export function ofRoute(template: string): Language {
  const path = fill(template, (_, isGreedy) => [isGreedy ? RUN : RUN_OF_SEGMENT]);
  const slash = { literal: "/" };
  return [path, [slash, ...path], [...path, slash], [slash, ...path, slash]];
}

function fill(template: string, ofParameter: (name: string, isGreedy: boolean) => Glob): Glob {
  return [...template.matchAll(/\{([^{}+]+)(\+?)\}|./gsu)].flatMap(([literal, name, plus]) =>
    name === undefined ? [{ literal }] : ofParameter(name, plus !== ""),
  );
}

/** What is claimed of a document, as far as one rule of the policy goes. */
export interface Claim {
  /** Every path that could arrive. */
  readonly universe: Language;
  /** What the document matches, and what it takes out again. */
  readonly matched: Language;
  readonly excluded: Language;
  /** The canonical paths that it must match, and those that it may. */
  readonly must: Language;
  readonly may: Language;
}

/** A path of which the claim does not hold. */
export interface Counterexample {
  readonly path: string;
  readonly isMatched: boolean;
}

/** The shortest path of which a claim does not hold; none if it holds of all. */
export function findCounterexample(claim: Claim): Counterexample | undefined {
  const { universe, matched, excluded, must, may } = claim;
  const languages = [universe, matched, excluded, must, may];
  const automata = languages.map(createAutomaton);
  const alphabet = alphabetOf(languages);
  let level: readonly Place[] = [{ text: "", at: automata.map(({ start }) => start), canonical: CANONICAL_START }];
  const seen = new Set<string>();
  while (level.length > 0) {
    const next: Place[] = [];
    for (const place of level) {
      const [isPossible, isIn, isOut, isWanted, isAllowed] = automata.map((automaton, index) =>
        automaton.accepts(place.at[index] ?? 0),
      );
      const isCanonical = accepts(place.canonical);
      const isMatched = isIn === true && !isOut;
      if (isPossible && (isMatched ? !(isAllowed && isCanonical) : isWanted && isCanonical)) {
        return { path: place.text, isMatched };
      }
      for (const character of alphabet) {
        const at = automata.map((automaton, index) => automaton.step(place.at[index] ?? 0, character));
        // Nothing arrives, or nothing is said of it by anybody.
        if (at[0] === DEAD || (at[1] === DEAD && at[3] === DEAD)) continue;
        const canonical = stepCanonical(place.canonical, character);
        const key = `${at.join()} ${canonical}`;
        if (seen.has(key)) continue;
        seen.add(key);
        next.push({ text: place.text + character, at, canonical });
      }
    }
    level = next;
  }
  return undefined;
}

interface Place {
  readonly text: string;
  readonly at: readonly number[];
  readonly canonical: string;
}

interface Automaton {
  readonly start: number;
  readonly step: (state: number, character: string) => number;
  readonly accepts: (state: number) => boolean;
}

const DEAD = 0;

/** Made deterministic as far as it is walked; a state is a set of positions in the patterns. */
function createAutomaton(language: Language): Automaton {
  const ids = new Map<string, number>([["", DEAD]]);
  const states: { readonly positions: readonly (readonly [number, number])[]; readonly next: Map<string, number> }[] = [
    { positions: [], next: new Map() },
  ];
  const intern = (positions: Iterable<string>): number => {
    const sorted = [...new Set(positions)].sort();
    const key = sorted.join();
    const known = ids.get(key);
    if (known !== undefined) return known;
    ids.set(key, states.length);
    states.push({
      positions: sorted.map((position) => position.split(":").map(Number) as [number, number]),
      next: new Map(),
    });
    return states.length - 1;
  };
  /** A run may be over at once. */
  const reach = (glob: number, position: number): string[] => {
    const here = `${glob}:${position}`;
    return language[glob]?.[position]?.isRun === true ? [here, ...reach(glob, position + 1)] : [here];
  };
  return {
    start: intern(language.flatMap((_, glob) => reach(glob, 0))),
    step(state, character) {
      const { positions, next } = states[state] ?? { positions: [], next: new Map<string, number>() };
      const known = next.get(character);
      if (known !== undefined) return known;
      const reached = positions.flatMap(([glob, position]) => {
        const item = language[glob]?.[position];
        if (item === undefined || !takes(item, character)) return [];
        return reach(glob, item.isRun ? position : position + 1);
      });
      const id = intern(reached);
      next.set(character, id);
      return id;
    },
    accepts: (state) =>
      states[state]?.positions.some(([glob, position]) => position === language[glob]?.length) ?? false,
  };
}

function takes({ literal, isWithinSegment }: Item, character: string): boolean {
  return literal === undefined ? !(isWithinSegment && character === "/") : literal === character;
}

/** Characters that some path is told apart by, and one that stands for all others. Control characters and spaces are in no request line. */
function alphabetOf(languages: readonly Language[]): readonly string[] {
  const named = new Set([..."/.%;#\\*?${}"]);
  for (const glob of languages.flat()) {
    for (const { literal } of glob) if (literal !== undefined) named.add(literal);
  }
  const other = [..."xyzwvutsrq0123456789"].find((character) => !named.has(character)) ?? "\u{1F511}";
  return [other, ...named];
}

/**
 * Where one is in a path, as far as it matters to whether it is canonical: `start`, at the root or in a segment of which
 * is known how it is so far, with a `$` before or not. Written down apart from the patterns that are to say the same.
 */
const CANONICAL_START = "start";
const NOT_CANONICAL = "no";

function stepCanonical(state: string, character: string): string {
  if (state === CANONICAL_START) return character === "/" ? "root" : NOT_CANONICAL;
  if (state === NOT_CANONICAL || "%;#\\*?".includes(character)) return NOT_CANONICAL;
  if (character === "{" && state.endsWith("$")) return NOT_CANONICAL;
  const segment = state.replace("$", "");
  if (character === "/") return accepts(segment) && segment !== "root" ? "empty" : NOT_CANONICAL;
  if (character === "$") return "named$";
  if (character !== ".") return "named";
  return { root: "dot", empty: "dot", dot: "dots" }[segment] ?? "named";
}

function accepts(state: string): boolean {
  return state === "root" || state.startsWith("named");
}
