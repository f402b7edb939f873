import { beforeAll, describe, expect, it } from "vitest";
import type { FetchKeySet } from "../../../../authorizer/identity/fetch-key-set.ts";
import { type KeySet, parseKeySet } from "../../../../authorizer/identity/key-set.ts";
import {
  COOLDOWN_MS,
  type KeysError,
  MAX_AGE_MS,
  MAX_COOLDOWN_MS,
  MAX_STALE_MS,
  MIN_COOLDOWN_MS,
  OUTAGE_MS,
  REFRESH_AGE_MS,
} from "../../../../authorizer/identity/key-set-cache.ts";
import { createKeySets } from "../../../../authorizer/identity/key-sets.ts";
import type { TrustedIssuer } from "../../../../authorizer/identity/trusted-issuer.ts";
import { err, ok } from "../../../../contract/result.ts";
import { createTestIssuer, type TestIssuer } from "../../../support/tokens.ts";
import { createTrustedIssuer } from "../../../support/trusted-issuer.ts";

const ISSUER = createTrustedIssuer("https://login.example.com");
const KEYS_URL = "https://login.example.com/keys";

let keys: TestIssuer["jwks"];
beforeAll(async () => {
  keys = createTestIssuer(ISSUER.issuer).jwks;
});

/** Resolves when a fetch beside a request has ended. */
function refreshed(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

type Answer = Awaited<ReturnType<FetchKeySet>>;

function packedKeys(): ReadonlyMap<string, KeySet> {
  return new Map([[ISSUER.issuer, parseKeySet(keys) ?? new Map()]]);
}

/** Creates a world in which the test sets the issuer's responses and the time, and counts fetches. */
function createWorld(packed: ReadonlyMap<string, KeySet> = new Map(), { isClosed = false } = {}) {
  const waiting: (() => void)[] = [];
  const world = {
    answer: ok(keys) as Answer,
    /** The responses to the next fetches, before {@link answer}. */
    answers: [] as Answer[],
    /** The responses by URL, before {@link answer}. */
    byUrl: {} as Record<string, Answer>,
    /** Whether fetches wait for {@link release}. */
    hangs: false,
    release: () => {
      for (const resolve of waiting.splice(0)) resolve();
    },
    fetches: 0,
    nowMs: 1_000_000,
    errors: [] as KeysError[],
    agesS: [] as number[],
  };
  const findKey = createKeySets(
    {
      fetchKeySet: isClosed
        ? undefined
        : async (url) => {
            world.fetches += 1;
            const answer = world.answers.shift() ?? world.byUrl[url] ?? world.answer;
            if (world.hangs) await new Promise<void>((resolve) => waiting.push(resolve));
            return answer;
          },
      nowMs: () => world.nowMs,
      report: (fault) => world.errors.push(fault),
      reportAge: ({ ageS }) => world.agesS.push(ageS),
    },
    packed,
  );
  const codeOf = async (kid: string, issuer = ISSUER, remainingMs = Number.POSITIVE_INFINITY) => {
    const key = await findKey(issuer, kid, () => remainingMs);
    return key.ok ? "found" : key.error;
  };
  return { world, codeOf, findKey, kid: String(keys.keys[0]?.kid) };
}

const renamed = (kid: string) => ok({ keys: [{ ...keys.keys[0], kid }] });
const DOWN = err("unreachable" as const);

describe("the key set of an issuer", () => {
  it("is fetched for the first token, and only then", async () => {
    const { world, codeOf, kid } = createWorld();
    expect([await codeOf(kid), await codeOf(kid), world.fetches]).toEqual(["found", "found", 1]);
  });

  it("is fetched once for concurrent tokens", async () => {
    const { world, codeOf, kid } = createWorld();
    const codes = await Promise.all([codeOf(kid), codeOf(kid), codeOf("unknown")]);
    expect([...codes, world.fetches]).toEqual(["found", "found", "token.key_unknown", 1]);
  });

  it("is fetched again for an unknown key, but not at once", async () => {
    const { world, codeOf } = createWorld();
    expect(await codeOf("new")).toBe("token.key_unknown");
    world.nowMs += COOLDOWN_MS - 1;
    expect([await codeOf("new"), world.fetches]).toEqual(["token.key_unknown", 1]);
    world.nowMs += 1;
    world.answer = renamed("new");
    expect([await codeOf("new"), world.fetches]).toEqual(["found", 2]);
  });

  it("59. is fetched again beside a request that uses it, so that a withdrawn key is refused", async () => {
    const { world, codeOf, kid } = createWorld();
    await codeOf(kid);
    world.answer = renamed("new");
    world.nowMs += REFRESH_AGE_MS - 1;
    expect([await codeOf(kid), world.fetches]).toEqual(["found", 1]);
    world.nowMs += 1;
    expect([await codeOf(kid), world.fetches]).toEqual(["found", 2]);
    await refreshed();
    expect([await codeOf(kid), await codeOf("new"), world.fetches]).toEqual(["token.key_unknown", "found", 2]);
  });

  it("59. is not used before it is fetched again, if it is too old", async () => {
    const { world, codeOf, kid } = createWorld();
    await codeOf(kid);
    world.answer = renamed("new");
    world.nowMs += MAX_AGE_MS;
    expect([await codeOf(kid), await codeOf("new"), world.fetches]).toEqual(["token.key_unknown", "found", 2]);
  });

  it("60. is fetched again when it is too old, so that a replaced key has its id", async () => {
    const { world, findKey, kid } = createWorld();
    const first = await findKey(ISSUER, kid);
    world.answer = ok({ keys: [{ ...createTestIssuer().jwks.keys[0], kid }] });
    world.nowMs += MAX_AGE_MS - 1;
    expect(await findKey(ISSUER, kid)).toEqual(first);
    world.nowMs += 1;
    const second = await findKey(ISSUER, kid);
    expect(second.ok && first.ok && second.value.key.equals(first.value.key)).toBe(false);
    expect(second.ok).toBe(true);
  });

  it("is used without waiting while the issuer is down, for a limited time", async () => {
    const { world, codeOf, kid } = createWorld();
    await codeOf(kid);
    world.answer = DOWN;
    const start = world.nowMs;
    world.nowMs = start + MAX_AGE_MS;
    expect([await codeOf(kid), await codeOf(kid), world.fetches]).toEqual(["found", "found", 2]);
    world.hangs = true;
    world.nowMs += MIN_COOLDOWN_MS;
    expect([await codeOf(kid), world.fetches]).toEqual(["found", 3]);
    world.nowMs = start + MAX_STALE_MS - 1;
    world.release();
    world.hangs = false;
    expect(await codeOf(kid)).toBe("found");
    world.nowMs = start + MAX_STALE_MS;
    expect(await codeOf(kid)).toBe("keys.cooling_down");
    world.nowMs += MAX_COOLDOWN_MS;
    expect(await codeOf(kid)).toBe("keys.unavailable");
    world.answer = ok(keys);
    world.nowMs += MAX_COOLDOWN_MS;
    expect(await codeOf(kid)).toBe("found");
  });

  it("is fetched before it is used if it is too old and the last failure is long ago", async () => {
    const { world, codeOf, kid } = createWorld();
    await codeOf(kid);
    world.answer = DOWN;
    world.nowMs += MAX_AGE_MS;
    expect(await codeOf(kid)).toBe("found");
    world.answer = renamed("new");
    world.nowMs += OUTAGE_MS;
    expect(await codeOf(kid)).toBe("token.key_unknown");
  });

  it("has its age reported at the end of each fetch, and at no other request", async () => {
    const { world, codeOf, kid } = createWorld();
    const start = world.nowMs;
    const askAt = async (ageMs: number, answer: Answer = ok(keys)) => {
      world.nowMs = start + ageMs;
      world.answer = answer;
      await codeOf(kid);
      await refreshed();
      return world.agesS.splice(0);
    };
    expect(await askAt(0, DOWN)).toEqual([]);
    expect([await askAt(MAX_COOLDOWN_MS), await askAt(MAX_COOLDOWN_MS + 1_000)]).toEqual([[0], []]);
    const used = MAX_COOLDOWN_MS;
    expect(await askAt(used + REFRESH_AGE_MS, DOWN)).toEqual([1_800]);
    expect(await askAt(used + MAX_AGE_MS, DOWN)).toEqual([7_200]);
    expect(await askAt(used + MAX_AGE_MS + MAX_COOLDOWN_MS)).toEqual([7_500]);
    // One that was too old is not in use when it is replaced, but it is when that fails.
    expect(await askAt(used + 3 * MAX_AGE_MS)).toEqual([0]);
    expect(await askAt(used + 6 * MAX_AGE_MS, DOWN)).toEqual([(3 * MAX_AGE_MS) / 1000]);
    expect(await askAt(used + 3 * MAX_AGE_MS + MAX_STALE_MS, DOWN)).toEqual([]);
  });

  it("is not taken for unreachable because a fetch was frozen with the process", async () => {
    const { world, codeOf, kid } = createWorld();
    await codeOf(kid);
    world.nowMs += MAX_AGE_MS - 1;
    world.answer = DOWN;
    world.hangs = true;
    expect([await codeOf(kid), world.fetches]).toEqual(["found", 2]);
    world.nowMs += 3_600_000;
    world.release();
    world.hangs = false;
    world.answer = renamed("new");
    expect([await codeOf(kid), world.fetches, world.errors]).toEqual(["token.key_unknown", 3, []]);
  });

  it("56. is fetched twice at once if there is none, then less and less often while that fails", async () => {
    const { world, codeOf } = createWorld();
    world.answer = DOWN;
    const waits: number[] = [];
    for (let before = world.nowMs; world.fetches < 12; world.nowMs += 1_000) {
      const { fetches } = world;
      await codeOf("any");
      if (world.fetches === fetches) continue;
      waits.push((world.nowMs - before) / 1_000);
      before = world.nowMs;
    }
    expect(waits).toEqual([0, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
    world.answer = ok(keys);
    world.nowMs += MAX_COOLDOWN_MS;
    expect(await codeOf("new")).toBe("token.key_unknown");
    world.answer = renamed("new");
    world.nowMs += COOLDOWN_MS;
    expect(await codeOf("new")).toBe("found");
  });

  it("12. is there although the first connection was lost", async () => {
    const { world, codeOf, kid } = createWorld();
    world.answers.push(DOWN);
    expect([await codeOf(kid), world.fetches]).toEqual(["found", 2]);
  });

  it("58. is fetched a bounded number of times for a flood of made-up keys, and still gets a new key", async () => {
    const { world, codeOf } = createWorld();
    for (let at = 0; at < 10_000; at += 1) {
      await codeOf(`made-up-${at}`);
      world.nowMs += 10;
      if (at === 5_000) world.answer = renamed("new");
    }
    expect(world.fetches).toBe(10);
    expect(await codeOf("new")).toBe("found");
  });

  it("serves if it was packed, without waiting, until another one can be fetched", async () => {
    const { world, codeOf, kid } = createWorld(packedKeys());
    world.answer = DOWN;
    world.nowMs += REFRESH_AGE_MS - 1;
    expect([await codeOf(kid), world.fetches]).toEqual(["found", 0]);
    world.hangs = true;
    world.nowMs += 1;
    expect([await codeOf(kid), await codeOf(kid), world.fetches]).toEqual(["found", "found", 1]);
    world.release();
    world.hangs = false;
    world.nowMs += 10 * MAX_STALE_MS;
    expect(await codeOf(kid)).toBe("found");
    world.answer = renamed("new");
    world.nowMs += MAX_COOLDOWN_MS;
    expect(await codeOf(kid)).toBe("found");
    await refreshed();
    expect(await codeOf(kid)).toBe("token.key_unknown");
  });

  it("is never fetched if all key sets are packed and nothing can be fetched", async () => {
    const { world, codeOf, kid } = createWorld(packedKeys(), { isClosed: true });
    world.nowMs += 10 * MAX_STALE_MS;
    expect([await codeOf(kid), await codeOf("made-up"), world.fetches]).toEqual(["found", "token.key_unknown", 0]);
  });

  it("lacks a made-up key: a refusal and never a fault, also while the set can't be fetched again", async () => {
    const { world, codeOf, kid } = createWorld();
    const outcomes = new Map<string, number>();
    for (let at = 0; at < 100; at += 1) {
      const code = await codeOf(`made-up-${at}`);
      outcomes.set(code, (outcomes.get(code) ?? 0) + 1);
      world.nowMs += 1_000;
      if (at === 50) world.answer = DOWN;
    }
    expect([...outcomes]).toEqual([["token.key_unknown", 100]]);
    expect(await codeOf(kid)).toBe("found");
  });

  it("is missing altogether: a fault, whoever sends the token", async () => {
    const { world, codeOf, kid } = createWorld();
    world.answer = DOWN;
    expect([await codeOf("made-up"), await codeOf(kid)]).toEqual(["keys.unavailable", "keys.cooling_down"]);
  });

  it("belongs to one issuer, and so does its cooldown", async () => {
    const { world, codeOf, kid } = createWorld();
    expect(await codeOf("unknown")).toBe("token.key_unknown");
    expect(await codeOf(kid, createTrustedIssuer("https://other.example.com"))).toBe("found");
    expect(world.fetches).toBe(2);
  });

  it("has no key for an id with two keys", async () => {
    const { world, codeOf, kid } = createWorld();
    world.answer = ok({ keys: [keys.keys[0], { ...keys.keys[0] }] });
    expect([await codeOf(kid), await codeOf(kid), world.fetches]).toEqual([
      "token.key_ambiguous",
      "token.key_ambiguous",
      1,
    ]);
  });

  it.each([null, {}, { keys: [] }, { keys: Array(101).fill({}) }])(
    "is unavailable if the issuer returns %j",
    async (answer) => {
      const { world, codeOf, kid } = createWorld();
      world.answer = ok(answer);
      expect(await codeOf(kid)).toBe("keys.unavailable");
      expect(world.errors).toEqual(Array(2).fill({ issuer: ISSUER.issuer, cause: "no_usable_key" }));
    },
  );

  it("is reported as missing, with its issuer and the cause", async () => {
    const { world, codeOf, kid } = createWorld();
    world.answer = err("timeout" as const);
    await codeOf(kid);
    expect(world.errors).toEqual(Array(2).fill({ issuer: ISSUER.issuer, cause: "timeout" }));
  });
});

describe("the two issuer formats of a user pool", () => {
  const other = createTrustedIssuer("https://other.example.com");
  const OTHER_KEYS_URL = "https://other.example.com/keys";
  const keyAddresses = [...ISSUER.keyAddresses, ...other.keyAddresses];
  const POOL: TrustedIssuer = { ...ISSUER, keyAddresses };
  const OTHER: TrustedIssuer = { ...other, keyAddresses };
  const FORBIDDEN = err("status" as const);

  it("share their keys: a token of either is verified with the keys of the one that has them", async () => {
    const { world, codeOf, kid } = createWorld();
    world.byUrl[OTHER_KEYS_URL] = FORBIDDEN;
    expect([await codeOf(kid, POOL), await codeOf(kid, OTHER), world.fetches]).toEqual(["found", "found", 1]);
  });

  it("share packed keys", async () => {
    const { world, codeOf, kid } = createWorld(packedKeys(), { isClosed: true });
    expect([await codeOf(kid, OTHER), await codeOf("made-up", OTHER), world.fetches]).toEqual([
      "found",
      "token.key_unknown",
      0,
    ]);
  });

  it("make no fault for the format that the pool does not have, not even for the first request", async () => {
    const { world, codeOf, kid } = createWorld();
    world.byUrl[OTHER_KEYS_URL] = FORBIDDEN;
    expect([await codeOf("made-up", OTHER), world.fetches]).toEqual(["token.key_unknown", 2]);
    expect(await codeOf(kid, POOL)).toBe("found");
    world.nowMs += MAX_AGE_MS;
    expect(await codeOf("made-up", OTHER)).toBe("token.key_unknown");
  });

  it("have one cache if they have one URL", async () => {
    const { world, codeOf, kid } = createWorld(packedKeys());
    const keyAddresses = [{ issuers: [other.issuer, ISSUER.issuer], jwksUri: KEYS_URL }];
    expect([await codeOf(kid, { ...POOL, keyAddresses }), await codeOf(kid, { ...OTHER, keyAddresses })]).toEqual([
      "found",
      "found",
    ]);
    expect([await codeOf("a", { ...POOL, keyAddresses }), await codeOf("b", { ...OTHER, keyAddresses })]).toEqual([
      "token.key_unknown",
      "token.key_unknown",
    ]);
    expect(world.fetches).toBe(1);
  });

  it("have their keys at either URL, also if the pool has no keys at the first one any more", async () => {
    const { world, codeOf, kid } = createWorld();
    world.byUrl[KEYS_URL] = FORBIDDEN;
    expect([await codeOf(kid, POOL), await codeOf(kid, OTHER), world.fetches]).toEqual(["found", "found", 3]);
  });

  it("are a fault if neither has keys", async () => {
    const { world, codeOf, kid } = createWorld();
    world.answer = DOWN;
    expect(await codeOf(kid, OTHER)).toBe("keys.unavailable");
  });
});

describe("a request with little time left", () => {
  it("waits for no fetch, and is a fault if there is no usable key", async () => {
    const { world, codeOf, kid } = createWorld();
    expect([await codeOf(kid, ISSUER, 80), world.fetches]).toEqual(["keys.out_of_time", 0]);
    expect([await codeOf(kid, ISSUER, 5_000), world.fetches]).toEqual(["found", 1]);
    expect(await codeOf(kid, ISSUER, 80)).toBe("found");
    world.nowMs += COOLDOWN_MS;
    expect([await codeOf("made-up", ISSUER, 80), world.fetches]).toEqual(["token.key_unknown", 1]);
  });

  it("ends while the fetch goes on, whose keys the next request has", async () => {
    const { world, codeOf, kid } = createWorld();
    world.hangs = true;
    expect(await codeOf(kid, ISSUER, 360)).toBe("keys.out_of_time");
    world.release();
    expect([await codeOf(kid), world.fetches]).toEqual(["found", 1]);
  });
});
