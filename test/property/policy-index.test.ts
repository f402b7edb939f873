import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { IndexedDenial, IndexedGrant, PolicyIndex } from "../../contract/policy-index.ts";
import { CACHE_CONDITIONS_REGO } from "../support/cache-arbitraries.ts";
import { type CompiledConditions, compileConditions } from "../support/compiled-conditions.ts";
import { type IndexCase, indexCase, readSchemas } from "../support/index-arbitraries.ts";
import { type Counterexample, type Counts, checkIndexLaw, type Leg } from "../support/index-law.ts";
import { indexesOf } from "../support/indexes.ts";
import { objectOf, type Schema } from "../support/schema-arbitraries.ts";

const POLICIES = 180;
const REQUESTS = 40;
const SEED = 10;

let conditions: CompiledConditions;
let cases: readonly IndexCase[];
let indexes: readonly PolicyIndex[];

beforeAll(async () => {
  conditions = await compileConditions(CACHE_CONDITIONS_REGO);
  cases = fc.sample(indexCase(await readSchemas(), REQUESTS), { numRuns: POLICIES, seed: SEED });
  indexes = await indexesOf(
    conditions.opa,
    conditions.root,
    cases.map(({ policy }) => policy),
  );
});
afterAll(() => conditions[Symbol.asyncDispose]());

/**
 * Checks the law for all cases, perhaps with a changed index for all but the engine.
 *
 * @param wanted - The legs that must fail; when all have, the other cases are left out.
 */
function checkAll(distort?: (index: PolicyIndex) => PolicyIndex, wanted: readonly Leg[] = []) {
  const counts: Counts = { "input references": 0, "per-token document": 0, "IAM export": 0, "cache class": 0 };
  const counterexamples: Counterexample[] = [];
  const missing = new Set(wanted);
  for (const [at, index] of indexes.entries()) {
    if (wanted.length > 0 && missing.size === 0) break;
    const given = cases[at];
    if (given === undefined) continue;
    const verdict = checkIndexLaw(conditions, given, index, distort);
    counterexamples.push(...verdict.counterexamples);
    for (const { leg } of verdict.counterexamples) missing.delete(leg);
    for (const leg of Object.keys(counts) as Leg[]) counts[leg] += verdict.counts[leg];
  }
  return { counts, counterexamples };
}

it("no document and no cached response allows what the engine denies, whatever keys grants, denials and roles have", () => {
  const { counts, counterexamples } = checkAll();
  console.log(JSON.stringify(counts));
  const first = Map.groupBy(counterexamples, ({ leg }) => leg);
  const found = [...first].map(([leg, [one, ...others]]) => ({ leg, others: others.length, one: JSON.stringify(one) }));
  expect(found).toEqual([]);
  // The generator reaches enough comparisons that could have failed.
  expect(counts["input references"]).toBe(POLICIES * REQUESTS);
  expect(counts["per-token document"]).toBeGreaterThan(500);
  expect(counts["IAM export"]).toBeGreaterThan(1000);
  expect(counts["cache class"]).toBeGreaterThan(1000);
});

const withGrants = (change: Partial<IndexedGrant>) => (index: PolicyIndex) => ({
  ...index,
  grants: Object.fromEntries(Object.entries(index.grants).map(([name, grant]) => [name, { ...grant, ...change }])),
});

const withDenials = (change: Partial<IndexedDenial>) => (index: PolicyIndex) => ({
  ...index,
  denials: Object.fromEntries(Object.entries(index.denials).map(([name, denial]) => [name, { ...denial, ...change }])),
});

const NO_ROLES = { groups: {}, scopes: {}, kinds: {}, claims: {}, issuers: {} };

const withoutRoles = (index: PolicyIndex) => ({ ...index, roles: NO_ROLES });

describe("the law fails for a key that only the engine evaluates", () => {
  it.each<[string, (index: PolicyIndex) => PolicyIndex, readonly Leg[]]>([
    ["a grant's roles", withGrants({ roles: ["authenticated"] }), ["IAM export"]],
    ["a grant's where", withGrants({ where: {} }), ["IAM export", "input references", "per-token document"]],
    ["a grant's when", withGrants({ when: [] }), ["IAM export", "cache class", "per-token document"]],
    ["a denial's unless", withDenials({ unless: [] }), ["cache class"]],
    ["all denials", (index) => ({ ...index, denials: {} }), ["IAM export", "cache class", "per-token document"]],
    ["all roles", withoutRoles, ["input references", "per-token document"]],
  ])("%s", (_, distort, legs) => {
    const { counterexamples } = checkAll(distort, legs);
    expect([...new Set(counterexamples.map(({ leg }) => leg))].sort()).toEqual(legs);
  });
});

describe("the generator makes values for new keys of a schema", () => {
  const pool = { texts: ["a", "b", "2x"], numbers: [-1, 0, 7.5, 1000] };
  const sampleOf = (schema: Schema) =>
    fc.sample(objectOf({ properties: { new_key: schema } }, {}, pool), { numRuns: 200, seed: SEED });

  it.each<[string, Schema, readonly unknown[]]>([
    ["a number", { type: "number" }, [-1, 0, 1000, 7.5]],
    ["a number within bounds", { type: "number", minimum: 0, maximum: 10 }, [0, 7.5]],
    ["an integer", { type: "integer" }, [-1, 0, 1000]],
    ["a text", { type: "string" }, ["2x", "a", "b"]],
    ["a string of a pattern", { type: "string", pattern: "^\\d" }, ["2x"]],
    ["a time", { type: "string", format: "date-time" }, ["1969-12-31T23:59:59.000Z", "1970-01-01T00:00:00.000Z"]],
    ["a boolean", { type: "boolean" }, [false, true]],
    ["one of several values", { enum: ["user", "machine"] }, ["machine", "user"]],
    ["a set", { type: "array", minItems: 1, items: { enum: ["x"] } }, [["x"]]],
    ["a map", { type: "object", minProperties: 1, additionalProperties: { enum: [1] } }, [{ a: 1 }, { "2x": 1 }]],
    ["an object", { type: "object", required: ["from"], properties: { from: { enum: [1] } } }, [{ from: 1 }]],
  ])("%s", (_, schema, values) => {
    const found = sampleOf(schema);
    expect(found.some((rule) => Object.hasOwn(rule, "new_key"))).toBe(true);
    expect(found.some((rule) => !Object.hasOwn(rule, "new_key"))).toBe(true);
    expect(found.map((rule) => rule["new_key"])).toEqual(expect.arrayContaining([...values]));
  });

  it("and fails where it can make no value", () => {
    expect(() => sampleOf({ type: "string", pattern: "^https:" })).toThrow(/new_key; give it a hint/);
    expect(() => sampleOf({})).toThrow(/new_key; give it a hint/);
    expect(() => objectOf({ properties: {} }, { old_key: fc.constant(1) }, pool)).toThrow(/hint for old_key/);
  });
});
