import type { WireRequest } from "../../simulator/arrival.ts";
import type { Sender } from "../support/cache-law.ts";
import { APIS, type ApiName } from "./apis.ts";

/** A request to one of the APIs. */
export interface Sent {
  readonly api: ApiName;
  readonly request: WireRequest;
  /** Tells the request from all others. */
  readonly id: string;
}

const PATHS = ["/a", "/a", "/b", "/items/1", "/items/u1", "/c/1/2"];
const PLACES = ["203.0.113.7", "198.51.100.1"];

/** A generator of pseudo-random numbers (mulberry32), so that a run can be repeated. */
export function createPick(seed: number): (count: number) => number {
  let state = seed;
  return (count) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * count);
  };
}

/** The parts of a request that differ. */
interface Choice {
  readonly path: string;
  readonly method: string;
  readonly sender: number;
  readonly otherSender: number;
  readonly place: string;
  readonly tenant: string;
  readonly page: string;
  readonly device: string;
}

/**
 * Makes the requests between two steps: some at random, each followed by ones that differ in a single part, so that caches are filled and
 * hit with every kind of key.
 */
export function toTraffic(
  pick: (count: number) => number,
  senders: readonly Sender[],
  rounds: number,
  apis: readonly ApiName[],
): readonly Sent[] {
  const oneOf = <Value>(values: readonly [Value, ...Value[]]): Value => values[pick(values.length)] ?? values[0];
  return Array.from({ length: rounds }).flatMap(() => {
    const sender = pick(2) === 0 ? 0 : pick(senders.length);
    const base: Choice = {
      path: PATHS[pick(PATHS.length)] ?? "/a",
      method: pick(8) === 0 ? "PUT" : "GET",
      sender,
      otherSender: (sender + 1) % senders.length,
      place: oneOf(["203.0.113.7", "198.51.100.1"]),
      tenant: oneOf(["blue", "red"]),
      page: oneOf(["1", "2"]),
      device: oneOf(["phone", "desk"]),
    };
    const variants: readonly Choice[] = [
      base,
      { ...base, place: PLACES.find((place) => place !== base.place) ?? base.place },
      { ...base, tenant: base.tenant === "blue" ? "red" : "blue" },
      { ...base, page: base.page === "1" ? "2" : "1" },
      { ...base, path: PATHS[pick(PATHS.length)] ?? "/a" },
      // Another place of the token has another token.
      { ...base, sender: base.otherSender, otherSender: base.sender },
    ];
    return variants.flatMap((choice) => apis.map((api) => toSent(api, choice, senders)));
  });
}

function toSent(api: ApiName, choice: Choice, senders: readonly Sender[]): Sent {
  const { sender, otherSender, place, tenant, page, device } = choice;
  // Whoever opens a WebSocket has no method and no path.
  const [method, path] = APIS[api].kind === "websocket" ? ["GET", "/"] : [choice.method, choice.path];
  return {
    api,
    id: [api, method, path, sender, otherSender, place, tenant, page, device].join(),
    request: {
      method,
      path,
      query: `page=${page}`,
      sourceIp: place,
      headers: [
        ["x-tenant", tenant],
        ["x-device", device],
        ["Authorization", `Bearer ${senders[sender]?.token}`],
        ["X-Token", `Bearer ${senders[otherSender]?.token}`],
      ],
    },
  };
}
