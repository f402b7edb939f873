// Readers of headers that hold more than a token.

/**
 * Lists the values of a cookie. Whatever two parsers could read as that cookie counts, so that the caller sees two values
 * and refuses both.
 *
 * Payload 2.0 lists cookies and leaves out the header. If an event has both views, a value that only one has counts too.
 *
 * @param headers - The values of the header `Cookie`.
 * @param listed - The cookies as payload 2.0 has them.
 * @see RFC 6265, sections 4.2.1 (syntax) and 5.3 (names are compared with their letter case)
 */
export function readCookies(headers: readonly string[], listed: readonly string[], name: string): readonly string[] {
  const views = [headers, listed].map((texts) => texts.flatMap((text) => valuesOfCookie(text, name)));
  const [longer = [], shorter = []] = views.toSorted((one, other) => other.length - one.length);
  return [...longer, ...shorter.filter((value) => !longer.includes(value))];
}

function valuesOfCookie(text: string, name: string): readonly string[] {
  return text.split(";").flatMap((pair) => {
    if (nameOf(pair) === name) return [unquoted(pair.slice(pair.indexOf("=") + 1).trim())];
    // An HTTP API joins repeated headers with a comma, and old parsers end a cookie there. With its comma the value is refused.
    const [, ...joined] = pair.split(",");
    return joined.some((part) => nameOf(part) === name) ? [pair] : [];
  });
}

function nameOf(pair: string): string | undefined {
  const at = pair.indexOf("=");
  return at < 0 ? undefined : pair.slice(0, at).trim();
}

/** Removes the quotes that a cookie's value may have around it. */
function unquoted(value: string): string {
  return /^"([^"]*)"$/.exec(value)?.[1] ?? value;
}

/**
 * Lists the tokens among the subprotocols that a client offers: each is the one after `bearer`. A `bearer` without one
 * counts as a value which is malformed.
 *
 * @param headers - The values of `Sec-WebSocket-Protocol`, such as `bearer, <token>`.
 * @see RFC 6455, section 11.3.4
 */
export function readOfferedTokens(headers: readonly string[]): readonly string[] {
  const offered = headers.flatMap((text) => text.split(",")).map((text) => text.trim());
  return offered.flatMap((protocol, at) => {
    if (protocol.toLowerCase() !== "bearer") return [];
    const token = offered[at + 1];
    return [token === undefined || token === "" ? protocol : token];
  });
}
