import { constants, createHmac, type KeyObject, sign as signBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type KeySet, parseKeySet } from "../../../../authorizer/identity/key-set.ts";
import { createKeySets } from "../../../../authorizer/identity/key-sets.ts";
import { toTrustedIssuers } from "../../../../authorizer/identity/trusted-issuer.ts";
import { createVerify } from "../../../../authorizer/identity/verify.ts";
import { ALGORITHMS, type AlgorithmName } from "../../../../contract/algorithms.ts";
import { err } from "../../../../contract/result.ts";
import { parseTrustedIssuers } from "../../../../contract/trusted-issuers.ts";
import { createKeyPair, signAs } from "../../../support/tokens.ts";

const ISSUER = "https://login.example.com";
const NAMES = Object.keys(ALGORITHMS) as AlgorithmName[];

/** The kinds of keys, each with the algorithms that can sign with them; written out, since the table is what is tested. */
const KEY_KINDS: Readonly<Record<string, readonly AlgorithmName[]>> = {
  RSA: ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
  "P-256": ["ES256"],
  "P-384": ["ES384"],
  "P-521": ["ES512"],
  Ed25519: ["EdDSA"],
};
const kindOf = (name: AlgorithmName) => Object.keys(KEY_KINDS).find((kind) => KEY_KINDS[kind]?.includes(name)) ?? "";
const PAIRS = new Map(
  Object.entries(KEY_KINDS).map(([kind, [name = "RS256"]]) => [kind, createKeyPair(name)] as const),
);
const pairOf = (name: AlgorithmName) => PAIRS.get(kindOf(name)) ?? createKeyPair(name);

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
const nowS = Math.floor(Date.now() / 1000);
const claims = encode({ iss: ISSUER, aud: "api", sub: "me", iat: nowS, exp: nowS + 3600 });

function tokenOf(header: object, sign: (data: Buffer) => Buffer): string {
  const data = `${encode(header)}.${claims}`;
  return `${data}.${sign(Buffer.from(data)).toString("base64url")}`;
}

const jwkOf = (name: AlgorithmName, change: object = {}) => ({
  ...pairOf(name).publicKey.export({ format: "jwk" }),
  kid: kindOf(name),
  ...change,
});

/** Creates the verification of an issuer that signs with some algorithms. */
function verifierOf(algorithms: readonly string[] | undefined, keys: readonly object[]) {
  const entry = { issuer: ISSUER, audience: ["api"], jwksUri: `${ISSUER}/keys`, algorithms };
  const settings = parseTrustedIssuers(JSON.stringify([entry]));
  if (!settings.ok) throw new Error(settings.error.join());
  const issuers = toTrustedIssuers(settings.value);
  const keySet = parseKeySet({ keys }, issuers.get(ISSUER)?.algorithms);
  const findKey = createKeySets(
    { fetchKeySet: async () => err("unreachable" as const), nowMs: () => 0, report: () => {} },
    new Map<string, KeySet>(keySet && [[ISSUER, keySet]]),
  );
  const verify = createVerify(issuers, findKey, { maxLifetimeS: 86_400, toleranceS: 0 });
  return async (token: string) => {
    const principal = await verify(token);
    return principal.ok ? "accepted" : principal.error;
  };
}

/** Signatures that a key can make, by the name of the algorithm where it is one. */
function signaturesBy(name: AlgorithmName): Readonly<Record<string, (data: Buffer) => Buffer>> {
  const { privateKey: key } = pairOf(name);
  const hmac = (data: Buffer) =>
    createHmac("sha256", pairOf(name).publicKey.export({ type: "spki", format: "pem" }))
      .update(data)
      .digest();
  const proper = (KEY_KINDS[kindOf(name)] ?? []).map((own) => [own, (data: Buffer) => signAs(own, data, key)] as const);
  const pss = (saltLength: number) => (data: Buffer) =>
    signBytes("sha256", data, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength });
  const raw = (digest: string) => (data: Buffer) => signBytes(digest, data, { key, dsaEncoding: "ieee-p1363" });
  const others = {
    RSA: { "salt of 0": pss(0), "salt of 20": pss(20), "salt of 31": pss(31), "salt of 100": pss(100) },
    EC: { "in DER": (data: Buffer) => signBytes(`sha${name.slice(2)}`, data, key), "over SHA-1": raw("sha1") },
    OKP: { "cut short": (data: Buffer) => signBytes(null, data, key).subarray(0, 63) },
  }[ALGORITHMS[name].keyType];
  return { ...Object.fromEntries(proper), ...others, zeros: zeros(key), hmac };
}

function zeros(key: KeyObject) {
  return (data: Buffer) => Buffer.alloc(signBytes(null, data, { key, dsaEncoding: "ieee-p1363" }).length);
}

describe("the algorithm of a token", () => {
  it.each(NAMES)("is %s, alone, for a key of an issuer that is trusted with it", async (name) => {
    const headers = [
      ...NAMES,
      "Ed25519",
      "Ed448",
      "ES256K",
      "none",
      "HS256",
      "HS512",
      name.toLowerCase(),
      undefined,
      null,
      7,
    ];
    const own = name === "EdDSA" ? ["EdDSA", "Ed25519"] : [name];
    for (const alg of [undefined, ...own]) {
      const verdictOf = verifierOf([name], [jwkOf(name, { alg })]);
      for (const [signature, sign] of Object.entries(signaturesBy(name))) {
        for (const header of headers) {
          const verdict = await verdictOf(tokenOf({ alg: header, kid: kindOf(name) }, sign));
          const isNamed = own.some((one) => one === header);
          const refusal = isNamed ? "token.signature_invalid" : "token.algorithm_refused";
          expect([signature, header, verdict]).toEqual([
            signature,
            header,
            isNamed && signature === name ? "accepted" : refusal,
          ]);
        }
      }
    }
  });

  it.each(NAMES)("%s is refused by default, except RS256", async (name) => {
    const token = tokenOf({ alg: name, kid: kindOf(name) }, (data) => signAs(name, data, pairOf(name).privateKey));
    const verdict = await verifierOf(undefined, [jwkOf(name), jwkOf("RS256", { kid: "other" })])(token);
    expect(verdict).toBe(name === "RS256" ? "accepted" : "token.algorithm_refused");
  });

  it("is the one of the key that its kid names, where an issuer is trusted with several", async () => {
    const listed = ["PS256", "ES256", "ES384", "ES512", "EdDSA"] as const;
    const verdictOf = verifierOf(
      listed,
      listed.map((name) => jwkOf(name)),
    );
    for (const name of listed) {
      for (const other of listed) {
        const token = tokenOf({ alg: name, kid: kindOf(other) }, (data) => signAs(name, data, pairOf(name).privateKey));
        expect([name, other, await verdictOf(token)]).toEqual([
          name,
          other,
          name === other ? "accepted" : "token.algorithm_refused",
        ]);
      }
    }
  });

  it.each(NAMES)("a key that is for another algorithm than %s, by its alg, type or curve, is not used", (name) => {
    for (const alg of [...NAMES, "Ed25519", "none", "HS256", "RSA-OAEP", "", 7, null, [name]]) {
      const isOwn = alg === name || (name === "EdDSA" && alg === "Ed25519");
      expect([alg, parseKeySet({ keys: [jwkOf(name, { alg })] }, [name])?.size]).toEqual([alg, isOwn ? 1 : undefined]);
    }
    for (const other of NAMES) {
      const isSame = kindOf(other) === kindOf(name);
      expect(parseKeySet({ keys: [jwkOf(other)] }, [name])?.size).toBe(isSame ? 1 : undefined);
    }
    for (const change of [{ kty: "oct" }, { kty: undefined }, { x: 7, n: 7 }, { x: "", n: "" }, { x: "AA", e: "AQ" }]) {
      expect(parseKeySet({ keys: [jwkOf(name, change)] }, [name])).toBeUndefined();
    }
    const others = Object.keys(KEY_KINDS).filter((curve) => curve !== kindOf(name));
    for (const crv of name.startsWith("RS") || name.startsWith("PS")
      ? []
      : [...others, "Ed448", "secp256k1", undefined]) {
      expect(parseKeySet({ keys: [jwkOf(name, { crv })] }, [name])).toBeUndefined();
    }
  });
});

describe("the algorithms of an issuer", () => {
  const errorsOf = (
    algorithms: unknown,
    entry: object = { issuer: ISSUER, audience: ["api"], jwksUri: `${ISSUER}/k` },
  ) => {
    const settings = parseTrustedIssuers(JSON.stringify([{ ...entry, algorithms }]));
    return settings.ok ? [] : settings.error;
  };

  it.each([[NAMES.slice(0, 1)], [["PS512", "ES256", "ES384", "ES512", "EdDSA"]], [["EdDSA", "RS384"]], [["ES256"]]])(
    "may be %j",
    (algorithms) => expect(errorsOf(algorithms)).toEqual([]),
  );

  it.each([
    ...[[], "RS256", {}, null, 7, [null], [7], [["RS256"]], ["rs256"], ["RS256 "], ["none"], ["None"], ["HS256"]],
    ...[
      ["HS256", "RS256"],
      ["RS256", "none"],
      ["Ed448"],
      ["Ed25519"],
      ["ES256K"],
      ["RSA-OAEP"],
      ["constructor"],
      ["__proto__"],
    ],
    ...NAMES.filter((name) => kindOf(name) === "RSA" && name !== "RS384").map((name) => ["RS384", name]),
    ...NAMES.map((name) => [name, name]),
  ])("can't be %j", (algorithms) => {
    expect(errorsOf(algorithms)).toEqual([
      "TRUSTED_ISSUERS[0].algorithms: must be a list of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA, if it is given, with one at most of those for RSA keys (RS and PS)",
    ]);
  });

  it("are not a setting of a user pool, which signs with RS256", () => {
    const pool = { userPoolId: "eu-west-1_Sample000", clientIds: ["c"], tokenUse: "any" };
    expect([errorsOf(["RS256"], pool), errorsOf(undefined, pool)]).toEqual([
      ["TRUSTED_ISSUERS[0]: has an unknown key; the keys are name, userPoolId, clientIds, tokenUse, jwksUri"],
      [],
    ]);
  });
});
