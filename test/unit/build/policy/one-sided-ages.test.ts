import { expect, it } from "vitest";
import { findCodes } from "../../../support/checked-conditions.ts";

const CLAIM = 'input.principal.claims["custom:at"]';
const AT = `values.number(${CLAIM})`;

const HELPERS = [
  `the_age := input.now_s - ${AT}`,
  "age_of(at) := input.now_s - at",
  "is_fresh(at) if input.now_s - values.number(at) < 3600",
  "two_ages(at) := input.now_s - values.number(at)",
  "at_most(one, other) if values.number(one) <= values.number(other)",
  "at_most_or_old(one, other) if values.number(one) <= values.number(other)",
  "at_most_or_old(one, other) if values.number(one) >= values.number(other)",
  'times := {"now": input.now_s}',
  "two_ages(at) := 2 * (input.now_s - values.number(at))",
];

const REFUSED: Readonly<Record<string, string>> = {
  "a difference": `input.now_s - ${AT} < 3600`,
  "a sum": `input.now_s < ${AT} + 3600`,
  "a sum before the time": `3600 + ${AT} >= input.now_s`,
  "a limit on the left": `3600 > input.now_s - ${AT}`,
  "a difference the other way round": `${AT} - input.now_s > 0 - 3600`,
  "an age in a variable": `age := input.now_s - ${AT}\n\tage * 2 < 3600`,
  "a claim in a variable": `at := ${AT}\n\tinput.now_s - at < 3600`,
  "an age in days": `floor((input.now_s - ${AT}) / 86400) < 30`,
  "years of a calendar": `input.calendar["Europe/Berlin"].year - ${AT} < 18`,
  "a header": 'input.now_s - values.number(input.request.headers["x-at"][0]) < 300',
  "a limit in base data": `input.now_s - ${AT} < values.number(data.data.most)`,
  "a limit in another claim": `input.now_s - ${AT} < values.number(input.principal.claims.most)`,
  "a lower limit far in the future": `input.now_s - ${AT} < 3600\n\t${AT} < input.now_s + 99999999999`,
  "a lower limit of another claim": `input.now_s - ${AT} < 3600\n\tvalues.number(input.principal.claims.b) <= input.now_s`,
  "a helper's value": "the_age < 3600",
  "a function": `age_of(${AT}) < 3600`,
  "a claim that is cut": `input.now_s - values.number(substring(${CLAIM}, 0, 10)) < 3600`,
  "a claim that is trimmed": `input.now_s - values.number(trim_space(${CLAIM})) < 3600`,
  "a claim that is joined": `input.now_s - values.number(concat("", [values.text(${CLAIM}), "000"])) < 3600`,
  "a part of a date": `input.calendar.UTC.year - values.number(substring(${CLAIM}, 0, 4)) < 18`,
  "a part of the calendar's date": `values.number(substring(input.calendar.UTC.date, 0, 4)) - ${AT} < 18`,
  "a claim in a unit of another claim": `input.now_s - ${AT} * values.number(input.principal.claims.unit) < 3600`,
  "the size of the time": `abs(input.now_s) - ${AT} < 3600`,
  "the size of a claim": `input.now_s - abs(${AT}) < 3600`,
  "a function that compares": `at_most(input.now_s - ${AT}, 3600)`,
  "a function that compares the two": `at_most(input.now_s, ${AT} + 3600)`,
  "a lower limit that is one of two": `input.now_s - ${AT} < 3600\n\tat_most_or_old(${AT}, input.now_s)`,
  "the time and a claim that are taken apart": `[now, at] := [input.now_s, ${AT}]\n\tnow - at < 3600`,
  "the time as an item": `some now in [input.now_s]\n\tvalues.number(now) - ${AT} < 3600`,
  "the time as a part": `values.number(times.now) - ${AT} < 3600`,
  "one of a function's two values": `two_ages(${CLAIM}) < 3600`,
};

const TAKEN: Readonly<Record<string, string>> = {
  "the engine's function": `values.within(input.now_s, ${CLAIM}, 3600)`,
  "two comparisons": `input.now_s - ${AT} < 3600\n\tinput.now_s - ${AT} >= 0`,
  "a comparison with the time": `age := input.now_s - ${AT}\n\tage < 3600\n\t${AT} <= input.now_s + 60`,
  "two comparisons of a helper's value": "the_age < 3600\n\tthe_age >= 0",
  "two comparisons by a function": `at_most(input.now_s - ${AT}, 3600)\n\tat_most(${AT}, input.now_s)`,
  "a function that compares numbers": `at_most(3, ${AT})`,
  "a distance": `abs(input.now_s - ${AT}) < 3600`,
  "an account that is old enough": `input.now_s - ${AT} >= 86400`,
  "a deadline": `input.now_s < ${AT}`,
  "a deadline in an hour": `${AT} - input.now_s > 3600`,
  "hours of a calendar": "input.calendar.UTC.hour * 60 + input.calendar.UTC.minute < 1080",
  "an hour of the day": "floor((input.now_s % 86400) / 3600) < 18",
  "a claim that the authorizer compares with its clock":
    "input.now_s - values.number(input.principal.claims.auth_time) < 3600",
};

it("an age that only has an upper limit is refused, however it is written", async () => {
  const bodies = [...Object.entries(REFUSED), ...Object.entries(TAKEN)];
  const codes = await findCodes([...HELPERS, ...bodies.map(([, body], at) => `c${at} if {\n\t${body}\n}`)]);
  const refused = bodies.flatMap(([name], at) =>
    codes.get(`c${at}`)?.includes("condition.one_sided_age") ? [name] : [],
  );
  expect(refused).toEqual(Object.keys(REFUSED));
  // A function is refused where the limit is, whoever calls it.
  expect(codes.get("is_fresh")).toEqual(["condition.one_sided_age"]);
  expect(Object.keys(TAKEN).map((_, at) => codes.get(`c${at + Object.keys(REFUSED).length}`))).toEqual(
    Object.keys(TAKEN).map(() => []),
  );
});
