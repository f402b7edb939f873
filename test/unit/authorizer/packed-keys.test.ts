import { describe, expect, it } from "vitest";
import { toTrustedIssuers } from "../../../authorizer/identity/trusted-issuer.ts";
import { areUsable, parsePackedKeySets, toKeySets } from "../../../authorizer/packed-keys.ts";
import { parseTrustedIssuers } from "../../../contract/trusted-issuers.ts";
import { createTestIssuer } from "../../support/tokens.ts";

const [ONE, TWO] = ["https://one.example.com", "https://two.example.com"];
const [rsa, ec] = [createTestIssuer(ONE), createTestIssuer(TWO, "ES256")];

function read(packed: unknown, algorithmsOfTwo?: readonly string[]) {
  const settings = parseTrustedIssuers(
    JSON.stringify([
      { issuer: ONE, audience: ["api"], jwksUri: ONE },
      { issuer: TWO, audience: ["api"], jwksUri: TWO, algorithms: algorithmsOfTwo },
    ]),
  );
  if (!settings.ok) throw new Error(settings.error.join());
  return toKeySets(parsePackedKeySets(packed) ?? new Map(), toTrustedIssuers(settings.value));
}

describe("packed key sets", () => {
  it("are read by the algorithms of their issuers", () => {
    const keySets = read({ [ONE]: rsa.jwks, [TWO]: ec.jwks }, ["EdDSA", "ES256"]);
    const sets = [ONE, TWO].map((issuer) => (keySets.ok ? keySets.value.get(issuer) : undefined));
    const algorithms = sets.flatMap((set) => [...(set?.values() ?? [])]);
    expect(algorithms).toMatchObject([{ alg: "RS256" }, { alg: "ES256" }]);
  });

  it("stop the start if an issuer's keys are for none of its algorithms, with all such issuers", () => {
    const keySets = read({ [ONE]: ec.jwks, [TWO]: ec.jwks });
    const line = (issuer: string) =>
      `key-sets.json: no key of ${issuer} is for one of its algorithms, which are RS256; set algorithms in TRUSTED_ISSUERS to what the issuer signs with, or pack its present keys`;
    expect(keySets).toEqual({ ok: false, error: [line(ONE), line(TWO)] });
  });

  it("may be there for issuers that are not trusted", () => {
    const keySets = read({ "https://other.example.com": rsa.jwks });
    expect(keySets.ok && keySets.value.get("https://other.example.com")).toBeUndefined();
  });

  it("are packed if some algorithm can use a key of each", () => {
    const usable = [{}, { [ONE]: rsa.jwks }, { [ONE]: ec.jwks, [TWO]: rsa.jwks }];
    const unusable = [{ [ONE]: { keys: [] } }, { [ONE]: rsa.jwks, [TWO]: null }, { [ONE]: { keys: [{ kty: "oct" }] } }];
    const verdicts = [...usable, ...unusable].map((value) => areUsable(parsePackedKeySets(value) ?? new Map()));
    expect(verdicts).toEqual([true, true, true, false, false, false]);
    expect([[], null, "x"].map(parsePackedKeySets)).toEqual([undefined, undefined, undefined]);
  });
});
