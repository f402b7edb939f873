import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLife, type Life, type LifeOptions, type Violation } from "../model/life.ts";
import { createReleases, type Release, type Releases } from "../model/releases.ts";
import { type Sender, START_MS } from "../support/cache-law.ts";
import type { Policy } from "../support/oracle.ts";
import { createTestIssuer } from "../support/tokens.ts";

const TTL_S = 60;
const issuer = createTestIssuer("https://login.example.com");
let releases: Releases;
let senders: readonly Sender[];

beforeAll(async () => {
  releases = await createReleases(issuer);
  const issuedS = START_MS / 1000;
  const times = { iat: issuedS, exp: issuedS + 500_000, auth_time: issuedS, aud: "testclient" };
  const claims = [
    { sub: "u1", "cognito:groups": ["G1"], level: 3 },
    { sub: "1", "cognito:groups": ["G2"] },
    { sub: "a", level: 4 },
  ];
  const valid = claims.map(async (changes) => ({
    token: await issuer.sign({ ...times, ...changes }),
    claims: { ...times, ...changes },
  }));
  senders = [...(await Promise.all(valid)), { token: "no.good.token", claims: undefined }];
});
afterAll(() => releases[Symbol.asyncDispose]());

const ROLES = { r1: { groups: ["G1"] }, r2: { groups: ["G2"] } };

/** Role r1 has all of /c, and of /a nothing. */
const CLOSED: Policy = {
  roles: ROLES,
  grants: { "area.c": { roles: ["r1"], verbs: ["ANY"], path: "/c/{p1+}" } },
  denials: {},
};
/** Role r1 has /a too, from the office. */
const FROM_THE_OFFICE: Policy = {
  ...CLOSED,
  grants: { ...CLOSED.grants, "area.a": { roles: ["r1"], verbs: ["GET"], path: "/a", when: ["office"] } },
};
/** Role r1 has /a too, for the tenant of a header. */
const OF_A_TENANT: Policy = {
  ...CLOSED,
  grants: { ...CLOSED.grants, "area.a": { roles: ["r1"], verbs: ["GET"], path: "/a", when: ["blue"] } },
};

/** Deploys one release after the other, with several seeds, and adds up what callers see. */
async function see(list: readonly Release[], options: Partial<LifeOptions> = {}) {
  const lives: Life[] = [];
  for (const seed of [1, 2, 3]) {
    const life = createLife({ senders, seed, ttlS: TTL_S, ...options });
    for (const release of list) await life.deploy(release);
    lives.push(life);
  }
  const violations = lives.flatMap(({ seen }) => seen.violations);
  const isOpened = ({ got, wanted }: Violation) =>
    got.startsWith("200") && wanted.every((one) => !one.startsWith("200"));
  return {
    violations: violations.length,
    opened: violations.filter(isOpened).length,
    faults: lives.reduce((sum, { seen }) => sum + [...seen.faults.values()].reduce((one, other) => one + other, 0), 0),
  };
}

describe("the model finds the holes of an authorizer whose URI names no alias", () => {
  it("while the new policy decides for the old stage, a response for the office is applied elsewhere", async () => {
    const list = [await releases.create(CLOSED), await releases.create(FROM_THE_OFFICE)];
    const { violations, opened } = await see(list, { ignoresQualifiers: true });
    expect([violations > 0, opened > 0]).toEqual([true, true]);
  });

  it("between the configuration's update and the code's, every response is a fault", async () => {
    const list = [await releases.create(FROM_THE_OFFICE), await releases.create(OF_A_TENANT)];
    expect((await see(list, { ignoresQualifiers: true })).faults).toBeGreaterThan(20);
  });

  it("and none of a policy that stays the same", async () => {
    const list = [await releases.create(CLOSED), await releases.create(CLOSED, { ttlS: 30 })];
    expect(await see(list, { ignoresQualifiers: true })).toEqual({ violations: 0, opened: 0, faults: 0 });
  });
});
