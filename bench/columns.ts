import type { Contender } from "./frame/chapter.ts";

/** Creates a function that measures once in each round, however often it is called. */
export function perRound<Value>(measure: () => Promise<Value>): (round: number) => Promise<Value> {
  const rounds = new Map<number, Promise<Value>>();
  return (round) => {
    const known = rounds.get(round) ?? measure();
    rounds.set(round, known);
    return known;
  };
}

/**
 * Creates contenders whose figures come from one measurement, as the parts of a whole do. None of them is timed by itself.
 *
 * @param measure - The name of the chapter's measure.
 */
export function columnsOf(
  names: readonly string[],
  measure: string,
  figures: (round: number) => Promise<Readonly<Record<string, number>>>,
): readonly Contender[] {
  return names.map((name) => {
    let round = 0;
    return {
      name,
      async run() {
        const { [name]: value } = await figures(round++);
        return value === undefined ? {} : { [measure]: value };
      },
    };
  });
}
