import { CONTROL_CHARACTER } from "../../contract/control-characters.ts";
import type { TrailingSlash } from "../../contract/manifest.ts";
import { err, ok, type Result } from "../../contract/result.ts";

/** The form in which a path arrives: percent-encoded from REST APIs, decoded from HTTP APIs. */
export type PathForm = "encoded" | "decoded";

const UNRESERVED_ESCAPE = /%(?:2[DE]|3[0-9]|4[1-9A-F]|5[0-9AF]|6[1-9A-F]|7[0-9AE])/i;
/** Matches paths that are canonical as they arrive in either form, which most are. */
const PLAIN = /^(?:\/[\w~-][\w.~-]*)+$/;
const REFUSED = /[*?#;%\\]|\$\{/;

/**
 * Parses a path into the canonical form that policies are written for. An encoded path is decoded exactly once.
 *
 * It refuses every path that two parsers could read in two ways: with an empty or dot segment, a trailing slash, an encoded
 * unreserved character, or bytes that are not UTF-8; and, after decoding, with a slash, one of `\ % * ? # ;`, `${` or a
 * control character in a segment.
 *
 * @param trailingSlash - With `same`, the canonical form of a path with one slash at its end is the path without it.
 * @see RFC 3986, sections 2.3 (unreserved characters) and 6.2.2 (normalization)
 */
export function parseCanonicalPath(
  text: string,
  form: PathForm,
  trailingSlash: TrailingSlash = "denied",
): Result<string, "path.not_canonical"> {
  if (text === "/" || PLAIN.test(text)) return ok(text);
  if (!text.startsWith("/") || !text.isWellFormed()) return err("path.not_canonical");
  // The slash that is left out has a segment before it, so that `//` stays as it is.
  const whole = trailingSlash === "same" ? text.replace(/(?<=[^/])\/$/, "") : text;
  const segments: string[] = [];
  for (const raw of whole.slice(1).split("/")) {
    const segment = form === "encoded" ? decodedOnce(raw) : raw;
    if (segment === undefined || segment === "" || segment === "." || segment === "..")
      return err("path.not_canonical");
    if (segment.includes("/") || REFUSED.test(segment) || CONTROL_CHARACTER.test(segment))
      return err("path.not_canonical");
    segments.push(segment);
  }
  return ok(`/${segments.join("/")}`);
}

function decodedOnce(segment: string): string | undefined {
  if (!segment.includes("%")) return segment;
  if (UNRESERVED_ESCAPE.test(segment)) return undefined;
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
