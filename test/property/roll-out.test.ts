import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { API_NAMES, type ApiName } from "../model/apis.ts";
import type { Release, ReleaseSettings } from "../model/app.ts";
import { countCalls, createLife, type Life, type LifeOptions, type Violation } from "../model/life.ts";
import { history } from "../model/policy-pairs.ts";
import { createReleases, type Releases } from "../model/releases.ts";
import { type Cast, SCENARIOS, toDeployment } from "../model/scenarios.ts";
import { createPick } from "../model/traffic.ts";
import { toUnqualified } from "../model/unqualified.ts";
import {
  contractsOf,
  unretained,
  type Weakening,
  withAuthorizersInPlace,
  withOneContract,
  withResources,
} from "../model/weakened.ts";
import { type Sender, START_MS } from "../support/cache-law.ts";
import type { Policy } from "../support/oracle.ts";
import { createTestIssuer } from "../support/tokens.ts";

// Synthesis and thousands of tokens take a while on a busy machine.
vi.setConfig({ testTimeout: 600_000 });
// Other tests validate the templates of the constructs.
vi.stubEnv("CDK_VALIDATION", "false");

/** The number of generated pairs of policies. `ROLL_OUT_PAIRS=40` makes a longer run. */
const PAIRS = Number(process.env["ROLL_OUT_PAIRS"] ?? 1);
/** In a longer run, requests go to all APIs after each call, whether or not their stages serve something else than before it. */
const TRAFFIC = PAIRS > 2 ? { rounds: 3, isEverywhere: true } : { rounds: 1 };
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
}, 900_000);
afterAll(() => releases[Symbol.asyncDispose]());

const ROLES = { r1: { groups: ["G1"] }, r2: { groups: ["G2"] } };
const OF_C = { roles: ["r1"], verbs: ["ANY"], path: "/c/{p1+}" };
const OF_SOCKETS = { roles: ["r1"], verbs: ["CONNECT"], path: "/" };

/** Role r1 has all of /c, and of /a nothing. */
const CLOSED: Policy = { roles: ROLES, grants: { "area.c": OF_C, "area.s": OF_SOCKETS }, denials: {} };
/** Another role has it: a change of grants only. */
const GRANTED: Policy = {
  ...CLOSED,
  grants: { "area.c": { ...OF_C, roles: ["r2"] }, "area.s": { ...OF_SOCKETS, roles: ["r2"] } },
};
/** Role r1 has most other paths too, under a condition: from the office, for the tenant of a header, or for the page of a parameter. */
const OFFICE = onCondition("office");
const TENANT = onCondition("blue");
const PAGE = onCondition("first");

function onCondition(name: string): Policy {
  const grants = ["/a", "/b", "/items/{p1}"].map((path) => [
    `area.${path.split("/")[1]}`,
    { roles: ["r1"], verbs: ["GET"], path, when: [name] },
  ]);
  const ofSockets = { ...OF_SOCKETS, when: [name] };
  return { ...CLOSED, grants: { "area.c": OF_C, "area.s": ofSockets, ...Object.fromEntries(grants) } };
}

/** Changes of policies and of settings, each as what is deployed before and after. */
const CHANGES: Readonly<Record<string, readonly [Policy, ReleaseSettings, Policy, ReleaseSettings]>> = {
  "a new condition": [CLOSED, {}, OFFICE, {}],
  "a key that neither contains the other": [TENANT, {}, PAGE, {}],
  "grants only": [CLOSED, {}, GRANTED, {}],
  "the token's place": [CLOSED, {}, GRANTED, { tokenSource: "header:X-Token" }],
  "no caching any more": [OFFICE, {}, CLOSED, { ttlS: 0 }],
  "simple responses": [CLOSED, { ttlS: 0 }, OFFICE, { ttlS: 0, httpResponse: "simple" }],
  "whose tokens are trusted": [CLOSED, {}, CLOSED, { audience: "another" }],
  "per-token policy documents": [CLOSED, {}, GRANTED, { cacheScope: "token" }],
};

async function createCast([old, before, next, after]: (typeof CHANGES)[string], third: Policy): Promise<Cast> {
  return {
    old: await releases.create(old, before),
    next: await releases.create(next, after),
    third: await releases.create(third, after),
    oldInTwo: await releases.create(old, { ...before, stacks: 2 }),
    nextInTwo: await releases.create(next, { ...after, stacks: 2 }),
    oldAgain: await releases.create(old, { ...before, contractGeneration: 2 }),
    bare: await releases.create(CLOSED, { isAttached: false }),
  };
}

function brief({ after, kind, api, request, cache, got, wanted }: Violation): string {
  const { method, path, sourceIp } = request;
  const statuses = wanted.map((one) => one.slice(0, 3)).join(" or ");
  return `${kind}, after ${after}: ${api} ${method} ${path} from ${sourceIp} ${cache}: ${got.slice(0, 3)}, not ${statuses}`;
}

/** Failures of which an operator knows, and after which the deployment is tried again. */
const EXPECTED = /a call was made to fail|Alias already exists|there is no alias/;

describe("at each moment, each response is one that the old or the new policy gives for that very request", () => {
  const casts: Cast[] = [];

  beforeAll(async () => {
    const [policies = []] = fc.sample(history(PAIRS + 2), { numRuns: 1, seed: 11 });
    await releases.prepare([...policies, CLOSED, GRANTED, OFFICE, TENANT, PAGE]);
    for (const change of Object.values(CHANGES)) casts.push(await createCast(change, OFFICE));
    for (let at = 0; at < PAIRS; at += 1) {
      const [old = CLOSED, next = CLOSED, third = CLOSED] = policies.slice(at);
      casts.push(await createCast([old, {}, next, {}], third));
    }
  }, 900_000);

  it.each(Object.entries(SCENARIOS))("%s", async (name, scenario) => {
    const total = { lives: 0, requests: 0, hits: 0, allowed: 0, failed: 0 };
    for (const [number, cast] of casts.entries()) {
      const life = createLife({ senders, seed: number, ttlS: TTL_S, ...TRAFFIC });
      await scenario(life, cast, createPick(number)(countCalls(cast.old, cast.next)));
      const { requests, hits, allowed, faults, violations } = life.seen;
      const unexpected = life.failures().filter((line) => !EXPECTED.test(line));
      const found = { faults: faults.slice(0, 3), violations: violations.slice(0, 3).map(brief), unexpected };
      expect({ number, ...found }).toEqual({ number, faults: [], violations: [], unexpected: [] });
      total.lives += 1;
      total.requests += requests;
      total.hits += hits;
      total.allowed += allowed;
      total.failed += life.failures().length;
    }
    console.log(name, JSON.stringify(total));
    expect(total.hits).toBeGreaterThan(100);
    expect(total.allowed).toBeGreaterThan(100);
  });
});

/** Nothing that the law forbids. */
const FLAWLESS = { violations: 0, violating: [], opened: [], faults: 0, faulty: [], failures: [] };

/** Lives with several seeds, added up, and the APIs that were opened or that failed. */
async function see(play: (life: Life) => Promise<unknown>, seeds = 2, options: Partial<LifeOptions> = {}) {
  const lives: (Life["seen"] & { readonly failures: readonly string[] })[] = [];
  for (let seed = 1; seed <= seeds; seed += 1) {
    const life = createLife({ senders, seed, ttlS: TTL_S, rounds: 2, ...options });
    await play(life);
    lives.push({ ...life.seen, failures: life.failures() });
  }
  const violations = lives.flatMap((life) => life.violations);
  const faults = lives.flatMap((life) => life.faults);
  const isOpened = ({ got, wanted }: Violation) =>
    got.startsWith("200") && wanted.every((one) => !one.startsWith("200"));
  return {
    violations: violations.length,
    violating: namesOf(violations),
    opened: namesOf(violations.filter(isOpened)),
    faults: faults.length,
    faulty: namesOf(faults),
    failures: lives.flatMap((life) => life.failures),
  };
}

function namesOf(list: readonly { readonly api: ApiName }[]): readonly ApiName[] {
  return API_NAMES.filter((name) => list.some(({ api }) => api === name));
}

async function seeDeployed(weaken: Weakening, ...policies: readonly Policy[]) {
  const list: Release[] = [];
  for (const policy of policies) list.push(weaken(await releases.create(policy)));
  return seeReleases(list, 4, { rounds: 3 });
}

/** Deploys releases, one after the other. */
function seeReleases(list: readonly Release[], seeds?: number, options: Partial<LifeOptions> = {}) {
  const play = async (life: Life) => {
    for (const release of list) await life.deploy(release);
  };
  return see(play, seeds, options);
}

describe("the model finds the holes of an authorizer whose URI names no alias", () => {
  it("while the new policy decides for the old stage, a response for the office is applied elsewhere", async () => {
    const { opened } = await seeDeployed(toUnqualified, CLOSED, OFFICE);
    expect(opened).not.toEqual([]);
  });

  it("between the configuration's update and the code's, every response is a fault", async () => {
    const { faults } = await seeDeployed(toUnqualified, OFFICE, TENANT);
    expect(faults).toBeGreaterThan(20);
  });

  it("and none where only grants change", async () => {
    const seen = await seeDeployed(toUnqualified, CLOSED, GRANTED);
    expect(seen).toEqual(FLAWLESS);
  });
});

describe("without one part of the roll-out the model finds a hole, and with all of them none", () => {
  const asIs: Weakening = (release) => release;

  async function inTwo(weaken: Weakening) {
    const [old, next] = [await releases.create(CLOSED, { stacks: 2 }), await releases.create(OFFICE, { stacks: 2 })];
    return see(async (life) => {
      await life.deploy(weaken(old));
      await life.deploy(weaken(next), { order: ["main"] });
      await life.deploy(weaken(next), { order: ["apis"] });
    });
  }

  async function putBack(weaken: Weakening) {
    const [old, next] = [weaken(await releases.create(CLOSED)), weaken(await releases.create(OFFICE))];
    return see(async (life) => {
      await life.deploy(old);
      await life.deploy(next);
      await life.act("update-stage back", () => toDeployment(life, 0), [old, next]);
    });
  }

  async function firstAttached(weaken: Weakening) {
    const [bare, next] = [await releases.create(CLOSED, { isAttached: false }), await releases.create(OFFICE)];
    return see(async (life) => {
      await life.deploy(bare);
      await life.deploy(weaken(next));
    }, 6);
  }

  async function triedAgain(weaken: Weakening) {
    const [old, next] = [weaken(await releases.create(CLOSED)), weaken(await releases.create(OFFICE))];
    return see(async (life) => {
      await life.deploy(old);
      await life.deploy(next, { failsAfter: countCalls(old, next) - 1 });
      await life.deploy(next);
    });
  }

  it("the contract in the alias", async () => {
    expect((await seeDeployed(asIs, CLOSED, OFFICE)).violations).toBe(0);
    const { opened } = await seeDeployed(withOneContract, CLOSED, OFFICE);
    expect(opened).toEqual(["rest", "http", "restDocument", "httpDocument"]);
    const perToken = await releases.create(CLOSED, { cacheScope: "token" });
    const { violating } = await seeReleases([perToken, await releases.create(CLOSED)].map(withOneContract), 3, {
      apis: ["tokens"],
      rounds: 3,
    });
    expect(violating).toContain("tokens");
  });

  it("new authorizers for a new contract", async () => {
    const { opened } = await seeDeployed(withAuthorizersInPlace, CLOSED, OFFICE);
    expect(opened).toEqual(["http"]);
  });

  it("the retained alias, while another stack's stage invokes it", async () => {
    expect((await inTwo(asIs)).faults).toBe(0);
    const { faults, faulty } = await inTwo(unretained(/Alias|Version/));
    expect([faults > 20, faulty]).toEqual([true, API_NAMES]);
  });

  it("the retained permission, when a stage is put back", async () => {
    expect((await putBack(asIs)).faults).toBe(0);
    const { faulty } = await putBack(unretained(/Permission/));
    expect(faulty).toEqual(["rest", "tokens", "restDocument"]);
  });

  it("alias and permission before authorizers", async () => {
    expect((await firstAttached(asIs)).faults).toBe(0);
    const unordered = withResources(/Authorizer$/, ({ DependsOn: _, ...rest }) => rest);
    const { faulty } = await firstAttached(unordered);
    expect(faulty).toEqual(["rest", "http", "sockets", "tokens"]);
  });

  it("the alias before an API from a document, and the permission before a deployment of it", async () => {
    const unordered = withResources(/(RestApi|V2::Api|ApiGateway::Deployment)$/, ({ DependsOn: _, ...rest }) => rest);
    const { faulty } = await firstAttached(unordered);
    expect(faulty).toEqual(["restDocument", "httpDocument"]);
  });

  it("the id of an HTTP API from a document, with which its permission comes before it", async () => {
    const list: Release[] = [];
    for (const policy of [CLOSED, OFFICE]) list.push(await releases.create(policy, { knowsApiIds: false }));
    const { violations, faulty } = await seeReleases(list);
    expect([violations, faulty]).toEqual([0, ["httpDocument"]]);
  });

  it("a version that a rollback deletes, without which the next attempt fails", async () => {
    expect((await triedAgain(asIs)).failures.filter((line) => !EXPECTED.test(line))).toEqual([]);
    const retained = withResources(/Version$/, (resource) => ({ ...resource, DeletionPolicy: "Retain" }));
    expect((await triedAgain(retained)).failures.join()).toContain("A version for this Lambda function exists");
  });
});

describe("where AWS documents nothing, the law holds either way", () => {
  it("if a deployment of a REST API refers to authorizers instead of holding them", async () => {
    const deployments = "refer to authorizers" as const;
    // An import deletes the authorizers of the document before, so this is a limit of APIs from documents.
    const options = { deployments, apis: API_NAMES.filter((name) => name !== "restDocument") };
    const list = [await releases.create(CLOSED), await releases.create(OFFICE), await releases.create(TENANT)];
    expect(await seeReleases(list, 2, options)).toEqual(FLAWLESS);
    const { violations, faulty } = await seeReleases(list, 2, { deployments, apis: ["restDocument"] });
    expect([violations, faulty]).toEqual([0, ["restDocument"]]);
    // With authorizers that are changed in place, it would not hold.
    const { opened } = await seeReleases(list.map(withAuthorizersInPlace), 3, options);
    expect(opened).not.toEqual([]);
  });
});

describe("the limits of the roll-out, which the documentation names", () => {
  it("a stage that was put back by hand stays there, with its policy, while deployments change grants only", async () => {
    const [old, next] = [await releases.create(CLOSED), await releases.create(OFFICE)];
    const changed = await releases.create({
      ...OFFICE,
      grants: { ...OFFICE.grants, "area.c": { ...OF_C, roles: ["r2"] } },
    });
    expect(contractsOf(changed)).toEqual(contractsOf(next));
    const { violations, faults } = await see(async (life) => {
      await life.deploy(old);
      await life.deploy(next);
      await life.act("update-stage back", () => toDeployment(life, 0), [old, next]);
      await life.deploy(changed);
      await life.wait(61);
    });
    expect([violations > 0, faults]).toEqual([true, 0]);
  });

  it("CodeDeploy may move an alias step by step, since its two versions have one contract", async () => {
    const [old, next] = [await releases.create(CLOSED), await releases.create(GRANTED)];
    expect(contractsOf(old)).toEqual(contractsOf(next));
    const seen = await see(async (life) => {
      await life.deploy(old);
      await life.deploy(next);
      const { shifts, aliases, versions } = life.lambda();
      const [version = ""] = versions.keys();
      const takes = createPick(3);
      const shift = () => {
        for (const alias of aliases.keys()) shifts.set(alias, { version, takes: () => takes(10) === 0 });
      };
      await life.act("a canary of the alias", shift, [old, next]);
      await life.wait(61);
      await life.act("the canary ends", () => shifts.clear(), [next]);
    });
    expect(seen).toEqual(FLAWLESS);
  });

  describe("somebody edits the identity sources of an authorizer", () => {
    /** Removes all identity sources that hold no part of the base key. */
    function edit(life: Life, kind: "rest" | "http"): void {
      const api = life.apiOf(kind);
      const authorizers = [...api.current.authorizers].map(([id, own]) => {
        const identitySources = own.identitySources.filter((source) => !source.includes("sourceIp"));
        return [id, { ...own, identitySources }] as const;
      });
      api.current = { ...api.current, authorizers: new Map(authorizers) };
    }

    async function seeEdited(kind: "rest" | "http") {
      const [old, next] = [await releases.create(OFFICE), await releases.create(TENANT)];
      return see(async (life) => {
        await life.deploy(old);
        await life.act("an edit", () => edit(life, kind), [old]);
        await life.wait(61);
        await life.deploy(next);
      });
    }

    it("has no effect on a REST API that is not deployed by hand, and ends with the next contract", async () => {
      expect(await seeEdited("rest")).toEqual(FLAWLESS);
    });

    it("opens an HTTP API, which deploys by itself, until the next contract", async () => {
      expect((await seeEdited("http")).opened).toEqual(["http"]);
    });
  });
});

describe("the migration from a URI without an alias", () => {
  async function migrate(settings: ReleaseSettings) {
    const [old, next] = [await releases.create(OFFICE), await releases.create(OFFICE, settings)];
    let requests = 0;
    const seen = await see(async (life) => {
      await life.deploy(toUnqualified(old));
      await life.deploy(next);
      requests += life.seen.requests;
    });
    console.log("migration", JSON.stringify({ settings, requests, faults: seen.faults }));
    return seen;
  }

  it("costs nothing while the function accepts it", async () => {
    expect(await migrate({ acceptsUnqualified: true })).toEqual(FLAWLESS);
  });

  it("costs every response between the code's update and the stage's without that", async () => {
    const { violations, faults } = await migrate({});
    expect([violations, faults > 100]).toEqual([0, true]);
  });
});
