import type { Api } from "./api-kinds.ts";

/** The header or parameter that holds a source. */
export interface Holder {
  readonly from: "header" | "query";
  readonly name: string;
}

interface CarrierTraits {
  /** The kinds of APIs whose requests can have the token there. */
  readonly apis: readonly Api[];
  /** Whether upper and lower case of a name differ. */
  readonly isCaseSensitive: boolean;
  /** The name, if every such source has the same; `TOKEN_SOURCE` then leaves it out. */
  readonly onlyName: string | undefined;
  /** Names the header or parameter that holds the token: its identity source, and what no policy is given. */
  readonly holder: (name: string) => Holder;
  /** Whether the token is all that the header or parameter holds. If not, no cache key holds the token alone. */
  readonly isWhole: boolean;
}

const EVERY_API: readonly Api[] = ["rest", "http", "websocket"];

/** The parts of a request that can carry the token. A new one does not compile until every table has an entry for it. */
export const TOKEN_CARRIERS = {
  header: {
    apis: EVERY_API,
    isCaseSensitive: false,
    onlyName: undefined,
    holder: (name) => ({ from: "header", name }),
    isWhole: true,
  },
  query: {
    apis: EVERY_API,
    isCaseSensitive: true,
    onlyName: undefined,
    holder: (name) => ({ from: "query", name }),
    isWhole: true,
  },
  cookie: {
    apis: EVERY_API,
    isCaseSensitive: true,
    onlyName: undefined,
    holder: () => ({ from: "header", name: "Cookie" }),
    isWhole: false,
  },
  subprotocol: {
    apis: ["websocket"],
    isCaseSensitive: false,
    onlyName: "Sec-WebSocket-Protocol",
    holder: (name) => ({ from: "header", name }),
    isWhole: false,
  },
} as const satisfies Readonly<Record<string, CarrierTraits>>;

export type TokenCarrier = keyof typeof TOKEN_CARRIERS;

/** Looks up the traits of a part of a request that can carry the token. */
export function traitsOfCarrier(from: TokenCarrier): CarrierTraits {
  return TOKEN_CARRIERS[from];
}

/** Tells whether two names stand for one header or parameter. */
export function isSameHolder(one: Holder, other: Holder): boolean {
  if (one.from !== other.from) return false;
  return one.from === "header" ? one.name.toLowerCase() === other.name.toLowerCase() : one.name === other.name;
}

/** Tells whether a text names a part of a request that can carry the token. */
export function isCarrier(text: string): text is TokenCarrier {
  return Object.hasOwn(TOKEN_CARRIERS, text);
}
