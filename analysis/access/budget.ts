import type { TooManyTests } from "./model.ts";

/** The most tests of one comparison: a test is one rule that is looked at for one principal at one path. 10,000 grants take 500,000. */
const MAX_TESTS = 5_000_000;

/** A principal or a path that is made to be looked at costs as much as so many tests. */
const TESTS_TO_MAKE = 10;

/** Ends a comparison that would take too long. It doesn't leave this room, nor that of the matrix. */
export class TestLimit extends Error {
  readonly tooMany: TooManyTests;
  constructor(tooMany: TooManyTests) {
    super(tooMany.code);
    this.tooMany = tooMany;
  }
}

/** Counts the tests of a comparison, by rule. */
export interface Budget {
  /** Counts tests of a rule, or of none if its name is empty; throws {@link TestLimit} above the limit. */
  readonly count: (rule: string, tests?: number) => void;
  /** Counts principals or paths before they are made for the rule that was named last. They can be more than the memory holds. */
  readonly countMade: (made: number) => void;
  /** Starts again from nothing, for a comparison that uses what an earlier one arranged. */
  readonly restart: () => void;
}

/** Creates the budget of a comparison. */
export function createBudget(limit = MAX_TESTS): Budget {
  let counts = new Map<string, number>();
  let total = 0;
  let last = "";
  const count = (rule: string, tests = 1): void => {
    if (rule !== "") last = rule;
    total += tests;
    counts.set(rule, (counts.get(rule) ?? 0) + tests);
    if (total <= limit) return;
    const most = [...counts].filter(([name]) => name !== "").sort(([, one], [, other]) => other - one);
    throw new TestLimit({ code: "too_many_tests", limit, rules: most.slice(0, 5).map(([name]) => name) });
  };
  return {
    count,
    countMade: (made) => count(last, made * TESTS_TO_MAKE),
    restart() {
      counts = new Map();
      total = 0;
      last = "";
    },
  };
}
