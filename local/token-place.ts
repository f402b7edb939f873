import type { TokenCarrier } from "../contract/token-carriers.ts";
import { sourcesOn, type TokenSource } from "../contract/token-source.ts";
import type { LocalKind } from "./api.ts";

/** The parts of a request that carry its token. */
export interface TokenPlace {
  readonly headers: readonly (readonly [string, string])[];
  /** Without its question mark. */
  readonly query: string;
}

/** Puts a token where requests have it: into the first source that requests to this kind of API can have. */
export function placeToken(kind: LocalKind, sources: readonly TokenSource[], token: string): TokenPlace {
  const [source] = sourcesOn(kind, sources);
  return { headers: [], query: "", ...(source && PLACES[source.from](source.name, token)) };
}

const PLACES: Readonly<Record<TokenCarrier, (name: string, token: string) => Partial<TokenPlace>>> = {
  header: (name, token) => ({ headers: [[name, `Bearer ${token}`]] }),
  query: (name, token) => ({ query: `${encodeURIComponent(name)}=${token}` }),
  cookie: (name, token) => ({ headers: [["Cookie", `${name}=${token}`]] }),
  subprotocol: (name, token) => ({ headers: [[name, `bearer, ${token}`]] }),
};
