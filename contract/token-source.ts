import { err, ok, type Result } from "./result.ts";

/** The part of a request that carries the token. */
export interface TokenSource {
  readonly from: TokenCarrier;
  /** The name of the header or parameter, as written in `TOKEN_SOURCE`. */
  readonly name: string;
}

interface CarrierTraits {
  /** Whether upper and lower case of a name differ. */
  readonly isCaseSensitive: boolean;
  /** Names the identity source of API Gateway that holds the token. */
  readonly identitySource: (name: string) => { readonly from: "header" | "query"; readonly name: string };
  /** The value of `in` of an OpenAPI security scheme. */
  readonly openApiIn: "header" | "query" | "cookie";
}

/** The parts of a request that can carry a token. A new one does not compile until every table has an entry for it. */
export const TOKEN_CARRIERS = {
  header: {
    isCaseSensitive: false,
    identitySource: (name) => ({ from: "header", name }),
    openApiIn: "header",
  },
  query: {
    isCaseSensitive: true,
    identitySource: (name) => ({ from: "query", name }),
    openApiIn: "query",
  },
} as const satisfies Readonly<Record<string, CarrierTraits>>;

export type TokenCarrier = keyof typeof TOKEN_CARRIERS;

export const DEFAULT_TOKEN_SOURCE: TokenSource = { from: "header", name: "Authorization" };

/** The form of a `TOKEN_SOURCE`, for messages. */
export const TOKEN_SOURCE_FORM = `${Object.keys(TOKEN_CARRIERS)
  .map((carrier) => `${carrier}:<name>`)
  .join(" or ")}, like ${formatTokenSource(DEFAULT_TOKEN_SOURCE)}`;

/**
 * Parses `TOKEN_SOURCE`: `header:<name>` or `query:<name>`. If the variable is not set, it is the header Authorization.
 *
 * @returns The source, or a line that says what the variable must be.
 * @see RFC 9110, section 5.6.2 (token), for the names of headers
 */
export function parseTokenSource(text: string | undefined): Result<TokenSource, string> {
  if (text === undefined) return ok(DEFAULT_TOKEN_SOURCE);
  const [, from = "", name = ""] = /^([a-z]+):([\w!#$%&'*+.^`|~-]+)$/.exec(text) ?? [];
  return isCarrier(from) ? ok({ from, name }) : err(`TOKEN_SOURCE: must be ${TOKEN_SOURCE_FORM}`);
}

/** Formats a source for `TOKEN_SOURCE`; the inverse of {@link parseTokenSource}. */
export function formatTokenSource({ from, name }: TokenSource): string {
  return `${from}:${name}`;
}

/** Tells whether two sources name the same part of a request. */
export function isSameTokenSource(one: TokenSource, other: TokenSource): boolean {
  if (one.from !== other.from) return false;
  if (TOKEN_CARRIERS[one.from].isCaseSensitive) return one.name === other.name;
  return one.name.toLowerCase() === other.name.toLowerCase();
}

/**
 * Tells whether a header or query parameter carries the token. What API Gateway has as one identity source is one part of
 * the request, so that this is right for a carrier which is a part of a header, too.
 */
export function carriesToken(source: TokenSource, from: "header" | "query", name: string): boolean {
  const carrier = TOKEN_CARRIERS[source.from].identitySource(source.name);
  if (carrier.from !== from) return false;
  return from === "header" ? carrier.name.toLowerCase() === name.toLowerCase() : carrier.name === name;
}

function isCarrier(text: string): text is TokenCarrier {
  return Object.hasOwn(TOKEN_CARRIERS, text);
}
