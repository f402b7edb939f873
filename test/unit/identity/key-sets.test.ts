import { beforeAll, describe, expect, it } from "vitest";
import { parseKeySet } from "../../../authorizer/identity/key-set.ts";
import { createKeySets } from "../../../authorizer/identity/key-sets.ts";
import type { TrustedIssuer } from "../../../authorizer/identity/trusted-issuer.ts";
import { createTestIssuer, type TestIssuer } from "../../support/tokens.ts";

const ISSUER: TrustedIssuer = {
  issuer: "https://login.example.com",
  jwksUri: "https://login.example.com/keys",
  audience: ["api"],
  tokenUse: undefined,
  groupsClaim: undefined,
};

let keys: TestIssuer["jwks"];
beforeAll(async () => {
  keys = (await createTestIssuer(ISSUER.issuer)).jwks;
});

/** A world in which the issuer answers what it is told to, and counts; time stands still until it is moved. */
function createWorld() {
  const world = { answer: (): Promise<unknown> => Promise.resolve(keys), fetches: 0, nowMs: 0 };
  const fetchKeySet = () => {
    world.fetches += 1;
    return world.answer();
  };
  const findKey = createKeySets(fetchKeySet, () => world.nowMs, new Map());
  const codeOf = async (kid: string) => {
    const key = await findKey(ISSUER, kid);
    return key.ok ? "found" : key.error;
  };
  return { world, codeOf };
}

describe("the key set of an issuer", () => {
  it("is fetched for the first token, and only then", async () => {
    const { world, codeOf } = createWorld();
    const kid = String(keys.keys[0]?.kid);
    expect([await codeOf(kid), await codeOf(kid), world.fetches]).toEqual(["found", "found", 1]);
  });

  it("is fetched once for tokens that come at once", async () => {
    const { world, codeOf } = createWorld();
    const kid = String(keys.keys[0]?.kid);
    const codes = await Promise.all([codeOf(kid), codeOf(kid), codeOf("unknown")]);
    expect([...codes, world.fetches]).toEqual(["found", "found", "token.key_unknown", 1]);
  });

  it("is not fetched at all if it was packed", async () => {
    const packed = new Map([[ISSUER.issuer, parseKeySet(keys) ?? new Map()]]);
    const findKey = createKeySets(
      () => Promise.reject(new Error("never")),
      () => 0,
      packed,
    );
    expect(await findKey(ISSUER, String(keys.keys[0]?.kid))).toMatchObject({ ok: true });
  });

  it("is fetched again for an unknown key, but not at once", async () => {
    const { world, codeOf } = createWorld();
    expect(await codeOf("new")).toBe("token.key_unknown");
    expect(await codeOf("new")).toBe("keys.cooling_down");
    world.nowMs = 10_000;
    world.answer = () => Promise.resolve({ keys: [{ ...keys.keys[0], kid: "new" }] });
    expect([await codeOf("new"), world.fetches]).toEqual(["found", 2]);
  });

  it("is kept while the issuer is down", async () => {
    const { world, codeOf } = createWorld();
    const kid = String(keys.keys[0]?.kid);
    await codeOf(kid);
    world.nowMs = 10_000;
    world.answer = () => Promise.reject(new Error("down"));
    expect([await codeOf("new"), await codeOf(kid)]).toEqual(["keys.unavailable", "found"]);
  });

  it.each([null, {}, { keys: [] }, "<html>"])("is unavailable if the issuer answers %j", async (answer) => {
    const { world, codeOf } = createWorld();
    world.answer = () => Promise.resolve(answer);
    expect(await codeOf(String(keys.keys[0]?.kid))).toBe("keys.unavailable");
  });
});
