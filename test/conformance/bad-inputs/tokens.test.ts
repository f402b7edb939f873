import { constants, createHmac, createSign, generateKeyPairSync, sign as signBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseConfig } from "../../../authorizer/config.ts";
import { parseKeySet } from "../../../authorizer/identity/key-set.ts";
import { type RunningAuthorizer, startAuthorizer } from "../../support/authorizer.ts";
import { changed, createEvent } from "../../support/events.ts";
import { judged } from "../../support/judged.ts";
import { AS_ID_TOKEN, CLIENT_ID, createTestIssuer, type TestIssuer, USER_POOL_ID } from "../../support/tokens.ts";

// Cases 1 to 52: the text of a token, its algorithm and key, its claims. Beside each, the same request with a valid
// token is allowed.

const CUSTOMER = { "cognito:groups": ["Customers"] };

let issuer: TestIssuer;
let authorizer: RunningAuthorizer;
let good: string;
beforeAll(async () => {
  issuer = createTestIssuer();
  authorizer = await startAuthorizer(issuer);
  good = await issuer.sign(CUSTOMER);
});
afterAll(() => authorizer[Symbol.asyncDispose]());

/** Reports the outcomes of a request with this value of its `Authorization` header, and of the control. */
async function ask(authorization: string | undefined, asked = authorizer): Promise<readonly string[]> {
  const event = createEvent("rest-request", undefined);
  const bad = changed(event, {
    "headers.Authorization": authorization,
    "multiValueHeaders.Authorization": authorization === undefined ? undefined : [authorization],
  });
  return [await judged(asked, bad), await judged(authorizer, createEvent("rest-request", good))];
}

function partsOf(token: string): readonly [string, string, string] {
  const [header = "", payload = "", signature = ""] = token.split(".");
  return [header, payload, signature];
}

const encode = (text: string | Buffer) => Buffer.from(text).toString("base64url");
const header = (changes: object = {}) => JSON.stringify({ alg: "RS256", kid: issuer.jwks.keys[0]?.kid, ...changes });
const claims = (changes: object = {}) => JSON.stringify({ ...issuer.usualClaims(), ...CUSTOMER, ...changes });

/** A case: its number, what is wrong, the header's value, and the expected outcome. */
type Case = readonly [number, string, () => string | undefined | Promise<string | undefined>, string];

function all(cases: readonly Case[]): void {
  it.each(cases)("%i. %s", async (_, __, authorization, expected) => {
    expect(await ask(await authorization())).toEqual([expected, "allow"]);
  });
}

const bearer = (token: string | Promise<string>) => Promise.resolve(token).then((text) => `Bearer ${text}`);
const signed =
  (payload: object, head: object = {}) =>
  () =>
    bearer(issuer.sign({ ...CUSTOMER, ...payload }, { ...head }));
const REFUSED = { purpose: "refuse token.wrong_purpose", bound: "refuse token.bound" };
const nowS = () => Math.floor(Date.now() / 1000);

describe("the text of a token", () => {
  all([
    [1, "no header", () => undefined, "refuse token.missing"],
    [1, "an empty header", () => "", "refuse token.missing"],
    [2, "a scheme without a token", () => "Bearer", "refuse token.malformed"],
    [2, "a scheme and spaces", () => "Bearer    ", "refuse token.malformed"],
    [3, "another scheme", () => "Basic dXNlcjpwdw==", "refuse token.malformed"],
    [3, "another scheme with a good token", () => `DPoP ${good}`, "refuse token.malformed"],
    [4, "the scheme in small letters, which is accepted", () => `bearer ${good}`, "allow"],
    [4, "the scheme in capital letters, which is accepted", () => `BEARER ${good}`, "allow"],
    [4, "the bare token, which is accepted", () => good, "allow"],
    ...["\r", "\n", "\t", "\0", "\u00a0", " "].flatMap<Case>((odd) => [
      [
        5,
        `${JSON.stringify(odd)} before the token`,
        () => `Bearer${odd === " " ? "" : " "}${odd}${odd}${good}`,
        odd === " " ? "allow" : "refuse token.malformed",
      ],
      [
        5,
        `${JSON.stringify(odd)} inside the token`,
        () => `Bearer ${good.slice(0, 40)}${odd}${good.slice(40)}`,
        "refuse token.malformed",
      ],
      [5, `${JSON.stringify(odd)} after the token`, () => `Bearer ${good}${odd}`, "refuse token.malformed"],
    ]),
    [6, "two parts", () => bearer(partsOf(good).slice(0, 2).join(".")), "refuse token.malformed"],
    [6, "four parts", () => bearer(`${good}.x`), "refuse token.malformed"],
    [6, "five parts", () => bearer(`${good}.x.y`), "refuse token.malformed"],
    [6, "an empty header", () => bearer(`.${partsOf(good).slice(1).join(".")}`), "refuse token.malformed"],
    [6, "an empty payload", () => bearer([partsOf(good)[0], "", partsOf(good)[2]].join(".")), "refuse token.malformed"],
    [6, "an empty signature", () => bearer(`${partsOf(good).slice(0, 2).join(".")}.`), "refuse token.malformed"],
    [7, "a token of 9 kB", signed({ more: "x".repeat(6_500) }), "refuse token.too_large"],
    [7, "200 kB of dots", () => `Bearer ${".".repeat(200_000)}`, "refuse token.too_large"],
    ...["=", "=="].flatMap<Case>((padding) =>
      [0, 1, 2].map<Case>((at) => [
        8,
        `${padding} after part ${at + 1}`,
        () =>
          bearer(
            partsOf(good)
              .map((part, index) => (index === at ? `${part}${padding}` : part))
              .join("."),
          ),
        "refuse token.malformed",
      ]),
    ),
    [9, "a signature with unused bits set", () => bearer(respelled(good)), "refuse token.malformed"],
    [10, "base64 with + and /", () => bearer(withPlainBase64()), "refuse token.malformed"],
    ...["null", "[]", '"x"', "7", "{", "", " "].map<Case>((text) => [
      11,
      `a header that is ${JSON.stringify(text)}`,
      () => bearer(issuer.signText(text === "" ? "\0" : text, claims())),
      "refuse token.malformed",
    ]),
    [
      11,
      "a header in UTF-16",
      () => bearer(issuer.signText(Buffer.from(header(), "utf16le"), claims())),
      "refuse token.malformed",
    ],
    ...["\ufeff{}", "{/**/}", "{} x", '{"a": NaN}', "{'a': 1}", '{"a": 1,}', "null", "[]", '"x"'].map<Case>((text) => [
      12,
      `a payload that is ${JSON.stringify(text)}`,
      () => bearer(issuer.signText(header(), text.replace("{}", claims()))),
      "refuse token.malformed",
    ]),
    [13, "the JSON serialization", () => bearer(asJson()), "refuse token.repeated"],
    [13, "the JSON serialization, without its comma", () => bearer('{"payload":"x"}'), "refuse token.malformed"],
    [
      14,
      "an encrypted token",
      () => bearer(`${encode('{"alg":"dir","enc":"A256GCM"}')}..aXY.Y2lwaGVy.dGFn`),
      "refuse token.malformed",
    ],
  ]);

  it("7. 200 kB of dots are refused before anything is decoded", async () => {
    const [, control] = await ask(`Bearer ${".".repeat(200_000)}`);
    expect(authorizer.log.at(-2)?.metrics).not.toHaveProperty("timer_token_verify_ns");
    expect(control).toBe("allow");
  });
});

/** Spells the same bytes with another last character: 256 bytes leave four bits of it unused. */
function respelled(token: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return `${token.slice(0, -1)}${alphabet[alphabet.indexOf(token.at(-1) ?? "") + 1]}`;
}

/** Signs a token whose payload has + and / in plain base64, which base64url does not use. */
function withPlainBase64(): string {
  const [head, , signature] = partsOf(good);
  return [
    head,
    Buffer.from(claims({ odd: "\u00ff\u00fe~~~???>>>" }))
      .toString("base64")
      .replaceAll("=", ""),
    signature,
  ].join(".");
}

function asJson(): string {
  const [head, payload, signature] = partsOf(good);
  return JSON.stringify({ payload, signatures: [{ protected: head, signature }] });
}

describe("the algorithm and the key", () => {
  /** Signs the usual claims and a changed header in another way. */
  const signedBy = (changes: object, sign: (data: Buffer) => Buffer | string) => () => {
    const data = `${encode(header(changes))}.${encode(claims())}`;
    return bearer(`${data}.${encode(Buffer.from(sign(Buffer.from(data))))}`);
  };
  const rs256 = (data: Buffer) => signBytes("RSA-SHA256", data, issuer.privateKey);

  all([
    ...["none", "None", "nOnE"].flatMap<Case>((alg) => [
      [
        15,
        `alg ${alg} without a signature`,
        () => bearer(`${encode(header({ alg }))}.${encode(claims())}.`),
        "refuse token.malformed",
      ],
      [15, `alg ${alg} with a signature`, signedBy({ alg }, rs256), "refuse token.algorithm_refused"],
    ]),
    [
      16,
      "HS256 with the JWK as its secret",
      signedBy({ alg: "HS256" }, (data) =>
        createHmac("sha256", JSON.stringify(issuer.jwks.keys[0])).update(data).digest(),
      ),
      "refuse token.algorithm_refused",
    ],
    [
      16,
      "HS256 with the PEM as the secret",
      signedBy({ alg: "HS256" }, (data) => createHmac("sha256", pemOf(issuer)).update(data).digest()),
      "refuse token.algorithm_refused",
    ],
    [
      16,
      "an HS256 signature that says RS256",
      signedBy({}, (data) => createHmac("sha256", pemOf(issuer)).update(data).digest()),
      "refuse token.signature_invalid",
    ],
    [17, "PS256, with the same key", signedBy({ alg: "PS256" }, pss), "refuse token.algorithm_refused"],
    [17, "a PS256 signature that says RS256", signedBy({}, pss), "refuse token.signature_invalid"],
    [
      18,
      "RS512, with the same key",
      signedBy({ alg: "RS512" }, (data) => signBytes("RSA-SHA512", data, issuer.privateKey)),
      "refuse token.algorithm_refused",
    ],
    [
      18,
      "an RS512 signature that says RS256",
      signedBy({}, (data) => signBytes("RSA-SHA512", data, issuer.privateKey)),
      "refuse token.signature_invalid",
    ],
    [20, "ES256, whose signature is RS256", signedBy({ alg: "ES256" }, rs256), "refuse token.algorithm_refused"],
    [22, "no kid", signedBy({ kid: undefined }, rs256), "refuse token.header_refused"],
    [22, "a kid that is a number", signedBy({ kid: 7 }, rs256), "refuse token.header_refused"],
    [22, "a kid that is a list", signedBy({ kid: [issuerKid()] }, rs256), "refuse token.header_refused"],
    [22, "a kid of 8 kB", signedBy({ kid: "k".repeat(6_000) }, rs256), "refuse token.too_large"],
    ...["ES256 signature of zeros", "short", "in DER"].map<Case>((name, at) => [
      23,
      `an ES256 signature: ${name}`,
      signedBy(
        { alg: "ES256" },
        () => [Buffer.alloc(64), Buffer.from("MAYCAQACAQA", "base64"), Buffer.alloc(70, 0x30)][at] ?? "",
      ),
      "refuse token.algorithm_refused",
    ]),
    ...[["exp"], ["b64"], [], "x", null].map<Case>((crit) => [
      28,
      `crit ${JSON.stringify(crit)}`,
      signedBy({ crit, b64: false }, rs256),
      "refuse token.header_refused",
    ]),
    ...["logout+jwt", "dpop+jwt", "secevent+jwt", "jwt ", "", 7, null].map<Case>((typ) => [
      29,
      `typ ${JSON.stringify(typ)}`,
      signedBy({ typ }, rs256),
      "refuse token.header_refused",
    ]),
    ...["JWT", "jwt", "at+jwt", "application/at+jwt", undefined].map<Case>((typ) => [
      29,
      `typ ${typ}, which is accepted`,
      signedBy({ typ }, rs256),
      "allow",
    ]),
    [
      30,
      "alg twice",
      () => bearer(issuer.signText(header().replace("{", '{"alg":"none",'), claims())),
      "refuse token.malformed",
    ],
    [
      30,
      "kid twice, once escaped",
      () => bearer(issuer.signText(header().replace("{", '{"k\\u0069d":"x",'), claims())),
      "refuse token.malformed",
    ],
  ]);

  it.each(["../../dev/null", "' OR 1=1", "__proto__", "constructor", "toString", "a\nb"])(
    "22. a kid that is %j is not found: a refusal, although the key set can't be fetched again",
    async (kid) => {
      await using fresh = await startAuthorizer(issuer, { TRUSTED_ISSUERS: await unreachable() });
      const event = createEvent("rest-request", await issuer.sign(CUSTOMER, { kid }));
      expect(await judged(fresh, event)).toBe("refuse token.key_unknown");
      expect(await judged(fresh, event)).toBe("refuse token.key_unknown");
      expect(await judged(fresh, createEvent("rest-request", good))).toBe("allow");
    },
  );

  it("21. a key, or the URL of one, in the header: neither used nor fetched", async () => {
    let requests = 0;
    const server = createServer((_, response) => {
      requests += 1;
      response.end();
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
    const forger = createTestIssuer();
    for (const own of [{ jwk: forger.jwks.keys[0] }, { jku: url }, { x5u: url }, { x5c: ["MIIB"] }]) {
      expect(await ask(await bearer(forger.sign(CUSTOMER, own)))).toEqual(["refuse token.signature_invalid", "allow"]);
    }
    server.close();
    expect(requests).toBe(0);
  });

  it("19. RS512 with a key that does not say its algorithm", async () => {
    const { alg: _, ...jwk } = issuer.jwks.keys[0] ?? {};
    await using fresh = await startAuthorizer({ ...issuer, jwks: { keys: [jwk] } });
    const rs512 = await signedBy({ alg: "RS512" }, (data) => signBytes("RSA-SHA512", data, issuer.privateKey))();
    expect(await ask(rs512, fresh)).toEqual(["refuse token.algorithm_refused", "allow"]);
    expect(await ask(good, fresh)).toEqual(["allow", "allow"]);
  });

  it("24. a key of 1024 bits is not used", () => {
    const [short, long] = [1024, 2048].map((modulusLength) => {
      const { publicKey } = generateKeyPairSync("rsa", { modulusLength });
      return parseKeySet({ keys: [{ ...publicKey.export({ format: "jwk" }), kid: "k" }] });
    });
    expect([short, long?.has("k")]).toEqual([undefined, true]);
  });

  it("25. a key of exponent one, with which any signature verifies, is not used", () => {
    expect(parseKeySet({ keys: [{ ...issuer.jwks.keys[0], e: "AQ" }] })).toBeUndefined();
  });

  it("26. a key for encryption is not used", () => {
    for (const use of [{ use: "enc" }, { key_ops: ["encrypt"] }]) {
      expect(parseKeySet({ keys: [{ ...issuer.jwks.keys[0], ...use }] })).toBeUndefined();
    }
  });

  it.each([0, 1])("27. two keys with one kid, the right one at place %i: neither is used", async (at) => {
    const other = { ...createTestIssuer().jwks.keys[0], kid: issuerKid() };
    const keys = at === 0 ? [...issuer.jwks.keys, other] : [other, ...issuer.jwks.keys];
    await using fresh = await startAuthorizer({ ...issuer, jwks: { keys } });
    expect(await ask(good, fresh)).toEqual(["refuse token.key_ambiguous", "allow"]);
  });
});

function issuerKid(): string {
  return `key-of-cognito-idp.eu-west-1.amazonaws.com`;
}

function pemOf({ privateKey }: TestIssuer): string {
  return String(privateKey.export({ format: "pem", type: "pkcs8" }));
}

function pss(data: Buffer): Buffer {
  const options = { key: issuer.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
  return createSign("RSA-SHA256").update(data).sign(options);
}

/** Changes the pool to one whose key endpoint can't be reached. */
async function unreachable(): Promise<string> {
  return JSON.stringify([
    { userPoolId: USER_POOL_ID, clientIds: [CLIENT_ID], tokenUse: "any", jwksUri: "http://127.0.0.1:1/keys" },
  ]);
}

describe("the claims", () => {
  const raw = (change: (text: string) => string) => () => bearer(issuer.signText(header(), change(claims())));
  const bytes = (odd: readonly number[]) => () => {
    const [before = "", after = ""] = claims({ odd: "HERE" }).split("HERE");
    return bearer(
      issuer.signText(header(), Buffer.concat([Buffer.from(before), Buffer.from(odd), Buffer.from(after)])),
    );
  };
  const nested = (depth: number) =>
    raw((text) => text.replace("{", `{"deep":${"[".repeat(depth)}${"]".repeat(depth)},`));

  all([
    ...[undefined, null, "4102444800", -1, true, []].map<Case>((exp) => [
      31,
      `exp ${JSON.stringify(exp)}`,
      signedText({ exp }),
      "refuse token.claims_invalid",
    ]),
    [31, "exp 1e300", raw((text) => text.replace(/"exp":\d+/, '"exp":1e300')), "refuse token.lifetime_refused"],
    [31, "exp 1e999", raw((text) => text.replace(/"exp":\d+/, '"exp":1e999')), "refuse token.claims_invalid"],
    [31, "exp in ten years", signed({ exp: nowS() + 315_360_000 }), "refuse token.lifetime_refused"],
    [32, "exp a second ago", () => bearer(issuer.sign({ ...CUSTOMER, exp: nowS() - 1 })), "refuse token.expired"],
    [32, "exp in some seconds", () => bearer(issuer.sign({ ...CUSTOMER, exp: nowS() + 60 })), "allow"],
    [33, "nbf further ahead than clocks", ahead(() => ({ nbf: nowS() + 400 })), "refuse token.not_yet_valid"],
    [33, "nbf ahead by what clocks may differ", ahead(() => ({ nbf: nowS() + 240 })), "allow"],
    [33, "iat further ahead than clocks", ahead(() => ({ iat: nowS() + 400 })), "refuse token.not_yet_valid"],
    [33, "iat ahead by what clocks may differ", ahead(() => ({ iat: nowS() + 240 })), "allow"],
    [33, "nbf in milliseconds", ahead(() => ({ nbf: Date.now() })), "refuse token.not_yet_valid"],
    [33, "iat in milliseconds", ahead(() => ({ iat: Date.now() })), "refuse token.not_yet_valid"],
    [31, "exp in milliseconds", ahead(() => ({ exp: Date.now() + 3_600_000 })), "refuse token.lifetime_refused"],
    [33, "nbf that is a string", signedText({ nbf: "0" }), "refuse token.claims_invalid"],
    [
      33,
      "iat ten years ahead",
      () => bearer(issuer.sign({ ...CUSTOMER, iat: nowS() + 315_360_000, exp: nowS() + 315_361_000 })),
      "refuse token.not_yet_valid",
    ],
    [33, "iat that is a string", signedText({ iat: "0" }), "refuse token.claims_invalid"],
    [33, "no iat, which is accepted", signedText({ iat: undefined }), "allow"],
    [34, "no iss", signed({ iss: undefined }), "refuse token.issuer_unknown"],
    [
      34,
      "iss of another pool",
      signed({ iss: "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Other0000" }),
      "refuse token.issuer_unknown",
    ],
    [
      34,
      "iss with a trailing slash",
      () => bearer(issuer.sign({ ...CUSTOMER, iss: `${issuer.issuer}/` })),
      "refuse token.issuer_unknown",
    ],
    [
      34,
      "iss in capital letters",
      () => bearer(issuer.sign({ ...CUSTOMER, iss: issuer.issuer.replace("https", "HTTPS") })),
      "refuse token.issuer_unknown",
    ],
    [
      34,
      "iss that is a list",
      () => bearer(issuer.signText(header(), claims({ iss: [issuer.issuer] }))),
      "refuse token.issuer_unknown",
    ],
    [
      34,
      "iss that is the name of an inherited property",
      signed({ iss: "constructor" }),
      "refuse token.issuer_unknown",
    ],
    [37, "no token_use", signed({ token_use: undefined }), "refuse token.use_refused"],
    [37, "token_use refresh", signed({ token_use: "refresh" }), "refuse token.use_refused"],
    [37, "token_use that is a list", signed({ token_use: ["access"] }), "refuse token.use_refused"],
    [38, "another app client", signed({ client_id: "otherclient" }), "refuse token.client_refused"],
    [
      38,
      "another app client's ID token",
      signed({ ...AS_ID_TOKEN, aud: "otherclient" }),
      "refuse token.client_refused",
    ],
    [38, "a client that is a list", signed({ client_id: [CLIENT_ID] }), "refuse token.client_refused"],
    [
      39,
      "our client as the audience of another's token",
      signed({ client_id: "otherclient", aud: CLIENT_ID }),
      "refuse token.client_refused",
    ],
    ...[undefined, "", "a\0b", "a\nb", "s".repeat(4_000), 7, null].map<Case>((sub) => [
      40,
      `sub ${JSON.stringify(sub)?.slice(0, 20)}`,
      signedText({ sub }),
      "refuse token.claims_invalid",
    ]),
    [41, "sub twice", raw((text) => text.replace("{", '{"sub":"admin",')), "refuse token.malformed"],
    [
      41,
      "sub twice, once escaped",
      raw((text) => text.replace("{", '{"\\u0073ub":"admin",')),
      "refuse token.malformed",
    ],
    [
      41,
      "a name twice in a nested object",
      raw((text) => text.replace("{", '{"a":[{"b":1,"b":2}],')),
      "refuse token.malformed",
    ],
    [
      41,
      "one name in two objects, which is accepted",
      raw((text) => text.replace("{", '{"a":[{"b":1},{"b":2}],')),
      "allow",
    ],
    [
      42,
      "sub with a lone surrogate",
      raw((text) => text.replace(/"sub":"[^"]+"/, '"sub":"\\ud800"')),
      "refuse token.malformed",
    ],
    [43, "bytes fe ff", bytes([0xfe, 0xff]), "refuse token.malformed"],
    [43, "bytes c0 ae", bytes([0xc0, 0xae]), "refuse token.malformed"],
    [43, "bytes ed a0 80", bytes([0xed, 0xa0, 0x80]), "refuse token.malformed"],
    [43, "bytes c3 a9, which are accepted", bytes([0xc3, 0xa9]), "allow"],
    [
      44,
      "claims named like prototypes",
      raw((text) =>
        text.replace(
          "{",
          '{"__proto__":{"isAdmin":true},"constructor":{"prototype":{"isAdmin":true}},"a":{"__proto__":{"isAdmin":true}},',
        ),
      ),
      "allow",
    ],
    [
      45,
      "claims named like inherited properties",
      raw((text) => text.replace("{", '{"toString":1,"hasOwnProperty":null,"then":"x","toJSON":{},"valueOf":[],')),
      "allow",
    ],
    ...["Customers", { 0: "Customers" }, [["Customers"]], [1, "Customers"], ["Customers", null], 7].map<Case>(
      (groups) => [
        46,
        `groups ${JSON.stringify(groups)}`,
        signedText({ "cognito:groups": groups }),
        "refuse token.claims_invalid",
      ],
    ),
    [46, "groups that are null, which means no groups", signedText({ "cognito:groups": null }), "deny role.missing"],
    [46, "no groups", signedText({ "cognito:groups": undefined }), "deny role.missing"],
    [
      47,
      "five hundred groups",
      signed({ "cognito:groups": [...Array(500).keys()].map((at) => `g${at}`) }),
      "deny role.missing",
    ],
    [
      47,
      "five thousand groups",
      signed({ "cognito:groups": [...Array(5_000).keys()].map((at) => `g${at}`) }),
      "refuse token.too_large",
    ],
    [48, "a scope that is a list", signedText({ scope: ["orders/read"] }), "refuse token.claims_invalid"],
    ...["a\torders/read", "orders/read\t", "x  y", "orders/readx"].map<Case>((scope) => [
      48,
      `a machine's scope ${JSON.stringify(scope)}`,
      signed({ "cognito:groups": undefined, sub: CLIENT_ID, username: undefined, scope }),
      "deny role.missing",
    ]),
    ...["orders/read", "a orders/read", " orders/read", "a  orders/read "].map<Case>((scope) => [
      48,
      `a machine's scope ${JSON.stringify(scope)}, which is split on single spaces`,
      signed({ "cognito:groups": undefined, sub: CLIENT_ID, username: undefined, scope }),
      "allow",
    ]),
    [49, "claims nested 31 deep", nested(31), "allow"],
    [49, "claims nested 32 deep", nested(32), "refuse token.malformed"],
    [49, "claims nested 2,500 deep", nested(2_500), "refuse token.malformed"],
    [49, "claims nested 100,000 deep", nested(100_000), "refuse token.too_large"],
  ]);

  describe("for another purpose than a request", () => {
    const events = { "http://schemas.openid.net/event/backchannel-logout": {} };
    const noTyp = { typ: undefined };
    all([
      [29, "a logout token without a typ header", signed({ events, sid: "s" }, noTyp), REFUSED.purpose],
      [29, "a logout token that says JWT", signed({ events, sub: "me" }, { typ: "JWT" }), REFUSED.purpose],
      [29, "a security event, as a text", signed({ events: "{}" }, noTyp), REFUSED.purpose],
      [29, "no events, and yet the claim", signed({ events: null }, noTyp), REFUSED.purpose],
      ...[
        "Refresh",
        "REFRESH",
        "Offline",
        "Logout",
        "Serialized-ID",
        "reset-credentials",
        "",
        7,
        null,
        ["Bearer"],
      ].map<Case>((typ) => [29, `the claim typ ${JSON.stringify(typ)}`, signed({ typ }), REFUSED.purpose]),
      ...["Bearer", "ID", "Id", "at+jwt", "JWT"].map<Case>((typ) => [
        29,
        `the claim typ ${typ}, which is accepted`,
        signed({ typ }),
        "allow",
      ]),
      ...["token_type", "tokenType", "type"].flatMap<Case>((name) => [
        [29, `${name} refresh`, signed({ [name]: "refresh" }), REFUSED.purpose],
        [29, `${name} refresh-token, in a list`, signed({ [name]: ["x", "refresh-token"] }), REFUSED.purpose],
        [29, `${name} access, which is accepted`, signed({ [name]: "access" }), "allow"],
      ]),
      [29, "an introspection", signed({ token_introspection: { active: true } }), REFUSED.purpose],
      [29, "a credential", signed({ vc: { type: ["VerifiableCredential"] } }), REFUSED.purpose],
    ]);
  });

  describe("bound to its client", () => {
    const x5t = "A".repeat(43);
    all([
      ...[null, "", "x", 7, true, [], {}, ["jkt"], { jwk: {} }, { kid: "k" }, { jku: "https://x" }].map<Case>((cnf) => [
        29,
        `cnf ${JSON.stringify(cnf)}`,
        signed({ cnf }),
        REFUSED.bound,
      ]),
      [29, "cnf with the thumbprint of a certificate", signed({ cnf: { "x5t#S256": x5t } }), REFUSED.bound],
      [29, "cnf with two methods", signed({ cnf: { "x5t#S256": x5t, jkt: "x" } }), REFUSED.bound],
      [29, "cnf with the key of DPoP", signed({ cnf: { jkt: "x" } }), "refuse token.dpop"],
      [29, "cnf with a key that is not a text", signed({ cnf: { jkt: null } }), "refuse token.dpop"],
      [29, "another name, which binds nothing", signed({ CNF: { jkt: "x" } }), "allow"],
    ]);
  });

  // The time is that of the test, not that of the table.
  function ahead(times: () => object) {
    return () => bearer(issuer.sign({ ...CUSTOMER, ...times() }));
  }

  function signedText(change: object) {
    return () => bearer(issuer.signText(header(), claims(change)));
  }

  it("32. exp within the clock tolerance, and beyond it", async () => {
    await using tolerant = await startAuthorizer(issuer, { CLOCK_TOLERANCE_S: "60" });
    expect(await ask(await issuer.sign({ ...CUSTOMER, exp: nowS() - 30 }), tolerant)).toEqual(["allow", "allow"]);
    expect(await ask(await issuer.sign({ ...CUSTOMER, exp: nowS() - 90 }), tolerant)).toEqual([
      "refuse token.expired",
      "allow",
    ]);
    expect(await ask(await issuer.sign({ ...CUSTOMER, nbf: nowS() + 30 }), tolerant)).toEqual(["allow", "allow"]);
    for (const early of [{ nbf: nowS() + 90 }, { iat: nowS() + 90 }]) {
      expect(await ask(await issuer.sign({ ...CUSTOMER, ...early }), tolerant)).toEqual([
        "refuse token.not_yet_valid",
        "allow",
      ]);
    }
  });

  it("31. a lifetime that the configuration allows, and one that is a second longer", async () => {
    await using strict = await startAuthorizer(issuer, { MAX_TOKEN_LIFETIME_S: "3600" });
    const lasting = (seconds: number) => issuer.sign({ ...CUSTOMER, iat: nowS(), exp: nowS() + seconds });
    expect(await ask(await lasting(3_600), strict)).toEqual(["allow", "allow"]);
    expect(await ask(await lasting(3_601), strict)).toEqual(["refuse token.lifetime_refused", "allow"]);
  });

  it("35. iss in the multi-Region format names the same pool", async () => {
    const updated = createTestIssuer(`https://issuer-cognito-idp.eu-west-1.amazonaws.com/${USER_POOL_ID}`);
    await using fresh = await startAuthorizer(updated);
    expect(await ask(await updated.sign(CUSTOMER), fresh)).toEqual(["allow", "allow"]);
  });

  it.each([
    ["access", AS_ID_TOKEN, {}],
    ["id", {}, AS_ID_TOKEN],
  ])("36. where %s tokens are accepted, the other kind is refused", async (tokenUse, other, own) => {
    const pool = { userPoolId: USER_POOL_ID, clientIds: [CLIENT_ID], tokenUse };
    await using fresh = await startAuthorizer(issuer, { TRUSTED_ISSUERS: JSON.stringify([pool]) });
    const outcomes = [
      await ask(await issuer.sign({ ...CUSTOMER, ...other }), fresh),
      await ask(await issuer.sign({ ...CUSTOMER, ...own }), fresh),
    ];
    expect(outcomes).toEqual([
      ["refuse token.use_refused", "allow"],
      ["allow", "allow"],
    ]);
  });

  it("42. a lone surrogate anywhere in a token is refused, and never reaches the engine; a pair is a character", async () => {
    const oddIn = (text: string, half: string) =>
      [...text.matchAll(/(?<=")(?=")|(?<=\w)(?=")/g)].map(
        ({ index }) => text.slice(0, index) + half + text.slice(index),
      );
    const text = claims({ a: [{ b: ["x"] }], "custom:id": "" });
    const halves = ["\\ud800", "\\udfff", "\\ude00\\ud83d", "\\\\\\ud800"];
    const odd = halves.flatMap((half) => oddIn(text, half).map((payload) => issuer.signText(header(), payload)));
    const oddHeaders = halves.flatMap((half) => oddIn(header(), half).map((head) => issuer.signText(head, text)));
    const outcomes = [];
    for (const token of [...odd, ...oddHeaders]) outcomes.push((await ask(`Bearer ${token}`))[0]);
    expect([outcomes.length > 100, ...new Set(outcomes)]).toEqual([true, "refuse token.malformed"]);
    for (const fine of ["\\ud83d\\ude00", "\\\\ud800", "\\u0000", "\\uffff"]) {
      const payload = text.replace('"Customers"', `"Customers","${fine}"`);
      expect(await ask(`Bearer ${issuer.signText(header(), payload)}`)).toEqual(["allow", "allow"]);
    }
  });

  it("44. no claim changed Object.prototype", () => {
    expect(({} as Record<string, unknown>)["isAdmin"]).toBeUndefined();
  });

  it.each(['"60"', "abc", "-1", "1e9", "", " ", "60.5"])(
    "50. CLOCK_TOLERANCE_S=%s is an error of configuration",
    (text) => {
      const TRUSTED_ISSUERS = JSON.stringify([{ userPoolId: USER_POOL_ID, clientIds: [CLIENT_ID], tokenUse: "any" }]);
      expect(parseConfig({ TRUSTED_ISSUERS, CLOCK_TOLERANCE_S: text }).ok).toBe(false);
      expect(parseConfig({ TRUSTED_ISSUERS, CLOCK_TOLERANCE_S: "60" }).ok).toBe(true);
    },
  );

  it.each([{ clientIds: null }, { clientIds: [] }, { clientIds: [null] }, { tokenUse: null }, { tokenUse: "" }])(
    "51. an issuer that leaves a check out is an error of configuration: %j",
    (change) => {
      const pool = { userPoolId: USER_POOL_ID, clientIds: [CLIENT_ID], tokenUse: "any" };
      expect(parseConfig({ TRUSTED_ISSUERS: JSON.stringify([{ ...pool, ...change }]) }).ok).toBe(false);
      expect(parseConfig({ TRUSTED_ISSUERS: JSON.stringify([pool]) }).ok).toBe(true);
    },
  );

  it("52. a token signed by one pool for the issuer of another whose key has the same kid", async () => {
    const other = createTestIssuer("https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Other0000");
    expect(other.jwks.keys[0]?.kid).toBe(issuer.jwks.keys[0]?.kid);
    expect(await ask(await other.sign({ ...CUSTOMER, iss: issuer.issuer }))).toEqual([
      "refuse token.signature_invalid",
      "allow",
    ]);
  });
});
