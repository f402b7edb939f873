import { describe, expect, it } from "vitest";
import { type PathForm, parseCanonicalPath } from "../../../../authorizer/gateway/canonical-path.ts";

const ACCEPTED: readonly (readonly [PathForm, string, string])[] = [
  ["encoded", "/", "/"],
  ["encoded", "/home", "/home"],
  ["encoded", "/a/b/c", "/a/b/c"],
  ["encoded", "/space%20value", "/space value"],
  ["encoded", "/caf%C3%A9", "/café"],
  ["encoded", "/user@example.com", "/user@example.com"],
  ["encoded", "/a+b", "/a+b"],
  ["encoded", "/a:b/c", "/a:b/c"],
  ["encoded", "/...", "/..."],
  ["encoded", "/.well-known", "/.well-known"],
  ["encoded", "/$metadata", "/$metadata"],
  ["encoded", "/%7Bid%7D", "/{id}"],
  ["decoded", "/", "/"],
  ["decoded", "/space value", "/space value"],
  ["decoded", "/café", "/café"],
  ["decoded", "/a+b", "/a+b"],
];

const REFUSED: readonly (readonly [PathForm, string, string])[] = [
  ["encoded", "", "nothing"],
  ["encoded", "home", "no leading slash"],
  ["encoded", "//home", "an empty first segment"],
  ["encoded", "/a//b", "an empty segment"],
  ["encoded", "/home/", "a trailing slash"],
  ["encoded", "/a/./b", "a dot segment"],
  ["encoded", "/a/../b", "a double-dot segment"],
  ["encoded", "/a/%2e%2e/b", "an encoded double-dot segment"],
  ["encoded", "/a/.%2E/b", "a half encoded one"],
  ["encoded", "/%61dmin", "an encoded letter"],
  ["encoded", "/%7Ehome", "an encoded tilde"],
  ["encoded", "/a%2Fb", "an encoded slash"],
  ["encoded", "/a%5Cb", "an encoded backslash"],
  ["encoded", "/a\\b", "a backslash"],
  ["encoded", "/a%252Fb", "a doubly encoded slash"],
  ["encoded", "/a%25", "an encoded percent sign"],
  ["encoded", "/%", "an escape cut short"],
  ["encoded", "/%zz", "a malformed escape"],
  ["encoded", "/%ff", "a byte that is not UTF-8"],
  ["encoded", "/%c0%ae", "an overlong dot"],
  ["encoded", "/%ed%a0%80", "an encoded surrogate"],
  ["encoded", "/a%00b", "a NUL"],
  ["encoded", "/a%0d%0ab", "a line end"],
  ["encoded", "/a%7F", "a DEL"],
  ["encoded", "/a*", "a star"],
  ["encoded", "/a%2A", "an encoded star"],
  ["encoded", "/a%3Fb", "an encoded question mark"],
  ["encoded", "/a%23b", "an encoded hash"],
  ["encoded", "/a;b=1", "a matrix parameter"],
  ["encoded", "/$%7Baws:username%7D", "a policy variable"],
  ["encoded", "/\ud800", "a lone surrogate"],
  ["decoded", "/a%20b", "a percent sign outside an escape"],
  ["decoded", "/a//b", "an empty segment"],
  ["decoded", "/a/../b", "a double-dot segment"],
  ["decoded", "/home/", "a trailing slash"],
  ["decoded", "/a?b", "a question mark"],
  ["decoded", "/a#b", "a hash"],
  ["decoded", "/a*b", "a star"],
  ["decoded", "/${aws:username}", "a policy variable"],
  ["decoded", "/a\u0000", "a NUL"],
  ["decoded", "/a\u0085b", "a control character beyond ASCII"],
];

describe("parseCanonicalPath", () => {
  it.each(ACCEPTED)("accepts the %s path %s", (form, text, path) => {
    expect(parseCanonicalPath(text, form)).toEqual({ ok: true, value: path });
  });

  it.each(REFUSED)("refuses the %s path %j: %s", (form, text) => {
    expect(parseCanonicalPath(text, form)).toEqual({ ok: false, error: "path.not_canonical" });
  });

  it("distinguishes characters that only look alike", () => {
    const composed = parseCanonicalPath("/caf%C3%A9", "encoded");
    const combined = parseCanonicalPath("/cafe%CC%81", "encoded");
    expect(composed).not.toEqual(combined);
  });
});
