import { err, ok, type Result } from "../../contract/result.ts";
import { type Automaton, DEAD } from "./language.ts";

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
 * A state from which the document may match more than from one that was visited before is left out: what refutes the claim from there
 * refutes it from the other one, too, by a text that is not longer.
 *
 * @param other - A symbol that no pattern names. It stands for all such symbols.
 */
export function findCounterexample(claim: Claim, other: string): Counterexample | undefined {
  const found = search(claim, other, { left: Number.POSITIVE_INFINITY }, Number.POSITIVE_INFINITY);
  return found.ok ? found.value : undefined;
}

/** The most steps of one search. That of a grant among a service's others takes a few dozen. */
const MAX_STEPS = 2_000;

/** The most steps of all searches for the grants of a policy together, and for its denials. It bounds the time of a build. */
export const MAX_STEPS_IN_ALL = 500_000;

/** The reason why something is not proved, where searches reach a limit. */
export const TOO_LONG =
  `the proof takes more than ${MAX_STEPS.toLocaleString("en-US")} steps, or all proofs more than ` +
  `${MAX_STEPS_IN_ALL.toLocaleString("en-US")}, since many templates have paths in common; literals in the same segments make it shorter`;

/** The steps that some searches may still take together. */
export interface Steps {
  left: number;
}

/** Finds the shortest counterexample, as {@link findCounterexample} does, if that takes no more than so many steps. */
export function search(
  { universe, matched, must, may }: Claim,
  other: string,
  steps: Steps,
  maxSteps = MAX_STEPS,
): Result<Counterexample | undefined, "too_long"> {
  let taken = 0;
  let frontier: readonly SearchState[] = [
    { universe: universe.start, matched: matched.start, must: must.start, may: may.start, last: undefined },
  ];
  const isWithin = may.isWithin ?? ((state, visited) => state === visited);
  const seen = new Map<string, number[]>();
  while (frontier.length > 0) {
    const next: SearchState[] = [];
    for (const at of frontier) {
      const isMatched = matched.accepts(at.matched);
      const isRefuted = isMatched ? !may.accepts(at.may) : must.accepts(at.must);
      if (isRefuted && universe.accepts(at.universe)) return ok({ text: textOf(at), isMatched });
      const symbols = new Set([
        ...[other, ...universe.symbols(at.universe), ...matched.symbols(at.matched), ...must.symbols(at.must)],
        ...(may.isWithin === undefined ? may.symbols(at.may) : []),
      ]);
      for (const symbol of symbols) {
        const reached = {
          universe: universe.step(at.universe, symbol),
          matched: matched.step(at.matched, symbol),
          must: must.step(at.must, symbol),
        };
        // No text from here on can arrive, or none is matched or has to be.
        if (reached.universe === DEAD || (reached.matched === DEAD && reached.must === DEAD)) continue;
        const mayMatch = may.step(at.may, symbol);
        const key = `${reached.universe} ${reached.matched} ${reached.must}`;
        const visited = seen.get(key) ?? [];
        // This state is compared with each of those.
        taken += 1 + visited.length;
        steps.left -= 1 + visited.length;
        if (taken > maxSteps || steps.left < 0) return err("too_long");
        if (visited.some((state) => isWithin(state, mayMatch))) continue;
        visited.push(mayMatch);
        seen.set(key, visited);
        next.push({ ...reached, may: mayMatch, last: { symbol, before: at } });
      }
    }
    frontier = next;
  }
  return ok(undefined);
}

/** The states of the automata behind a text, which ends in a symbol. */
interface SearchState {
  readonly universe: number;
  readonly matched: number;
  readonly must: number;
  readonly may: number;
  readonly last: { readonly symbol: string; readonly before: SearchState } | undefined;
}

function textOf({ last }: SearchState): readonly string[] {
  return last === undefined ? [] : [...textOf(last.before), last.symbol];
}
