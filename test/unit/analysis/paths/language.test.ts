import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Automaton,
  createAutomaton,
  createIntersection,
  type Glob,
  haveCommon,
  ONE,
  RUN,
} from "../../../../analysis/paths/language.ts";
import { findCounterexample } from "../../../../analysis/paths/search.ts";
import { DENY_LIST } from "../../../../authorizer/gateway/token-document.ts";
import { createPlainAutomaton, findPlainCounterexample } from "../../../support/plain-automata.ts";

/** Parses a pattern of symbols: `a` is a symbol, `?` any symbol, `*` any number of symbols; `a b*` and so on. */
function glob(text: string): Glob {
  return [...text].map((character) => ({ "?": ONE, "*": RUN })[character] ?? { literal: character });
}

const languageOf = (...texts: readonly string[]) => createAutomaton(texts.map(glob));

function counterexample(universe: readonly string[], matched: string, must: readonly string[], may = must) {
  const claim = {
    universe: languageOf(...universe),
    matched: languageOf(matched),
    must: languageOf(...must),
    may: languageOf(...may),
  };
  const found = findCounterexample(claim, "x");
  return found && [found.text.join(""), found.isMatched];
}

describe("two languages agree", () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ["abc", ["abc"], ["*"]],
    ["*", ["*"], ["*"]],
    ["?*", ["?*"], ["*"]],
    ["?*", ["*?"], ["*"]],
    ["a*", ["a", "a?*"], ["*"]],
    ["a*b*", ["a*b*"], ["*"]],
    ["*b", ["b", "*?b"], ["*"]],
    // Languages agree only where the universe is defined.
    ["a*", ["a?"], ["a?", "b*"]],
    ["**", ["*"], ["*"]],
  ])("%s and %j within %j", (matched, must, universe) => {
    expect(counterexample(universe, matched, must)).toBeUndefined();
  });
});

describe("two languages differ, shown by the shortest text", () => {
  it.each<[string, readonly string[], readonly string[], [string, boolean]]>([
    ["abc", ["abd"], ["*"], ["abc", true]],
    ["ab", ["abd", "ab"], ["*"], ["abd", false]],
    ["*", ["?*"], ["*"], ["", true]],
    ["a*", ["a?"], ["*"], ["a", true]],
    ["a*c", ["a?c"], ["*"], ["ac", true]],
    ["a?*c", ["a?c"], ["*"], ["axxc", true]],
    ["a?*c", ["a?c"], ["a?", "a??", "a???c"], ["axxxc", true]],
  ])("%s and %j within %j", (matched, must, universe, found) => {
    const got = counterexample(universe, matched, must);
    expect(got?.[1]).toBe(found[1]);
    expect(String(got?.[0]).length).toBe(found[0].length);
  });

  it("except for texts that need not match", () => {
    expect(counterexample(["*"], "a*", ["a?"])).toEqual(["a", true]);
    expect(counterexample(["*"], "a*", ["a?"], ["a*"])).toBeUndefined();
    expect(counterexample(["*"], "a?", ["a*"], ["a*"])).toEqual(["a", false]);
  });
});

/** An IAM pattern over characters: `*` is any text, `?` any character, `${*}` an asterisk. */
function globOfPattern(pattern: string): Glob {
  return [...pattern.matchAll(/\$\{([*?$])\}|./gsu)].map(([character, escaped]) => {
    if (escaped !== undefined) return { literal: escaped };
    return { "*": RUN, "?": ONE }[character] ?? { literal: character };
  });
}

/**
 * Canonical paths, written independently of the patterns that are to express the same: the state in a segment tells
 * whether it is empty, one dot or two dots, and whether a dollar sign precedes.
 */
const STATES = ["no", "start", "root", "empty", "dot", "dots", "named", "named$"];
const CANONICAL: Automaton = {
  start: 1,
  step(state, character) {
    const name = STATES[state] ?? "";
    if (name === "start") return STATES.indexOf(character === "/" ? "root" : "no");
    if (name === "no" || "%;#\\*?".includes(character) || (character === "{" && name === "named$")) return 0;
    if (character === "/") return STATES.indexOf(name.startsWith("named") ? "empty" : "no");
    if (character === "$") return STATES.indexOf("named$");
    if (character !== ".") return STATES.indexOf("named");
    return STATES.indexOf({ root: "dot", empty: "dot", dot: "dots" }[name] ?? "named");
  },
  accepts: (state) => ["root", "named", "named$"].includes(STATES[state] ?? ""),
  symbols: () => [..."/.%;#\\*?${"],
};

/**
 * Compares the deny list with the texts that CANONICAL does not accept and that start with a slash: it must match all
 * of them, and no others.
 */
function compare(list: readonly string[]) {
  const texts = createAutomaton([globOfPattern("/*")]);
  const isCanonical = CANONICAL.accepts;
  const notCanonical = { ...CANONICAL, accepts: (state: number) => !isCanonical(state) };
  // A state of its own, since DEAD never leads to acceptance.
  const shifted: Automaton = {
    start: notCanonical.start + 1,
    step: (state, character) => notCanonical.step(state - 1, character) + 1,
    accepts: (state) => notCanonical.accepts(state - 1),
    symbols: () => notCanonical.symbols(0),
  };
  const found = findCounterexample(
    { universe: texts, matched: createAutomaton(list.map(globOfPattern)), must: shifted, may: shifted },
    "x",
  );
  return found && [found.text.join(""), found.isMatched];
}

describe("the deny list", () => {
  it("matches exactly the paths that are not canonical: proved over all paths", () => {
    expect(compare(DENY_LIST)).toBeUndefined();
  });

  it.each([
    ["*%*", "/%"],
    ["*//*", "//"],
    ["*/./*", "/./"],
    ["*/../*", "/../"],
    ["*/.", "/."],
    ["*/..", "/.."],
    ["*/?*/", "/x/"],
    ["*;*", "/;"],
    ["*#*", "/#"],
    ["*\\*", "/\\"],
    ["*${*}*", "/*"],
    ["*${?}*", "/?"],
    ["*${$}{*", "/${"],
  ])("would miss a path without %s, such as %s", (pattern, path) => {
    expect(DENY_LIST).toContain(pattern);
    const [found, isMatched] = compare(DENY_LIST.filter((other) => other !== pattern)) ?? [];
    expect(isMatched).toBe(false);
    expect(String(found).startsWith(path.slice(0, 2))).toBe(true);
  });

  it("would match a canonical path with one more pattern", () => {
    expect(compare([...DENY_LIST, "*.*"])).toEqual([expect.stringMatching(/\./), true]);
  });

  it("has no pattern that this test leaves out", () => {
    expect(DENY_LIST).toHaveLength(13);
  });
});

describe("the intersection of two patterns", () => {
  const matches = (text: string, pattern: string) =>
    new RegExp(`^${pattern.replaceAll("?", ".").replaceAll("*", ".*")}$`).test(text);
  const pattern = fc.string({ unit: fc.constantFrom("a", "b", "?", "*"), maxLength: 5 });
  /** A length that suffices for any two of these patterns. */
  const texts = [""];
  for (const text of texts) if (text.length < 7) texts.push(...["a", "b", "c"].map((symbol) => text + symbol));

  it("is the same by walking both, and by the automaton of both", () => {
    fc.assert(
      fc.property(pattern, pattern, (one, other) => {
        const common = texts.some((text) => matches(text, one) && matches(text, other));
        expect(haveCommon(glob(one), glob(other))).toBe(common);
        const none = createAutomaton([]);
        const both = createIntersection(createAutomaton([glob(one)]), createAutomaton([glob(other)]));
        const found = findCounterexample(
          { universe: both, matched: createAutomaton([[RUN]]), must: none, may: none },
          "c",
        );
        expect(found !== undefined).toBe(common);
        expect(found === undefined || [one, other].every((each) => matches(found.text.join(""), each))).toBe(true);
      }),
      { numRuns: 300, seed: 1 },
    );
  });
});

describe("the search for a counterexample", () => {
  const item = fc.constantFrom<Glob[number]>({ literal: "a" }, { literal: "b" }, { literal: "c" }, ONE, ONE, RUN);
  const globs = fc.array(fc.array(item, { maxLength: 5 }), { maxLength: 3 });

  it("finds the text that a search through all states finds", () => {
    let found = 0;
    fc.assert(
      fc.property(globs, globs, globs, fc.array(fc.array(item, { maxLength: 5 }), { maxLength: 5 }), (...parts) => {
        const [universe = [], matched = [], must = [], may = []] = parts;
        const claimOf = (create: typeof createAutomaton) => ({
          universe: create(universe),
          matched: create(matched),
          must: create(must),
          may: create(may),
        });
        const expected = findPlainCounterexample(claimOf(createPlainAutomaton), "x");
        expect(findCounterexample(claimOf(createAutomaton), "x")).toEqual(expected);
        if (expected !== undefined) found += 1;
      }),
      { numRuns: 2_000, seed: 1 },
    );
    expect(found).toBeGreaterThan(300);
  });

  it("visits few states where a text may match many patterns in part", () => {
    const patterns = [..."abcdefghijklmnopqrst"].map((symbol): Glob => [ONE, RUN, { literal: symbol }, ONE, ONE, RUN]);
    const all = createAutomaton([[ONE, RUN]]);
    const steps: number[] = [];
    const may = createAutomaton([...patterns, [ONE, RUN]]);
    const counted = {
      ...may,
      step: (state: number, symbol: string) => {
        steps.push(state);
        return may.step(state, symbol);
      },
    };
    const found = findCounterexample({ universe: all, matched: all, must: createAutomaton([]), may: counted }, "x");
    expect([found, steps.length < 100]).toEqual([undefined, true]);
  });
});
