import { expect, it } from "vitest";
import { findCodes } from "../../../support/checked-conditions.ts";

const A = "values.number(input.principal.claims.a)";
const HELPERS = [`third := ${A} / 3`, "half(x) := x / 2"];

const REFUSED: Readonly<Record<string, string>> = {
  "a quotient that is multiplied": `${A} / 3 * 3 == 1`,
  "a quotient in a variable": `x := ${A} / 3\n\tx * 3 == 1`,
  "a quotient of a helper": "third * 3 == 1",
  "a quotient of a function": `half(${A}) + half(${A}) == 1`,
  "a quotient and a fraction": `${A} / 10 == 0.1`,
  "a fraction that is multiplied": `${A} * 0.1 == 1`,
  "a sum and a fraction": `${A} + ${A} == 0.3`,
  "a sum and a fraction in a variable": `limit := 0.3\n\t${A} + ${A} < limit`,
  "floor of what may be below zero": `floor(${A}) == 0`,
  "floor of a difference": `floor((input.now_s - ${A}) / 86400) >= 0`,
  "floor that is calculated with": `floor(${A} / 2) * 2 == ${A}`,
};
const TAKEN: Readonly<Record<string, string>> = {
  "a fraction that is compared": `${A} >= 0.8`,
  "a quotient and a whole number": `${A} / 10 == 2`,
  "whole numbers": `${A} * 3 + 1 == 4`,
  "an hour of the day": "floor((input.now_s % 86400) / 3600) < 18",
  "an hour of the day in variables": "day := input.now_s % 86400\n\thour := floor(day / 3600)\n\thour >= 7",
  "an hour after a division": "floor(input.now_s / 3600) % 24 >= 7",
  "days that are at least one": `floor((input.now_s - ${A}) / 86400) >= 30`,
};

it("a calculation that OPA and WebAssembly round differently is refused", async () => {
  const bodies = Object.entries({ ...REFUSED, ...TAKEN });
  const codes = await findCodes([...HELPERS, ...bodies.map(([, body], at) => `c${at} if {\n\t${body}\n}`)]);
  const refused = bodies.flatMap(([name], at) => (codes.get(`c${at}`)?.includes("condition.rounding") ? [name] : []));
  expect(refused).toEqual(Object.keys(REFUSED));
});

it.each([
  ["9007199254740991", true],
  ["-9007199254740991", true],
  ["9007199254740992", false],
  ["9007199254740993", false],
  ["9007199254740992.4", false],
  ["0.8", true],
  ["123456789.012345", true],
  ["0.10000000000000001", false],
  ["1.0000000000000000001", false],
  ["1e15", true],
  ["1e16", false],
  ["1e400", false],
  ["1e-400", false],
])("the number %s is exact: %s", async (number, isExact) => {
  const exempt = "# METADATA\n# custom:\n#   opens_when_missing: It is a test.\n";
  const codes = await findCodes([`one if ${A} == ${number}`, `${exempt}two if not ${A} == ${number}`]);
  const expected = isExact ? [] : ["condition.inexact_number"];
  expect([codes.get("one"), codes.get("two")]).toEqual([expected, expected]);
});
