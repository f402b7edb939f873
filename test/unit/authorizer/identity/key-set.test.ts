import { generateKeyPairSync } from "node:crypto";
import { exportJWK, generateKeyPair } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { parseKeySet } from "../../../../authorizer/identity/key-set.ts";

let good: Readonly<Record<string, unknown>>;
beforeAll(async () => {
  const { publicKey } = await generateKeyPair("RS256");
  good = { ...(await exportJWK(publicKey)), kid: "good", alg: "RS256", use: "sig" };
});

function kidsIn(value: unknown): readonly string[] | undefined {
  const set = parseKeySet(value);
  return set && [...set.keys()];
}

describe("parseKeySet", () => {
  it("reads the keys of a set by their ids", () => {
    expect(kidsIn({ keys: [good, { ...good, kid: "second" }] })).toEqual(["good", "second"]);
  });

  it("accepts a key without algorithm and use", () => {
    expect(kidsIn({ keys: [{ kty: good["kty"], n: good["n"], e: good["e"], kid: "bare" }] })).toEqual(["bare"]);
  });

  it("reads the valid keys beside one that can't be used", () => {
    expect(kidsIn({ keys: [null, 7, { kty: "RSA" }, good] })).toEqual(["good"]);
  });

  it("leaves out two keys with one id", () => {
    const set = parseKeySet({ keys: [{ ...good, kid: "twin" }, good, { ...good, kid: "twin" }] });
    expect([set?.get("twin"), typeof set?.get("good")]).toEqual(["ambiguous", "object"]);
  });

  it("accepts a key for verifying, and a hundred of them", () => {
    expect(kidsIn({ keys: [{ ...good, key_ops: ["verify"] }] })).toEqual(["good"]);
    const keys = [...Array(101).keys()].map((at) => ({ ...good, kid: `key-${at}` }));
    expect(kidsIn({ keys: keys.slice(1) })).toHaveLength(100);
    expect(kidsIn({ keys })).toBeUndefined();
  });

  it.each([
    ["no id", () => ({ ...good, kid: undefined })],
    ["an id that is a number", () => ({ ...good, kid: 7 })],
    ["another use", () => ({ ...good, use: "enc" })],
    ["operations other than verifying", () => ({ ...good, key_ops: ["encrypt"] })],
    ["operations that are not a list", () => ({ ...good, key_ops: "verify" })],
    ["another algorithm", () => ({ ...good, alg: "RS512" })],
    ["another type", () => ({ kty: "oct", k: "c2VjcmV0", kid: "good" })],
    ["no modulus", () => ({ ...good, n: undefined })],
    [
      "1024 bits",
      () => ({
        ...generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey.export({ format: "jwk" }),
        kid: "good",
      }),
    ],
    ["another type, with the numbers of an RSA key", () => ({ ...good, kty: "EC" })],
    ["an exponent that is a number", () => ({ ...good, e: 65537 })],
    ["exponent one", () => ({ ...good, e: "AQ" })],
  ])("leaves out a key with %s", (_, key) => {
    expect(parseKeySet({ keys: [key()] })).toBeUndefined();
  });

  it.each([null, undefined, "", 7, [], {}, { keys: {} }, { keys: [] }])("refuses the key set %j", (value) => {
    expect(parseKeySet(value)).toBeUndefined();
  });
});
