import { expect, it } from "vitest";
import { parseDeclaredClaims } from "../../../../build/policy/declared-claims.ts";

it("claims of all issuers are declared", () => {
  expect(parseDeclaredClaims("# our claims\nissuers:\n  staff: [custom:tenant]\n  partners:\n    - roles\n")).toEqual({
    claims: ["custom:tenant", "roles"],
    issuers: new Map([
      ["staff", ["custom:tenant"]],
      ["partners", ["roles"]],
    ]),
    problems: [],
  });
});

it.each([
  ["nothing", "", 1, /^the file has no issuers; write `issuers:`/],
  ["another key", "issuers:\n  staff: [a]\nclaims: [b]\n", 3, /^claims is not a key of this file/],
  ["a list of issuers", "issuers:\n  - staff\n", 2, /^issuers is not an object/],
  ["an issuer without a list", "issuers:\n  staff: [a]\n  partners: b\n", 3, /^partners has no list of claims/],
  ["a number", "issuers:\n  staff:\n    - a\n    - 7\n", 4, /^the claims of staff are not all texts/],
  ["a mistake in the YAML", "issuers:\n  staff: [a]\n partners: [b]\n", 3, /^this is not YAML: /],
])("a declaration with %s is a problem, and every claim is taken as unknown", (_, text, line, message) => {
  expect(parseDeclaredClaims(text)).toEqual({
    claims: undefined,
    issuers: new Map(),
    problems: [
      { code: "claims.malformed", file: "policies/claims.yaml", line, message: expect.stringMatching(message) },
    ],
  });
});
