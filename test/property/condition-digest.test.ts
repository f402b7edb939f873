import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { toConditionFacts } from "../../build/policy/condition-facts.ts";
import type { ConditionFacts } from "../../contract/condition-facts.ts";
import { NO_ROLES, parseConditions } from "../support/condition-facts.ts";
import {
  listOthers,
  type Style,
  type WrittenCondition,
  write,
  writtenCondition,
} from "../support/written-conditions.ts";

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

/** The number of generated conditions. `DIGEST_CONDITIONS=500 DIGEST_SEED=2` makes a longer run. */
const CONDITIONS = Number(process.env["DIGEST_CONDITIONS"] ?? 16);
const SEED = Number(process.env["DIGEST_SEED"] ?? 16);
/** At most so many changes of each condition are looked at. */
const CHANGES = 8;

const BASE = { office: { networks: ["10.0.0.0/8"], name: "x" }, "a.b": ["x"], a: { b: ["x"] }, other: 1 };
const ROLES = {
  ...NO_ROLES,
  groups: { Guests: ["guest", "visitor"], Admins: ["admin", "root"] },
};

/** The texts of names as they are first written, and by another style. */
const WRITTEN: Readonly<Record<string, string>> = {
  networks: "data.data.office.networks",
  office: "data.data.office",
  dotted: 'data.data["a.b"]',
  nested: "data.data.a.b",
};
const OTHERWISE: Readonly<Record<string, string>> = {
  networks: "here.networks",
  office: 'data.data["office"]',
  dotted: "dotted",
  nested: "nested",
  guest: "visitor",
  admin: "root",
  one: "zone",
  two: "area",
  three: "more",
};

/** Creates the style in which a condition is written first, with names of its own for helpers. */
function plainStyle(at: string, isLibrary: boolean): Style {
  return {
    nameOf: (of, name) =>
      of === "helper" ? `${isLibrary ? "" : "access_lib."}${name}_${at}` : (WRITTEN[name] ?? name),
    separate: (separator) => separator,
    arrange: (items) => items,
  };
}

/** Creates another style: other names, other layout, comments, and another order. */
function otherStyle(at: string, isLibrary: boolean, isReversed: boolean): Style {
  return {
    nameOf: (of, name) =>
      of === "helper"
        ? `${isLibrary ? "" : "lib."}z_${name}_${at}`
        : (OTHERWISE[name] ?? (of === "variable" ? name.replace(/^(one|first)/, "z_") : name)),
    separate: (separator) => (separator === "; " ? "\n\t# why\n\t" : ",\n\t\t"),
    arrange: (items) => (isReversed ? items.toReversed() : [...items.slice(1), ...items.slice(0, 1)]),
  };
}

interface Texts {
  readonly name: string;
  readonly condition: string;
  readonly helpers: string;
}

function writeAll({ condition, helpers }: WrittenCondition, at: string, styleOf: (isLibrary: boolean) => Style): Texts {
  const name = `it_${at}`;
  const texts = condition.map((text) => write(text, styleOf(false)).replace("it if", `${name} if`));
  return {
    name,
    condition: styleOf(false).arrange(texts).join("\n\n"),
    helpers: styleOf(true)
      .arrange(helpers.map((text) => write(text, styleOf(true))))
      .join("\n\n"),
  };
}

interface Variants {
  readonly first: Texts;
  readonly equal: readonly Texts[];
  readonly others: readonly Texts[];
}

const IMPORTS = [
  ...["data.engine.caller", "data.access_lib", "data.access_lib as lib"],
  ...["data.data.office as here", 'data.data["a.b"] as dotted', "data.data.a.b as nested"],
];

let folder = "";
let variants: readonly Variants[] = [];
let facts: Readonly<Record<string, ConditionFacts>> = {};
let factsOfOther: typeof facts = {};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "condition-digest-"));
  const written = fc.sample(fc.tuple(writtenCondition, fc.infiniteStream(fc.nat())), {
    numRuns: CONDITIONS,
    seed: SEED,
  });
  variants = written.map(([one, draws], at) => {
    const all = [...listOthers(one)];
    const chosen = Array.from({ length: CHANGES }, () => all.splice(draws.next().value % all.length, 1)).flat();
    return {
      first: writeAll(one, `${at}`, (isLibrary) => plainStyle(`${at}`, isLibrary)),
      equal: [true, false].map((isReversed) => {
        const own = `${at}_${isReversed}`;
        return writeAll(one, own, (isLibrary) => otherStyle(own, isLibrary, isReversed));
      }),
      others: chosen.map((other, place) => {
        const own = `${at}_other${place}`;
        return writeAll(other, own, (isLibrary) => plainStyle(own, isLibrary));
      }),
    };
  });
  const texts = variants.flatMap(({ first, equal, others }) => [first, ...equal, ...others]);
  const imports = IMPORTS.map((one) => `import ${one}`).join("\n");
  const sources = await parseConditions(folder, {
    conditions: [imports, ...texts.map(({ condition }) => condition)].join("\n\n"),
    helpers: [imports, ...texts.map(({ helpers }) => helpers)].join("\n\n"),
  });
  const names = texts.map(({ name }) => name);
  facts = toConditionFacts(names, { sources, base: BASE, roles: ROLES });
  const base = { ...BASE, "a.b": ["y"], other: 2 };
  factsOfOther = toConditionFacts(names, { sources, base, roles: ROLES });
});

afterAll(() => rm(folder, { recursive: true, force: true }));

it("names, layout, comments and the order of definitions, sets and objects have no effect on the digest", () => {
  const plainOf = (name: string) => Object.keys(OTHERWISE).find((one) => OTHERWISE[one] === name) ?? name;
  for (const { first, equal } of variants) {
    for (const other of equal) {
      const of = ({ name }: Texts) => ({
        digest: facts[name]?.digest,
        text: facts[name]?.text,
        params: facts[name]?.params.map(plainOf),
      });
      expect({ other, ...of(other) }).toEqual({ other, ...of(first) });
    }
  }
});

it("every operator, literal, reference, negation, definition and statement of a helper has an effect on the digest", () => {
  const isEqual = ({ name: one }: Texts, { name: other }: Texts) =>
    facts[one]?.digest === facts[other]?.digest && facts[one]?.params.join() === facts[other]?.params.join();
  const equal = variants.flatMap(({ first, others }) =>
    others.filter((other) => isEqual(first, other)).map((other) => ({ first, other })),
  );
  expect(equal).toEqual([]);
});

it("base data have an effect on the digest of exactly the conditions that read them", () => {
  const seen = { read: 0, not: 0 };
  for (const { first } of variants) {
    const isRead = `${first.condition} ${first.helpers}`.includes('data.data["a.b"]');
    seen[isRead ? "read" : "not"] += 1;
    const isChanged = facts[first.name]?.digest !== factsOfOther[first.name]?.digest;
    expect({ first, isChanged }).toEqual({ first, isChanged: isRead });
  }
  expect(Math.min(seen.read, seen.not)).toBeGreaterThan(0);
});
