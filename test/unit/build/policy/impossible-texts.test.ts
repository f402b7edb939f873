import { describe, expect, it } from "vitest";
import { inConditions, inHelpers } from "../../../../contract/problem-codes/entry.ts";
import { problemsOf } from "../../../support/problem-examples.ts";

const DAY = "input.calendar.UTC.weekday";

/** Checks conditions, all in one file, and returns the codes of each by its name. */
async function codesOf(bodies: Readonly<Record<string, string>>) {
  const first = `is_first if ${DAY} == "Doomsday"`;
  const rules = Object.values(bodies).map((body, at) => `c${at} if ${body}`);
  const [ofFirst, ...found] = await problemsOf(inConditions([first, ...rules].join("\n\n")));
  const start = ofFirst?.line ?? 0;
  return Object.fromEntries(
    Object.keys(bodies).map((name, at) => {
      const own = found.filter(({ line }) => line === start + 2 * (at + 1));
      return [name, own.map(({ code }) => code)];
    }),
  );
}

const NEVER = {
  "a weekday in capitals": `${DAY} != "Sunday"`,
  "a weekday that is compared": `"Sunday" == ${DAY}`,
  "weekdays in a set": `${DAY} in {"Saturday", "Sunday"}`,
  "a method in small letters": 'input.request.method != "delete"',
  "a kind in capitals": 'input.principal.kind != "Machine"',
  "a use of a refresh token": 'input.principal.token_use == "refresh"',
  "an address block": 'input.request.source_ip != "203.0.113.0/24"',
  "a path without a slash": 'input.request.path != "orders"',
  "a date of another form": 'input.calendar.UTC.date == "25.11.2026"',
  "capitals in small letters": 'lower(input.principal.claims.role) == "Admin"',
  "small letters in capitals": 'upper(input.params.id) != "a1"',
  "a header with a comma": '"red, blue" in input.request.headers["x-tags"]',
  "a header's value with a comma": 'input.request.headers["x-tags"][0] != "red, blue"',
};

const TAKEN = {
  "a weekday": `${DAY} != "sunday"`,
  "weekdays, one of which is right": `${DAY} in {"saturday", "Sunday"}`,
  "a method": 'input.request.method != "DELETE"',
  "a kind": 'input.principal.kind != "machine"',
  "an address": 'input.request.source_ip == "2001:db8::1"',
  "a path": 'input.request.path != "/orders"',
  "a date": 'input.calendar.UTC.date == "2026-11-25"',
  "small letters": 'lower(input.principal.claims.role) == "admin"',
  "a header without a comma": '"red" in input.request.headers["x-tags"]',
  "a parameter of a query with a comma": '"red, blue" in input.request.query.tags',
};

it("a text that a field never is does not build, whether the comparison would never hold or always", async () => {
  const found = await codesOf({ ...NEVER, ...TAKEN });
  const expected = [
    ...Object.keys(NEVER).map((name) => [name, ["unsatisfiable.text"]]),
    ...Object.keys(TAKEN).map((name) => [name, []]),
  ];
  expect(found).toEqual(Object.fromEntries(expected));
});

it("a number of the calendar is no text", async () => {
  expect(await codesOf({ hour: 'input.calendar.UTC.hour == "9"', day: `${DAY} == 1` })).toEqual({
    hour: ["unsatisfiable.types"],
    day: ["unsatisfiable.types"],
  });
});

it("a function may not be called with a text that a field never is", async () => {
  const example = (day: string) => inHelpers(`on_day if access_lib.is_day("${day}")`, `is_day(day) if ${DAY} == day`);
  expect((await problemsOf(example("Monday"))).map(({ code }) => code)).toEqual(["unsatisfiable.text"]);
  expect(await problemsOf(example("monday"))).toEqual([]);
});

describe("a block list", () => {
  const blocking = (value: string, item: string) => ({
    ...inConditions(`is_open if {\n\tvalue := ${value}\n\tnot value in data.data.closed\n}`),
    "data/closed.yaml": `closed: ["${item}"]\n`,
  });
  it.each([
    [DAY, "Sunday", "sunday"],
    ["input.calendar.UTC.date", "25.12.2026", "2026-12-25"],
    ["input.request.method", "delete", "DELETE"],
    ['lower(input.request.headers["x-tenant"][0])', "Globex", "globex"],
  ])("of what %s never is does not build", async (value, wrong, right) => {
    const [problem, ...others] = await problemsOf(blocking(value, wrong));
    expect([problem?.code, problem?.file, others]).toEqual(["data.block_list", "policies/data/closed.yaml", []]);
    expect(await problemsOf(blocking(value, right))).toEqual([]);
  });
});
