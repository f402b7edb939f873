import type { Api } from "./api-kinds.ts";
import { err, ok, type Result } from "./result.ts";
import {
  type Holder,
  isCarrier,
  isSameHolder,
  TOKEN_CARRIERS,
  type TokenCarrier,
  traitsOfCarrier,
} from "./token-carriers.ts";

/** A part of a request that can carry the token. */
export interface TokenSource {
  readonly from: TokenCarrier;
  /** The name of the header, parameter or cookie, as written in `TOKEN_SOURCE`. */
  readonly name: string;
}

/** The sources if `TOKEN_SOURCE` is not set. */
export const DEFAULT_TOKEN_SOURCES: readonly TokenSource[] = [{ from: "header", name: "Authorization" }];

const CARRIERS = Object.keys(TOKEN_CARRIERS) as readonly TokenCarrier[];

const FORMS = CARRIERS.map((from) => (traitsOfCarrier(from).onlyName === undefined ? `${from}:<name>` : from));

/** The form of a `TOKEN_SOURCE`, for messages. */
const TOKEN_SOURCE_FORM = `${FORMS.slice(0, -1).join(", ")} or ${FORMS.at(-1)}, like ${formatTokenSources(DEFAULT_TOKEN_SOURCES)}; or several with commas and no spaces between them, of which a request must have exactly one`;

/**
 * Parses `TOKEN_SOURCE`: `header:<name>`, `query:<name>`, `cookie:<name>`, `subprotocol`, or several of them with commas. If
 * the variable is not set, it is the header Authorization.
 *
 * @param setting - The name of the setting as messages begin with it.
 * @returns The sources, at least one; or a line that says what the setting must be. It repeats no value.
 * @see RFC 9110, section 5.6.2 (token), for the names of headers; RFC 6265, section 4.1.1, for those of cookies
 */
export function parseTokenSources(
  text: string | undefined,
  setting = "TOKEN_SOURCE:",
): Result<readonly TokenSource[], string> {
  if (text === undefined) return ok(DEFAULT_TOKEN_SOURCES);
  const sources: TokenSource[] = [];
  for (const part of text.split(",")) {
    const source = parseOne(part);
    if (source === undefined) return err(`${setting} must be ${TOKEN_SOURCE_FORM}`);
    if (sources.some((other) => overlaps(source, other)))
      return err(`${setting} names the same part of a request twice; name each once`);
    sources.push(source);
  }
  return ok(sources);
}

function parseOne(text: string): TokenSource | undefined {
  const [, from = "", name] = /^([a-z]+)(?::([\w!#$%&'*+.^`|~-]+))?$/.exec(text) ?? [];
  if (!isCarrier(from)) return undefined;
  const { onlyName } = traitsOfCarrier(from);
  if ((name === undefined) !== (onlyName !== undefined)) return undefined;
  return { from, name: onlyName ?? name ?? "" };
}

/** Formats sources for `TOKEN_SOURCE`; the inverse of {@link parseTokenSources}. */
export function formatTokenSources(sources: readonly TokenSource[]): string {
  const format = ({ from, name }: TokenSource) =>
    traitsOfCarrier(from).onlyName === undefined ? `${from}:${name}` : from;
  return sources.map(format).join(",");
}

/** Tells whether two lists name the same parts of a request, in any order. */
export function areSameTokenSources(ones: readonly TokenSource[], others: readonly TokenSource[]): boolean {
  return ones.length === others.length && ones.every((one) => others.some((other) => isSame(one, other)));
}

/** Lists the sources that requests to a kind of API can have. */
export function sourcesOn(api: Api, sources: readonly TokenSource[]): readonly TokenSource[] {
  return sources.filter(({ from }) => traitsOfCarrier(from).apis.includes(api));
}

const NAMES: Readonly<Record<Api, string>> = { rest: "a REST API", http: "an HTTP API", websocket: "a WebSocket API" };

/** Finds out that no request to a kind of API can have the token where the sources say; gives undefined if one can. */
export function findUnusableSources(api: Api, sources: readonly TokenSource[]): string | undefined {
  if (sourcesOn(api, sources).length > 0) return undefined;
  return `no request to ${NAMES[api]} can have the token there; name a header, a query parameter or a cookie, too`;
}

/**
 * Tells whether a cache key can hold the token. API Gateway refuses a request that lacks one of the identity sources, so
 * there must be one source, and it must be a whole header or parameter.
 */
export function fitsCacheKey(api: Api, sources: readonly TokenSource[]): boolean {
  const [one, ...others] = sourcesOn(api, sources);
  return one !== undefined && others.length === 0 && traitsOfCarrier(one.from).isWhole;
}

/** Finds the header or parameter that holds a source. */
export function holderOf({ from, name }: TokenSource): Holder {
  return traitsOfCarrier(from).holder(name);
}

/** Tells whether a header or query parameter carries a token, as a whole or in part. */
export function carriesToken(sources: readonly TokenSource[], from: "header" | "query", name: string): boolean {
  return sources.some((source) => isSameHolder(holderOf(source), { from, name }));
}

function isSame(one: TokenSource, other: TokenSource): boolean {
  if (one.from !== other.from) return false;
  if (traitsOfCarrier(one.from).isCaseSensitive) return one.name === other.name;
  return one.name.toLowerCase() === other.name.toLowerCase();
}

/** Tells whether two sources are the same, or one is the whole header that holds the other. */
function overlaps(one: TokenSource, other: TokenSource): boolean {
  const isWhole = traitsOfCarrier(one.from).isWhole || traitsOfCarrier(other.from).isWhole;
  return isSame(one, other) || (isWhole && isSameHolder(holderOf(one), holderOf(other)));
}
