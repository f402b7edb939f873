import type { JWK } from "jose";
import type { FetchKeySet } from "../../authorizer/identity/fetch-key-set.ts";
import { createKeySets } from "../../authorizer/identity/key-sets.ts";
import { createSteadyClock } from "../../authorizer/identity/steady-clock.ts";
import type { TrustedIssuer } from "../../authorizer/identity/trusted-issuer.ts";
import { err, ok } from "../../contract/result.ts";
import { createTrustedIssuer } from "./trusted-issuer.ts";

/** An issuer as it really is: which keys it publishes, and since when. */
export interface IssuerLife {
  readonly trusted: TrustedIssuer;
  /** The number of the newest key. With `flaps`, every second response lacks it and has the one before. */
  newest: number;
  /** For each key that is not published any more, since when. */
  readonly withdrawnMs: Map<number, number>;
  publishedMs: number;
  isDown: boolean;
  flaps: boolean;
  responses: number;
  /** The last time at which the network or the issuer made a fetch fail. */
  lostMs: number;
}

/** A fetch: when it began and ended, in true time, and how. */
export interface Fetch {
  readonly url: string;
  readonly startMs: number;
  endMs: number;
  ended: "running" | "fetched" | "failed";
}

/** The traits of the process that the key sets live in. */
export interface ProcessTraits {
  /** Whether the process is frozen between requests, as in Lambda. */
  readonly freezes: boolean;
  /** Whether its monotonic clock counts the time in which it is frozen. */
  readonly countsFreezes: boolean;
}

const FORMATS = [
  createTrustedIssuer("https://pool.example"),
  createTrustedIssuer("https://issuer.pool.example"),
] as const;
const keyAddresses = FORMATS.flatMap((format) => format.keyAddresses);
const POOL: TrustedIssuer = { ...FORMATS[0], keyAddresses };
const OTHER_FORMAT: TrustedIssuer = { ...FORMATS[1], keyAddresses };
const PLAIN = createTrustedIssuer("https://plain.example");

/** Creates issuers, a process and its clocks, in a time that the test moves. A fetch takes `latencyMs`. */
export function createKeyWorld(jwk: JWK, { freezes, countsFreezes }: ProcessTraits, latencyMs = 50) {
  let trueMs = 1_000_000;
  let wallAheadMs = 0;
  let frozenMs = 0;
  const fetches: Fetch[] = [];
  const running: { readonly fetch: Fetch; readonly dueMs: number; readonly end: () => void }[] = [];
  const lives = [POOL, PLAIN].map<IssuerLife>((trusted) => ({
    trusted,
    newest: 0,
    withdrawnMs: new Map(),
    publishedMs: trueMs,
    isDown: false,
    flaps: false,
    responses: 0,
    lostMs: Number.NEGATIVE_INFINITY,
  }));

  const kidOf = (life: IssuerLife, key: number) => `${life.trusted.issuer} ${key}`;

  /** Makes the issuer's response. A user pool has one format and answers 403 for the other. */
  function respond(url: string): Awaited<ReturnType<FetchKeySet>> {
    const life = lives.find(({ trusted }) => url === `${trusted.issuer}/keys`);
    if (life === undefined) return err("status");
    if (life.isDown) {
      life.lostMs = trueMs;
      return err("unreachable");
    }
    life.responses += 1;
    const newest = life.flaps && life.responses % 2 === 0 ? life.newest - 1 : life.newest;
    return ok({
      keys: [
        { ...jwk, kid: kidOf(life, newest) },
        { ...jwk, kid: `${life.trusted.issuer} always` },
      ],
    });
  }

  const nowMs = createSteadyClock(
    () => trueMs + wallAheadMs,
    () => trueMs - (countsFreezes ? 0 : frozenMs),
  );
  const findKey = createKeySets(
    {
      nowMs,
      report: () => {},
      fetchKeySet(url) {
        const fetch: Fetch = { url, startMs: trueMs, endMs: Number.POSITIVE_INFINITY, ended: "running" };
        fetches.push(fetch);
        const response = respond(url);
        return new Promise((resolve) => {
          const end = () => {
            fetch.endMs = trueMs;
            fetch.ended = response.ok ? "fetched" : "failed";
            resolve(response);
          };
          running.push({
            fetch,
            dueMs: trueMs + (!response.ok && response.error === "unreachable" ? 2_000 : latencyMs),
            end,
          });
        });
      },
    },
    new Map(),
  );

  /** Ends the fetches that are due, in the order of their time. */
  async function settle(): Promise<void> {
    for (const due of running.filter(({ dueMs }) => dueMs <= trueMs)) {
      running.splice(running.indexOf(due), 1);
      due.end();
    }
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** Sends a token with a `kid`, and moves the time until there is a response. */
  async function send(trusted: TrustedIssuer, kid: string): Promise<{ code: string; waitedMs: number }> {
    const startMs = trueMs;
    await settle();
    let code: string | undefined;
    void findKey(trusted, kid).then((found) => {
      code = found.ok ? "found" : found.error;
    });
    await new Promise((resolve) => setImmediate(resolve));
    while (code === undefined) {
      trueMs = Math.max(trueMs, Math.min(...running.map(({ dueMs }) => dueMs)));
      await settle();
    }
    return { code, waitedMs: trueMs - startMs };
  }

  return {
    lives,
    fetches,
    kidOf,
    send,
    nowMs: () => trueMs,
    /** Lets time pass between two requests. A frozen process receives its responses afterwards. */
    async pass(ms: number): Promise<void> {
      const untilMs = trueMs + ms;
      while (!freezes && running.some(({ dueMs }) => dueMs <= untilMs)) {
        trueMs = Math.max(trueMs, Math.min(...running.map(({ dueMs }) => dueMs)));
        await settle();
      }
      frozenMs += freezes ? untilMs - trueMs : 0;
      trueMs = Math.max(trueMs, untilMs);
    },
    step(ms: number): void {
      wallAheadMs += ms;
    },
    rotate(life: IssuerLife): void {
      if (life.flaps) life.withdrawnMs.set(life.newest - 1, trueMs);
      life.withdrawnMs.set(life.newest, trueMs);
      life.newest += 1;
      life.publishedMs = trueMs;
      life.flaps = false;
    },
    otherFormat: OTHER_FORMAT,
  };
}
