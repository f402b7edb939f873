import { beforeAll, describe, expect, it } from "vitest";
import { type KeySet, parseKeySet } from "../../../../authorizer/identity/key-set.ts";
import {
  COOLDOWN_MS,
  createKeySets,
  type FetchKeySet,
  type KeysError,
  MAX_AGE_MS,
  MAX_COOLDOWN_MS,
  MAX_STALE_MS,
} from "../../../../authorizer/identity/key-sets.ts";
import type { TrustedIssuer } from "../../../../authorizer/identity/trusted-issuer.ts";
import { err, ok } from "../../../../contract/result.ts";
import { createTestIssuer, type TestIssuer } from "../../../support/tokens.ts";

const ISSUER: TrustedIssuer = {
  issuer: "https://login.example.com",
  jwksUri: "https://login.example.com/keys",
  audience: ["api"],
  tokenUse: undefined,
  groupsClaim: undefined,
  preset: undefined,
  scopesClaim: "scope",
  machineScopesClaim: undefined,
  clientClaims: ["client_id", "azp"],
  claims: {},
  machines: [],
  users: [],
  machineIdClaim: undefined,
};

let keys: TestIssuer["jwks"];
beforeAll(async () => {
  keys = createTestIssuer(ISSUER.issuer).jwks;
});

/** Creates a world in which the test sets the issuer's responses and the time, and counts fetches. */
function createWorld(packed: ReadonlyMap<string, KeySet> = new Map()) {
  const world = {
    answer: ok(keys) as Awaited<ReturnType<FetchKeySet>>,
    fetches: 0,
    nowMs: 1_000_000,
    errors: [] as KeysError[],
  };
  const findKey = createKeySets(
    {
      fetchKeySet: async () => {
        world.fetches += 1;
        return world.answer;
      },
      nowMs: () => world.nowMs,
      report: (fault) => world.errors.push(fault),
    },
    packed,
  );
  const codeOf = async (kid: string, issuer = ISSUER) => {
    const key = await findKey(issuer, kid);
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
    expect(await codeOf("new")).toBe("keys.cooling_down");
    world.nowMs += 1;
    world.answer = renamed("new");
    expect([await codeOf("new"), world.fetches]).toEqual(["found", 2]);
  });

  it("59. is fetched again when it is too old, so that a withdrawn key is refused", async () => {
    const { world, codeOf, kid } = createWorld();
    await codeOf(kid);
    world.answer = renamed("new");
    world.nowMs += MAX_AGE_MS - 1;
    expect([await codeOf(kid), world.fetches]).toEqual(["found", 1]);
    world.nowMs += 1;
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

  it("is used while the issuer is down, for a limited time, and fetched again no more often than the cooldown allows", async () => {
    const { world, codeOf, kid } = createWorld();
    await codeOf(kid);
    world.answer = DOWN;
    const start = world.nowMs;
    world.nowMs = start + MAX_AGE_MS;
    expect([await codeOf(kid), await codeOf(kid), world.fetches]).toEqual(["found", "found", 2]);
    world.nowMs = start + MAX_STALE_MS - 1;
    expect(await codeOf(kid)).toBe("found");
    world.nowMs = start + MAX_STALE_MS;
    expect([await codeOf(kid), world.fetches]).toEqual(["keys.cooling_down", 3]);
    world.nowMs += MAX_COOLDOWN_MS;
    expect(await codeOf(kid)).toBe("keys.unavailable");
    world.answer = ok(keys);
    world.nowMs += MAX_COOLDOWN_MS;
    expect(await codeOf(kid)).toBe("found");
  });

  it("56. is fetched less and less often while that fails, and without delay after a success", async () => {
    const { world, codeOf } = createWorld();
    world.answer = DOWN;
    const waits: number[] = [];
    for (let before = world.nowMs; world.fetches < 8; world.nowMs += 1_000) {
      const { fetches } = world;
      await codeOf("any");
      if (world.fetches === fetches) continue;
      waits.push((world.nowMs - before) / 1_000);
      before = world.nowMs;
    }
    expect(waits).toEqual([0, 10, 20, 40, 80, 160, 300, 300]);
    world.answer = ok(keys);
    world.nowMs += MAX_COOLDOWN_MS;
    expect(await codeOf("new")).toBe("token.key_unknown");
    world.nowMs += COOLDOWN_MS;
    expect(await codeOf("new")).toBe("token.key_unknown");
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

  it("is not fetched if it was packed, and serves until another can be fetched", async () => {
    const packed = new Map([[ISSUER.issuer, parseKeySet(keys) ?? new Map()]]);
    const { world, codeOf, kid } = createWorld(packed);
    world.answer = DOWN;
    world.nowMs += MAX_AGE_MS - 1;
    expect([await codeOf(kid), world.fetches]).toEqual(["found", 0]);
    world.nowMs += 1;
    expect([await codeOf(kid), world.fetches]).toEqual(["found", 1]);
    world.nowMs += 10 * MAX_STALE_MS;
    expect(await codeOf(kid)).toBe("found");
    world.answer = renamed("new");
    world.nowMs += MAX_COOLDOWN_MS;
    expect(await codeOf(kid)).toBe("token.key_unknown");
  });

  it("belongs to one issuer, and so does its cooldown", async () => {
    const { world, codeOf, kid } = createWorld();
    expect(await codeOf("unknown")).toBe("token.key_unknown");
    expect(await codeOf(kid, { ...ISSUER, issuer: "https://other.example.com" })).toBe("found");
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
      expect(world.errors).toEqual([{ issuer: ISSUER.issuer, cause: "no_usable_key" }]);
    },
  );

  it("is reported as missing, with its issuer and the cause", async () => {
    const { world, codeOf, kid } = createWorld();
    world.answer = err("timeout" as const);
    await codeOf(kid);
    expect(world.errors).toEqual([{ issuer: ISSUER.issuer, cause: "timeout" }]);
  });
});
