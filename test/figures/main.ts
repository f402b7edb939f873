import { formatLogEntry } from "../../contract/decision-log.ts";
import { countFalseAlarms, type Fault, measureTimeToAlarm, SUBTRACTING } from "../support/alarm-scenarios.ts";
import type { AlarmTemplate } from "../support/alarm-world.ts";
import { startAuthorizer } from "../support/authorizer.ts";
import { createAuthorizer, createDist, propertiesOf } from "../support/infra.ts";
import { SAMPLE_POLICIES, sendSampleRequests } from "../support/sample-lines.ts";
import { createTestIssuer } from "../support/tokens.ts";

// `npm run figures`: the bytes of the decision log, what a million decisions cost, false alarms, and the time to an alarm.

/** Prices of us-east-1 in USD; aws.amazon.com/cloudwatch/pricing and aws.amazon.com/lambda/pricing. */
const PRICES = { logGb: 0.5, invocations: 0.2, gbSecond: 0.0000133334 };
/** Lambda's START, END and REPORT lines in the log format Text, for one invocation. */
const LINES_OF_LAMBDA =
  "START RequestId: 0d9c7a3e-5d0a-4c8a-b1f7-3f1de4a0c111 Version: 12\nEND RequestId: 0d9c7a3e-5d0a-4c8a-b1f7-3f1de4a0c111\n" +
  "REPORT RequestId: 0d9c7a3e-5d0a-4c8a-b1f7-3f1de4a0c111\tDuration: 2.10 ms\tBilled Duration: 3 ms\tMemory Size: 512 MB\tMax Memory Used: 94 MB\t\n";
/** CloudWatch Logs adds this many bytes to each event (pricing page, "ingested data"). */
const BYTES_OF_EVENT = 26;

const issuer = createTestIssuer();
const version = { AWS_LAMBDA_FUNCTION_VERSION: "12" };
await using short = await startAuthorizer(issuer, version, {}, { policies: SAMPLE_POLICIES });
await using whole = await startAuthorizer(
  issuer,
  { ...version, DECISION_LOG: "opa" },
  {},
  { policies: SAMPLE_POLICIES },
);
await sendSampleRequests(issuer, [short, whole]);
const bytes = {
  short: short.log.map((entry) => Buffer.byteLength(formatLogEntry(entry))),
  opa: whole.log.map((entry) => Buffer.byteLength(formatLogEntry(entry, "opa"))),
};
for (const [name, sizes] of Object.entries(bytes)) {
  const sorted = sizes.toSorted((one, other) => one - other);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  console.log(
    `${name}: ${sorted.length} lines of the sample's requests, ${meanOf(sizes).toFixed(0)} bytes on average, least ${at(0)}, ` +
      `half ${at(0.5)}, nine in ten ${at(0.9)}, most ${at(1)}`,
  );
}
const perMillion = (size: number, events: number) => ((size + events * BYTES_OF_EVENT) * PRICES.logGb) / 1000;
const invocation = PRICES.invocations + 1e6 * 0.002 * 0.5 * PRICES.gbSecond;
console.log(
  `a million decisions of 2 ms at 512 MB: invocations ${invocation.toFixed(2)} USD, log ${perMillion(meanOf(bytes.short), 1).toFixed(2)} USD; ` +
    `in OPA's format with Lambda's own lines, log ${perMillion(meanOf(bytes.opa) + LINES_OF_LAMBDA.length, 4).toFixed(2)} USD`,
);

await using dist = await createDist();
const { stack } = createAuthorizer(dist.distPath, { alarms: {}, release: {} });
type Named = AlarmTemplate & { readonly AlarmDescription: string };
const alarms = (propertiesOf(stack, "AWS::CloudWatch::Alarm") as unknown as readonly Named[]).filter(
  ({ Metrics = [], MetricName }) => MetricName !== "Duration" && !JSON.stringify(Metrics).includes("ANOMALY"),
);
for (const refused of [0.1, 1, 10]) {
  const traffic = { refused, allowed: 20, denied: 1 };
  const counts = alarms.map((alarm) => countFalseAlarms(alarm, 30, traffic, 7));
  console.log(
    `${refused} refused tokens a second: ${counts.reduce((sum, count) => sum + count, 0)} false alarms a day of ${alarms.length} alarms; ` +
      `by subtraction of refusals from errors ${countFalseAlarms(SUBTRACTING, 30, traffic, 7).toFixed(1)}`,
  );
}
const healthy: Fault = { Allowed: 19, Denied: 1, "Allowed@current": 1.9, "Denied@current": 0.1 };
const faults: Readonly<Record<string, Fault>> = {
  "every request is a 500": { Faults: 20 },
  "invocations time out": { PlatformFailures: 20 },
  "invocations are throttled": { Throttles: 20 },
  "everybody is denied": { Allowed: 0, Denied: 20 },
  "a canary of a tenth fails": { "Faults@current": 2 },
  "a canary of a tenth denies everybody": { Allowed: 17.1, Denied: 2.9, "Denied@current": 2, "Allowed@current": 0 },
  "keys can't be fetched": { KeysNotRenewed: 1 / 100 },
};
for (const [name, fault] of Object.entries(faults)) {
  const times = alarms
    .map((alarm) => ({ alarm, ...measureTimeToAlarm(alarm, fault, healthy) }))
    .sort((one, other) => one.median - other.median);
  const [first] = times;
  console.log(
    `${name}: alarm after ${first?.median} s, at most ${first?.longest} s (${first?.alarm.AlarmDescription.split(" What to")[0]})`,
  );
}

function meanOf(sizes: readonly number[]): number {
  return sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
}
