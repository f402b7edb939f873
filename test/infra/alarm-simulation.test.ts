import { afterAll, beforeAll, expect, it } from "vitest";
import { countFalseAlarms, measureTimeToAlarm, SUBTRACTING } from "../support/alarm-scenarios.ts";
import type { AlarmTemplate } from "../support/alarm-world.ts";
import { createAuthorizer, createDist, propertiesOf, type TestDist } from "../support/infra.ts";

// The alarms of the template, in a model of CloudWatch with late datapoints. `npm run figures` prints the figures.

let dist: TestDist;
let alarms: ReadonlyMap<string, AlarmTemplate>;
beforeAll(async () => {
  dist = await createDist();
  const { stack } = createAuthorizer(dist.distPath, { alarms: {}, release: {} });
  const all = propertiesOf(stack, "AWS::CloudWatch::Alarm") as unknown as readonly (AlarmTemplate & {
    readonly AlarmDescription: string;
  })[];
  alarms = new Map(all.map((alarm) => [alarm.AlarmDescription.split(" What to do")[0] ?? "", alarm]));
});
afterAll(() => dist[Symbol.asyncDispose]());

const ERRORS = "The authorizer fails, and callers get 500.";
const THROTTLES = "Lambda throttles the authorizer, and callers get 500.";
const KEYS = "An issuer's key set can't be fetched. Keys that are cached are used for a day at most.";
const EVERYBODY = "The policy denies nearly every request.";
const NEW_FAILS = "The new version fails, and is taken back.";
const NEW_DENIES = "The new version denies more than the others do at the same time, and is taken back.";

function named(description: string): AlarmTemplate {
  return alarms.get(description) ?? expect.fail(`no alarm ${description}`);
}

it.each([0.1, 1, 10])(
  "no alarm is false with %d refused tokens in a second, where subtracting raises many",
  (refused) => {
    const traffic = { refused, allowed: 20, denied: 1 };
    for (const alarm of [ERRORS, KEYS, EVERYBODY, NEW_FAILS, NEW_DENIES]) {
      expect([alarm, countFalseAlarms(named(alarm), 10, traffic, 7)]).toEqual([alarm, 0]);
    }
    expect(countFalseAlarms(SUBTRACTING, 10, traffic, 7)).toBeGreaterThan(refused * 8);
  },
);

it("refused tokens alone raise no alarm", () => {
  const traffic = { refused: 10, allowed: 0, denied: 0 };
  for (const alarm of [ERRORS, EVERYBODY, NEW_FAILS, NEW_DENIES]) {
    expect([alarm, countFalseAlarms(named(alarm), 10, traffic, 9)]).toEqual([alarm, 0]);
  }
});

const HEALTHY = { Allowed: 19, Denied: 1, "Allowed@current": 1.9, "Denied@current": 0.1 };

it.each<[string, string, Readonly<Record<string, number>>, number]>([
  ["every request is a 500", ERRORS, { Faults: 20 }, 4 * 60],
  ["one request in a minute is a 500", ERRORS, { Faults: 1 / 30 }, 8 * 60],
  ["invocations time out", ERRORS, { PlatformFailures: 20 }, 4 * 60],
  ["invocations are throttled", THROTTLES, { Throttles: 20 }, 4 * 60],
  ["everybody is denied", EVERYBODY, { ...HEALTHY, Allowed: 0, Denied: 20 }, 12 * 60],
  ["the new version fails", NEW_FAILS, { "Faults@current": 2 }, 4 * 60],
  [
    "the new version denies everybody",
    NEW_DENIES,
    { Allowed: 17.1, Denied: 2.9, "Denied@current": 2, "Allowed@current": 0 },
    13 * 60,
  ],
  [
    "the new version denies every fourth request",
    NEW_DENIES,
    { Allowed: 18.6, Denied: 1.4, "Denied@current": 0.5, "Allowed@current": 1.5 },
    14 * 60,
  ],
  ["keys can't be fetched", KEYS, { KeysNotRenewed: 1 / 100 }, 40 * 60],
])("the alarm comes in time if %s", (_, alarm, fault, longestS) => {
  expect(measureTimeToAlarm(named(alarm), fault, HEALTHY).longest).toBeLessThanOrEqual(longestS);
});
