import { describe, expect, it } from "vitest";
import { toCaller } from "../../../../analysis/requests/caller.ts";
import { readTrustedIssuers } from "../../../../analysis/requests/issuers.ts";

describe("a caller", () => {
  const COGNITO = { iss: "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_A", sub: "s", client_id: "c", exp: 1 };

  it("of a token of Cognito is a user or a machine as the authorizer says", () => {
    const kindOf = (claims: object) => {
      const read = toCaller({ from: "token", header: {}, claims: { ...COGNITO, ...claims } }, undefined, undefined);
      return read.ok && read.value.kind === "caller" ? read.value.caller.kind : read;
    };
    expect(kindOf({ token_use: "access", username: "u" })).toBe("user");
    expect(kindOf({ token_use: "access", sub: "c" })).toBe("machine");
    expect(kindOf({ token_use: "access" })).toBeUndefined();
  });

  it("of claims has nothing that the claims lack", () => {
    const read = toCaller({ from: "claims", claims: { iss: COGNITO.iss, "custom:a": "1" } }, undefined, undefined);
    expect(read.ok && read.value.kind === "caller" ? read.value.caller.claims : read).toEqual({
      iss: COGNITO.iss,
      "custom:a": "1",
    });
  });

  it("of a token that the policy's kind of token excludes is refused", () => {
    const claims = { ...COGNITO, token_use: "access", username: "u" };
    const read = (use: "id" | "access") => toCaller({ from: "token", header: {}, claims }, undefined, use);
    expect(read("id")).toMatchObject({ value: { kind: "refused", code: "token.use_refused" } });
    expect(read("access")).toMatchObject({ value: { kind: "caller" } });
  });

  it("of another issuer has the groups and the kind that the settings find", () => {
    const setting = {
      ...{ name: "staff", issuer: "https://login.example", audience: ["api"], jwksUri: "https://login.example/keys" },
      ...{ groupsClaim: ["realm", "groups"], users: [{ claim: "amr", present: true }] },
    };
    const issuers = readTrustedIssuers(JSON.stringify([setting]), "", undefined);
    if (!issuers.ok) throw new Error(issuers.error.join());
    const claims = { realm: { groups: ["Support"] }, amr: ["pwd"] };
    const token = { ...claims, iss: setting.issuer, sub: "s", aud: "api", exp: 1 };
    const expected = {
      value: {
        kind: "caller",
        caller: {
          kind: "user",
          issuer_name: "staff",
          claims: expect.objectContaining({ "cognito:groups": ["Support"] }),
        },
      },
    };
    expect(toCaller({ from: "claims", claims }, issuers.value, undefined)).toMatchObject(expected);
    const readToken = (changes: object) =>
      toCaller({ from: "token", header: {}, claims: { ...token, ...changes } }, issuers.value, undefined);
    expect(readToken({})).toMatchObject(expected);
    expect(readToken({ aud: "other" })).toMatchObject({ value: { kind: "refused", code: "token.client_refused" } });
    expect(readToken({ iss: "https://other.example" })).toMatchObject({ value: { code: "token.issuer_unknown" } });
    expect(readToken({ events: {} })).toMatchObject({ value: { code: "token.wrong_purpose" } });
  });

  it("of a token that has expired or is not verified gets a note", () => {
    const claims = { ...COGNITO, token_use: "access", username: "u" };
    const read = toCaller({ from: "token", header: {}, claims }, undefined, undefined);
    expect(read.ok && read.value.notes).toEqual([
      expect.stringContaining("decoded, not verified"),
      expect.stringContaining("expired at 1970-01-01T00:00:01.000Z"),
      expect.stringContaining("no trusted issuers are set"),
    ]);
  });
});
