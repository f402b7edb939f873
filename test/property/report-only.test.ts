import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { countCalls, createLife } from "../model/life.ts";
import { createReleases, type Releases } from "../model/releases.ts";
import { type Cast, SCENARIOS } from "../model/scenarios.ts";
import { createPick } from "../model/traffic.ts";
import { type Sender, START_MS } from "../support/cache-law.ts";
import type { Policy } from "../support/oracle.ts";
import { createTestIssuer } from "../support/tokens.ts";

// The way from open methods to report-only, and from there to enforcing and back, in the model of deployments.

vi.setConfig({ testTimeout: 300_000 });

const TTL_S = 60;
const issuer = createTestIssuer("https://login.example.com");
let releases: Releases;
let senders: readonly Sender[];

const OF_C = { roles: ["r1"], verbs: ["ANY"], path: "/c/{p1+}" };
const POLICY: Policy = { roles: { r1: { groups: ["G1"] } }, grants: { "area.c": OF_C }, denials: {} };

beforeAll(async () => {
  releases = await createReleases(issuer);
  const issuedS = START_MS / 1000;
  const claims = { iat: issuedS, exp: issuedS + 500_000, auth_time: issuedS, aud: "testclient", sub: "u1" };
  const ofGroup = { ...claims, "cognito:groups": ["G1"] };
  senders = [
    { token: await issuer.sign(ofGroup), claims: ofGroup },
    { token: await issuer.sign(claims), claims },
    { token: "no.good.token", claims: undefined },
  ];
}, 300_000);
afterAll(() => releases[Symbol.asyncDispose]());

const NAMES = [
  "a deployment succeeds",
  "a deployment fails and is rolled back, then succeeds",
  "the authorizer is attached for the first time",
  "the stage is put back to an earlier deployment",
] as const;

it.each(["from report-only to enforcing", "from enforcing to report-only"])(
  "%s, each response is that of one of the two, and no method is open or closed by mistake",
  async (direction) => {
    const isOpening = direction === "from enforcing to report-only";
    const report = { reportOnly: true } as const;
    const [old, next] = isOpening ? [{}, report] : [report, {}];
    const cast: Cast = {
      old: await releases.create(POLICY, old),
      next: await releases.create(POLICY, next),
      third: await releases.create(POLICY, { ...next, contractGeneration: 3 }),
      oldInTwo: await releases.create(POLICY, old),
      nextInTwo: await releases.create(POLICY, next),
      oldAgain: await releases.create(POLICY, old),
      bare: await releases.create(POLICY, { isAttached: false }),
    };
    const total = { requests: 0, allowed: 0 };
    for (const [number, name] of NAMES.entries()) {
      const life = createLife({ senders, seed: number, ttlS: TTL_S, rounds: 1 });
      await SCENARIOS[name]?.(life, cast, createPick(number)(countCalls(cast.old, cast.next)));
      const { requests, allowed, faults, violations } = life.seen;
      expect({ name, faults: [...faults], violations: violations.slice(0, 3) }).toEqual({
        ...{ name, faults: [], violations: [] },
      });
      total.requests += requests;
      total.allowed += allowed;
    }
    // Report-only lets all through, and the policy only those of a group.
    expect([total.allowed > 100, total.requests > total.allowed]).toEqual([true, true]);
  },
);
