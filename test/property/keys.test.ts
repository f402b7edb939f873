import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { createKeyWorld, type Fetch, type IssuerLife } from "../support/key-world.ts";
import { createTestIssuer, type TestIssuer } from "../support/tokens.ts";

const SEED = 31;
// The law of keys, in a time that the test moves. The numbers are those of docs/deploy.md, "Keys of the issuers".
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** The two hours for which a withdrawn key may be used, and the day if the issuer can't be reached. */
const WITHDRAWN = 2 * HOUR;
const WITHDRAWN_IN_OUTAGE = 24 * HOUR;
/** How long ago the issuer was unreachable, if that is the reason for using an old key. */
const OUTAGE = 10 * MINUTE;
/** How long a new key may be unknown, and how long after an outage. */
const NEW_KEY = 10 * SECOND;
const NEW_KEY_AFTER_OUTAGE = 5 * MINUTE;
/** The longest wait: two fetches of two seconds, and a short one of a pool's other format. */
const WAIT = 4 * SECOND + 200;

type Happening =
  | { readonly kind: "pass"; readonly ms: number }
  | { readonly kind: "step"; readonly ms: number }
  | { readonly kind: "rotate" | "outage" | "recovery" | "flap"; readonly issuer: number }
  | { readonly kind: "flood"; readonly issuer: number; readonly tokens: number };

const ISSUER = fc.integer({ min: 0, max: 1 });
const HAPPENING: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("pass" as const),
      ms: fc.oneof(
        fc.integer({ min: 1, max: 20 * SECOND }),
        fc.integer({ min: 1, max: 40 * MINUTE }),
        fc.integer({ min: 1, max: 26 * HOUR }),
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("step" as const),
      ms: fc.oneof(fc.integer({ min: -50 * HOUR, max: 50 * HOUR }), fc.integer({ min: -3 * SECOND, max: 3 * SECOND })),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constantFrom("rotate", "outage", "recovery", "recovery", "flap"), issuer: ISSUER }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("flood" as const),
      issuer: ISSUER,
      tokens: fc.integer({ min: 1, max: 30 }),
    }),
  },
);

/** A life in which a key is withdrawn while its issuer can't be reached, so that the law is never empty for want of one. */
const WITHDRAWN_WHILE_OUT: [Happening, ("current" | "forged" | "withdrawn")[]][] = [
  [{ kind: "pass", ms: SECOND }, ["current"]],
  [{ kind: "outage", issuer: 0 }, ["current"]],
  [{ kind: "rotate", issuer: 0 }, ["withdrawn"]],
  [{ kind: "pass", ms: 3 * HOUR }, ["current", "withdrawn"]],
  [{ kind: "pass", ms: MINUTE }, ["forged", "withdrawn"]],
];

/** A life in which the clock is set while a fetch runs that fails, and another fetch fails after it. */
const STEPPED_DURING_A_FETCH: [Happening, ("current" | "forged" | "withdrawn")[]][] = [
  [{ kind: "pass", ms: SECOND }, ["current"]],
  [{ kind: "outage", issuer: 1 }, []],
  [{ kind: "pass", ms: 7 * MINUTE }, ["forged"]],
  [{ kind: "pass", ms: 23 * MINUTE }, ["current"]],
  [{ kind: "step", ms: 90 * MINUTE }, ["current"]],
  [{ kind: "pass", ms: 2 * SECOND }, ["current"]],
  [{ kind: "pass", ms: 1 }, []],
  [{ kind: "step", ms: 0 }, []],
];

type World = ReturnType<typeof createKeyWorld>;
type Count = (name: string) => void;
/** What is asked after each happening, in this order. */
const PROBED = fc.shuffledSubarray(["forged", "withdrawn", "current", "current"] as const);

let jwk: TestIssuer["jwks"]["keys"][number];
beforeAll(() => {
  jwk = createTestIssuer().jwks.keys[0] ?? {};
});

describe("keys in the life of an issuer: rotations, outages, flapping, steps of the clock, freezes and floods", () => {
  it("are refused, used and fetched as documented, and a caller without a key causes no fault", async () => {
    const counts: Record<string, number> = {};
    const count = (name: string) => {
      counts[name] = (counts[name] ?? 0) + 1;
    };
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(HAPPENING, PROBED), { minLength: 5, maxLength: 60 }),
        fc.boolean(),
        fc.boolean(),
        async (happenings, freezes, countsFreezes) => {
          const world = createKeyWorld(jwk, { freezes, countsFreezes });
          /** Steps forwards make a pause look shorter. */
          const stepsMs: number[] = [];
          for (const [happening, probes] of happenings) {
            await happen(world, happening, countsFreezes, stepsMs);
            for (const life of world.lives) {
              if (life.isDown) life.lostMs = world.nowMs();
              for (const name of probes) await PROBES[name](world, life, count);
            }
          }
          checkFetches(world.fetches, stepsMs);
        },
      ),
      {
        numRuns: 300,
        seed: SEED,
        examples: [
          [WITHDRAWN_WHILE_OUT, false, true],
          [STEPPED_DURING_A_FETCH, false, false],
        ],
      },
    );
    console.log("the law of keys:", counts);
    // Without these the law would be empty.
    for (const name of ["found", "withdrawn", "withdrawn, in an outage", "token.key_unknown", "keys.cooling_down"]) {
      expect([name, (counts[name] ?? 0) > 0]).toEqual([name, true]);
    }
  }, 120_000);
});

async function happen(world: World, happening: Happening, countsFreezes: boolean, stepsMs: number[]): Promise<void> {
  switch (happening.kind) {
    case "pass":
      return world.pass(happening.ms);
    case "step": {
      // If nothing counts the freeze but the wall clock, and that is set back at the same time, the freeze can't be noticed.
      const ms = countsFreezes ? happening.ms : Math.abs(happening.ms);
      if (ms > 0) stepsMs.push(world.nowMs());
      return world.step(ms);
    }
    case "flood": {
      const life = lifeOf(world, happening.issuer);
      for (let at = 0; at < happening.tokens; at += 1) {
        const isOther = at % 3 === 0 && happening.issuer === 0;
        await sendForged(world, life, isOther, `made-up ${at}`);
      }
      return undefined;
    }
    case "rotate":
      return world.rotate(lifeOf(world, happening.issuer));
    case "flap":
      lifeOf(world, happening.issuer).flaps = lifeOf(world, happening.issuer).newest > 0;
      return undefined;
    case "outage":
    case "recovery": {
      const life = lifeOf(world, happening.issuer);
      // The outage lasts until now.
      if (life.isDown) life.lostMs = world.nowMs();
      life.isDown = happening.kind === "outage";
      return undefined;
    }
    default:
      return happening satisfies never;
  }
}

function lifeOf({ lives }: World, issuer: number): IssuerLife {
  const life = lives[issuer];
  if (life === undefined) throw new Error("there is no such issuer");
  return life;
}

/** Sends a forged token. If that is a fault, the same moment must be one for a token of a current key. */
async function sendForged(world: World, life: IssuerLife, isOther: boolean, kid: string): Promise<void> {
  const { code } = await world.send(isOther ? world.otherFormat : life.trusted, kid);
  if (code === "token.key_unknown") return;
  expect(code).toMatch(/^keys\./);
  const genuine = await world.send(life.trusted, `${life.trusted.issuer} always`);
  expect(genuine.code).toMatch(/^keys\./);
}

const PROBES = {
  /** A forged token, which must never be a fault if the issuer was there. */
  forged: (world: World, life: IssuerLife) => sendForged(world, life, false, "made-up"),

  /** A withdrawn key is never used for longer than documented. */
  async withdrawn(world: World, life: IssuerLife, count: Count): Promise<void> {
    for (const [key, withdrawnMs] of life.withdrawnMs) {
      if (life.flaps && key === life.newest - 1) continue;
      const agoMs = world.nowMs() - withdrawnMs;
      const { code } = await world.send(life.trusted, world.kidOf(life, key));
      if (code !== "found") continue;
      count(agoMs > WITHDRAWN ? "withdrawn, in an outage" : "withdrawn");
      const wasOut = world.nowMs() - life.lostMs <= OUTAGE + WAIT;
      expect(agoMs).toBeLessThan((wasOut ? WITHDRAWN_IN_OUTAGE : WITHDRAWN) + WAIT);
    }
  },

  /** A current key is never refused for longer than documented, and nobody waits for longer. */
  async current(world: World, life: IssuerLife, count: Count): Promise<void> {
    const kids = [...(life.flaps ? [] : [world.kidOf(life, life.newest)]), `${life.trusted.issuer} always`];
    for (const kid of kids) {
      const { code, waitedMs } = await world.send(life.trusted, kid);
      count(code);
      expect(waitedMs).toBeLessThanOrEqual(WAIT);
      if (code === "found") continue;
      const isNew = !kid.endsWith("always") && world.nowMs() - life.publishedMs <= NEW_KEY + WAIT;
      const isAfterOutage = world.nowMs() - life.lostMs <= NEW_KEY_AFTER_OUTAGE + WAIT;
      expect([code, code.startsWith("keys.") ? isAfterOutage : isNew || isAfterOutage]).toEqual([code, true]);
    }
  },
} satisfies Record<string, (world: World, life: IssuerLife, count: Count) => Promise<void>>;

/** Checks the pauses between the fetches of each key set: ten seconds after a success; from one second after failures. */
function checkFetches(fetches: readonly Fetch[], stepsMs: readonly number[]): void {
  for (const url of new Set(fetches.map((fetch) => fetch.url))) {
    const ofUrl = fetches.filter((fetch) => fetch.url === url);
    let failures = 0;
    for (const [at, fetch] of ofUrl.entries()) {
      const next = ofUrl[at + 1];
      if (next === undefined) continue;
      expect(fetch.endMs).toBeLessThanOrEqual(next.startMs);
      const pauseMs = next.startMs - fetch.endMs;
      const isFrozen = fetch.endMs - fetch.startMs > 5 * SECOND;
      const isStepped = stepsMs.some((stepMs) => stepMs >= fetch.startMs && stepMs <= next.startMs);
      // A step of the clock while a fetch runs looks like a freeze, so its failure does not make the next pause longer.
      const counts = !isFrozen && !stepsMs.some((stepMs) => stepMs >= fetch.startMs && stepMs <= fetch.endMs);
      failures = fetch.ended === "fetched" ? 0 : failures + (counts ? 1 : 0);
      if (isStepped || (isFrozen && fetch.ended === "failed")) continue;
      if (fetch.ended === "fetched") expect(next.startMs - fetch.startMs).toBeGreaterThanOrEqual(NEW_KEY - 1);
      else if (failures > 1)
        expect(pauseMs).toBeGreaterThanOrEqual(Math.min(SECOND * 2 ** (failures - 1), 5 * MINUTE) - 1);
    }
  }
}
