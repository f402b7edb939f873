import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { unauthorized } from "../../authorizer/gateway/response.ts";
import { formatKeysLine } from "../../authorizer/keys-line.ts";
import { formatLogEntry, parseLogEntry } from "../../contract/decision-log.ts";
import { KIND_OF_CODE, POLICY_REASONS } from "../../contract/reason-codes.ts";
import { type RunningAuthorizer, startAuthorizer } from "../support/authorizer.ts";
import { changed, createEvent, KINDS, redirected } from "../support/events.ts";
import { matchesPattern, toMetricValue } from "../support/filter-pattern.ts";
import { createAuthorizer, createDist, propertiesOf, type TestDist } from "../support/infra.ts";
import { formatConsole, formatInit, formatReport, formatThrown, isSentAtWarn } from "../support/lambda-lines.ts";
import { createTestIssuer } from "../support/tokens.ts";

let dist: TestDist;
let authorizer: RunningAuthorizer;
let cold: RunningAuthorizer;
beforeAll(async () => {
  const issuer = createTestIssuer();
  dist = await createDist();
  authorizer = await startAuthorizer(issuer, { AWS_LAMBDA_FUNCTION_VERSION: "12" });
  const jwksUri = "http://127.0.0.1:1/keys";
  const pool = { userPoolId: "eu-west-1_Cold00000", clientIds: ["testclient"], tokenUse: "any", jwksUri };
  cold = await startAuthorizer(issuer, { TRUSTED_ISSUERS: JSON.stringify([pool]) });
  const stranger = createTestIssuer("https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Cold00000");
  await cold.invoke(createEvent("rest-request", await stranger.sign()));
  const token = await issuer.sign({ "cognito:groups": ["Customers"] });
  for (const kind of KINDS) {
    const event = createEvent(kind, token);
    await authorizer.invoke(event);
    await authorizer.invoke(createEvent(kind, undefined));
    await authorizer.invoke(createEvent(kind, "not.a.token"));
    await authorizer.invoke(createEvent(kind, await issuer.sign()));
    if (kind === "websocket") continue;
    await authorizer.invoke(redirected(kind, event, "DELETE", "/files/archive/1"));
    await authorizer.invoke(redirected(kind, event, "GET", "/nowhere"));
    await authorizer.invoke(redirected(kind, event, "GET", "/a//b"));
  }
  await authorizer.invoke(changed(createEvent("rest-request", token), { path: "/elsewhere" }));
});
afterAll(async () => {
  await Promise.all([authorizer, cold, dist].map((part) => part[Symbol.asyncDispose]()));
});

interface Filter {
  readonly FilterPattern: string;
  readonly MetricTransformations: readonly {
    readonly MetricName: string;
    readonly MetricValue: string;
    readonly Dimensions?: readonly { readonly Key: string; readonly Value: string }[];
  }[];
}

let known: readonly Filter[] | undefined;

function filters(): readonly Filter[] {
  known ??= propertiesOf(
    createAuthorizer(dist.distPath, { alarms: {} }).stack,
    "AWS::Logs::MetricFilter",
  ) as unknown as readonly Filter[];
  return known;
}

/** The names of the metrics that count a line, and the number of the dimensions that each has. */
function countedBy(line: string): readonly string[] {
  const names = filters().flatMap(({ FilterPattern, MetricTransformations: [metric] }) => {
    const isWhole = metric?.Dimensions === undefined && metric?.MetricValue === "1";
    return isWhole && matchesPattern(FilterPattern, line) ? [metric.MetricName] : [];
  });
  return names.sort();
}

const AT_MS = 1_700_000_000_000;

describe("each line of the decision log is counted", () => {
  it("by its effect, and by each reason of the policy", () => {
    const byEffect = new Map<string, Set<string>>();
    for (const entry of [...authorizer.log, ...cold.log]) {
      const { result, error } = entry;
      const reasons = result !== undefined && "reasons" in result ? result.reasons : [];
      const ofPolicy = reasons.filter((reason) => POLICY_REASONS.some((one) => one === reason));
      const first = ofPolicy.length > 0 ? "Denied" : reasons[0]?.startsWith("token.") ? "Refused" : "Malformed";
      const effect = error ? "Faults" : reasons.length > 0 ? first : "Allowed";
      const expected = [effect, ...ofPolicy.map((reason) => `Denied ${reason}`)].sort();
      expect([entry.result, countedBy(formatLogEntry(entry))]).toEqual([entry.result, expected]);
      byEffect.set(effect, (byEffect.get(effect) ?? new Set()).add(expected.join()));
    }
    expect([...byEffect.keys()].sort()).toEqual(["Allowed", "Denied", "Faults", "Malformed", "Refused"]);
    expect(byEffect.get("Denied")?.size).toBeGreaterThan(2);
  });

  it("whatever its code is: every refusal as one, every fault as one, and every other code as neither", () => {
    const entry = authorizer.log[0];
    if (entry === undefined) throw new Error("no line");
    for (const [code, kind] of Object.entries<string>(KIND_OF_CODE)) {
      const { result: _result, ...rest } = entry;
      const line =
        kind === "fault"
          ? formatLogEntry({ ...rest, error: { code: code as never } })
          : formatLogEntry({ ...rest, result: { effect: "deny", reasons: [code], denials: [], unmet: {} } });
      const expected = { fault: "Faults", refuse: "Refused", deny: "Malformed" }[kind];
      expect([code, countedBy(line)]).toEqual([code, [expected]]);
    }
  });

  it("with the API, the version and the duration as numbers and dimensions", () => {
    const line = formatLogEntry(authorizer.log[0] ?? expect.fail());
    const fields = JSON.parse(line);
    const by = filters().flatMap(({ MetricTransformations: [metric] }) => metric?.Dimensions ?? []);
    expect(new Set(by.map(({ Key, Value }) => `${Key} ${Value} ${fields[Value.slice(2)]}`))).toEqual(
      new Set(["Api $.api abcdef1234", "Version $.v 12"]),
    );
    const durations = filters().filter(({ MetricTransformations: [metric] }) => metric?.MetricName === "DecisionTime");
    expect(
      durations.map(({ MetricTransformations: [metric] }) => toMetricValue(metric?.MetricValue ?? "", line)),
    ).toEqual([fields.us, fields.us]);
  });
});

describe("the line with the age of keys", () => {
  const line = formatKeysLine({ issuer: `https://login.example.com/${"x".repeat(500)}`, ageS: 7200 }, "12", AT_MS);

  it("is the value of one metric, and counts as nothing else", () => {
    const matching = filters().filter(({ FilterPattern }) => matchesPattern(FilterPattern, line));
    const values = matching.map(({ MetricTransformations: [metric] }) => [
      metric?.MetricName,
      metric?.Dimensions,
      toMetricValue(metric?.MetricValue ?? "", line),
    ]);
    const byVersion = [{ Key: "Version", Value: "$.v" }];
    expect(values).toEqual([
      ["KeysAge", undefined, 7200],
      ["KeysAge", byVersion, 7200],
    ]);
    expect([countedBy(line), parseLogEntry(line).ok]).toEqual([[], false]);
  });

  it("has at most 450 bytes, however long the issuer is", () => {
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(450);
    expect(JSON.parse(line)).toMatchObject({ keys_age_s: 7200, v: "12" });
  });
});

describe("a line of Lambda is counted", () => {
  it.each<[string, string, readonly string[]]>([
    ["a timeout", formatReport(AT_MS, "timeout"), ["PlatformFailures"]],
    ["too little memory", formatReport(AT_MS, "error", "Runtime.OutOfMemory"), ["PlatformFailures"]],
    ["a process that ended", formatReport(AT_MS, "error", "Runtime.ExitError"), ["PlatformFailures"]],
    ["a failure of the sandbox", formatReport(AT_MS, "failure"), ["PlatformFailures"]],
    ["a start that took too long", formatInit(AT_MS, "timeout"), ["PlatformFailures"]],
    ["code that is not there", formatInit(AT_MS, "error", "Runtime.ImportModuleError"), ["PlatformFailures"]],
    ["a configuration with an error", formatConsole(AT_MS, "ERROR", "start.failed: the authorizer …"), ["Faults"]],
    ["keys that can't be fetched", formatConsole(AT_MS, "WARN", "keys.not_renewed: no key …"), ["KeysNotRenewed"]],
    ["another warning", formatConsole(AT_MS, "WARN", "token.expired: a token of …"), []],
    ["the error of a refused token", formatThrown(AT_MS, unauthorized()), []],
    ["a success", formatReport(AT_MS, "success"), []],
    // Lambda's reports say success for what a handler throws. The alarm does not rely on it.
    ["a thrown error, if it was reported as one", formatReport(AT_MS, "error", "Error"), []],
    ["a thrown error of unknown type", formatReport(AT_MS, "error", "Runtime.Unknown"), []],
    ["a line that is not JSON", "START RequestId: 1 Version: $LATEST", []],
  ])("as a fault, if it is one: %s", (_, line, expected) => {
    expect(countedBy(line)).toEqual(expected);
  });

  it("and is there at all only for what was not a success", () => {
    const { stack } = createAuthorizer(dist.distPath);
    expect(propertiesOf(stack, "AWS::Lambda::Function")[0]?.["LoggingConfig"]).toMatchObject({
      LogFormat: "JSON",
      SystemLogLevel: "WARN",
      ApplicationLogLevel: "INFO",
    });
    expect([formatReport(AT_MS, "timeout"), formatReport(AT_MS, "success")].map(isSentAtWarn)).toEqual([true, false]);
    const thrown = formatThrown(AT_MS, unauthorized());
    expect(Buffer.byteLength(thrown)).toBeLessThan(220);
  });
});

describe("alarms", () => {
  const named = (props: Parameters<typeof createAuthorizer>[1]) => {
    const { stack } = createAuthorizer(dist.distPath, props);
    return propertiesOf(stack, "AWS::CloudWatch::Alarm");
  };

  it("treat missing data as fine, and say in which section of the runbook they are", () => {
    const alarms = named({ alarms: {}, release: {} });
    expect(alarms).toHaveLength(6 + 2 + POLICY_REASONS.length + 1);
    for (const alarm of alarms) {
      expect(alarm["TreatMissingData"]).toBe("notBreaching");
      expect(alarm["AlarmDescription"]).toMatch(/ What to do: docs\/operations\.md, "[^"]+"\.$/);
    }
  });

  it("never use Lambda's errors, which refused tokens are among", () => {
    expect(JSON.stringify(named({ alarms: {}, release: {} }))).not.toContain('"MetricName":"Errors"');
  });

  it("come with a release, of which those that it can cause take it back, and the one on keys does not", () => {
    const taken = (release: { readonly urgent?: boolean }) => {
      const { authorizer: made } = createAuthorizer(dist.distPath, { release });
      return (made.alarms?.rollBack(release.urgent === true) ?? []).map(({ node }) => node.id).sort();
    };
    expect(taken({})).toEqual(["Duration", "ReleaseDenials", "ReleaseErrors", "Throttles"]);
    expect(taken({ urgent: true })).toEqual([]);
    expect(named({})).toEqual([]);
  });

  it("are fewer than a log group may have filters", () => {
    expect(filters().length).toBeLessThan(100);
    for (const {
      MetricTransformations: [metric],
    } of filters()) {
      expect(metric?.Dimensions?.length ?? 0).toBeLessThanOrEqual(3);
      expect(metric !== undefined && "DefaultValue" in metric && metric.Dimensions !== undefined).toBe(false);
    }
  });
});
