import type { WireRequest } from "../../simulator/arrival.ts";
import type { Sender } from "../support/cache-law.ts";

/** The two APIs that each request is sent to. */
export type ApiKindName = "rest" | "http";

/** A request to one of the APIs. */
export interface Sent {
  readonly api: ApiKindName;
  readonly request: WireRequest;
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
): readonly Sent[] {
  const oneOf = <Value>(values: readonly [Value, ...Value[]]): Value => values[pick(values.length)] ?? values[0];
  const sender = () => (pick(2) === 0 ? 0 : pick(senders.length));
  return Array.from({ length: rounds }).flatMap(() => {
    const base: Choice = {
      path: PATHS[pick(PATHS.length)] ?? "/a",
      method: pick(8) === 0 ? "PUT" : "GET",
      sender: sender(),
      otherSender: sender(),
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
    return variants.flatMap((choice) =>
      (["rest", "http"] as const).map((api) => ({ api, request: toRequest(choice, senders) })),
    );
  });
}

function toRequest(
  { path, method, sender, otherSender, place, tenant, page, device }: Choice,
  senders: readonly Sender[],
): WireRequest {
  return {
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
  };
}
