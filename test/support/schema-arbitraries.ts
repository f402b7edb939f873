import { readFile } from "node:fs/promises";
import fc from "fast-check";

/** The part of JSON Schema that the schemas of the policy language use, and that a new key would use. */
export interface Schema {
  readonly type?: "string" | "number" | "integer" | "boolean" | "array" | "object";
  readonly enum?: readonly unknown[];
  readonly items?: Schema;
  readonly minItems?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly minProperties?: number;
  readonly additionalProperties?: Schema | boolean;
  readonly pattern?: string;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** Better values than those made from the schema, by key: with these, rules match requests. */
export type Hints = Readonly<Record<string, fc.Arbitrary<unknown>>>;

/** Primitive values for keys without a hint. They should occur in the rest of a generated policy and request, too. */
export interface Pool {
  readonly texts: readonly string[];
  readonly numbers: readonly number[];
}

/** Reads the schema of a grant, a denial, a public rule, a role or an invariant. */
export async function readRuleSchema(kind: "grant" | "denial" | "public_rule" | "role" | "invariant"): Promise<Schema> {
  const schema = JSON.parse(await readFile(`policies/schemas/${kind}.json`, "utf8"));
  return schema.definitions[kind];
}

/** Reads the schema of the policy's input. */
export async function readInputSchema(): Promise<Schema> {
  return JSON.parse(await readFile("policies/schemas/input.json", "utf8"));
}

/**
 * Generates objects with every key that a schema has; optional keys are present half of the time.
 *
 * @param hints - Values for some keys; a key whose hint gives undefined is left out.
 * @throws If a hint is for a key that the schema lacks, or a key without a hint needs one.
 */
export function objectOf(schema: Schema, hints: Hints, pool: Pool): fc.Arbitrary<Readonly<Record<string, unknown>>> {
  const { properties = {}, required = [] } = schema;
  for (const key of Object.keys(hints)) {
    if (!Object.hasOwn(properties, key)) throw new Error(`there is a hint for ${key}, which is in no schema`);
  }
  const values = Object.entries(properties).map(([key, property]): [string, fc.Arbitrary<unknown>] => {
    const value = hints[key] ?? valueFor(property, key, pool);
    return [key, required.includes(key) ? value : fc.oneof(fc.constant(undefined), value)];
  });
  return fc.record(Object.fromEntries(values)).map(withoutMissing);
}

/** Generates values that a schema accepts. */
function valueFor(schema: Schema, key: string, pool: Pool): fc.Arbitrary<unknown> {
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  switch (schema.type) {
    case "boolean":
      return fc.boolean();
    case "integer":
    case "number": {
      const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = schema;
      return someOf(
        key,
        pool.numbers.filter((number) => number >= minimum && number <= maximum),
      );
    }
    case "string": {
      const texts = schema.format === "date-time" ? pool.numbers.flatMap(toDateTime) : pool.texts;
      const pattern = new RegExp(schema.pattern ?? "", "u");
      return someOf(
        key,
        texts.filter((text) => pattern.test(text)),
      );
    }
    case "array": {
      const items = valueFor(schema.items ?? {}, key, pool);
      return fc.uniqueArray(items, { minLength: schema.minItems ?? 0, maxLength: 3, comparator: "SameValueZero" });
    }
    case "object": {
      if (schema.properties !== undefined) return objectOf(schema, {}, pool);
      if (typeof schema.additionalProperties !== "object") throw new Error(needsHint(key));
      const item = valueFor(schema.additionalProperties, key, pool);
      return fc.dictionary(someOf(key, pool.texts), item, {
        minKeys: schema.minProperties ?? 0,
        maxKeys: 3,
        noNullPrototype: true,
      });
    }
    default:
      throw new Error(needsHint(key));
  }
}

function someOf<Value>(key: string, values: readonly Value[]): fc.Arbitrary<Value> {
  if (values.length === 0) throw new Error(needsHint(key));
  return fc.constantFrom(...values);
}

function needsHint(key: string): string {
  return `no values can be made from the schema of ${key}; give it a hint in test/support/index-arbitraries.ts`;
}

function toDateTime(timeS: number): readonly string[] {
  const time = new Date(timeS * 1000);
  return Number.isNaN(time.getTime()) ? [] : [time.toISOString()];
}

function withoutMissing(object: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
