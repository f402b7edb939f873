import { X509Certificate } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { WireCertificate } from "../../simulator/arrival.ts";
import { type RunningAuthorizer, startAuthorizer } from "../support/authorizer.ts";
import { CERTIFICATE_FIELD, createCertificate } from "../support/certificates.ts";
import { changed, createEvent, KINDS } from "../support/events.ts";
import { judged } from "../support/judged.ts";
import { createTestIssuer, type TestIssuer } from "../support/tokens.ts";

// Tokens that are bound to a client's certificate, in the handler as built. Beside each refusal, the same token is allowed
// with its certificate, or without being bound.

const CUSTOMER = { "cognito:groups": ["Customers"] };
const KINDS_WITH_CERTIFICATE = ["rest-request", "http-1", "http-2"] as const;
const BOUND = "token.bound";

let issuer: TestIssuer;
let uncached: RunningAuthorizer;
let unknown: RunningAuthorizer;
let own: WireCertificate;
let thiefs: WireCertificate;
beforeAll(async () => {
  issuer = createTestIssuer();
  [own, thiefs] = await Promise.all([createCertificate("client"), createCertificate("thief")]);
  // A deployment that caches nothing says so; one that says nothing may cache.
  uncached = await startAuthorizer(issuer, { CACHE_CONTRACT: JSON.stringify({ id: "sha256:any" }) });
  unknown = await startAuthorizer(issuer);
});
afterAll(async () => {
  await uncached[Symbol.asyncDispose]();
  await unknown[Symbol.asyncDispose]();
});

/** The thumbprint, by the digest that Node.js itself prints. */
const thumbprintOf = ({ clientCertPem }: WireCertificate) =>
  Buffer.from(new X509Certificate(clientCertPem).fingerprint256.replaceAll(":", ""), "hex").toString("base64url");

const bound = (cnf: unknown = { "x5t#S256": thumbprintOf(own) }) => issuer.sign({ ...CUSTOMER, cnf });

/** Asks with a token and with what the event has in the place of the certificate. */
async function ask(
  kind: (typeof KINDS_WITH_CERTIFICATE)[number],
  token: string,
  certificate: unknown,
  asked = uncached,
): Promise<string> {
  const outcome = await judged(asked, changed(createEvent(kind, token), { [CERTIFICATE_FIELD[kind]]: certificate }));
  return outcome.replace(/^(refuse|deny) /, "");
}

describe.each(KINDS_WITH_CERTIFICATE)("a token that is bound to a certificate, on a %s event", (kind) => {
  it("is accepted with this certificate, and with no other", async () => {
    const token = await bound();
    const pem = own.clientCertPem;
    const others = [
      ...[undefined, null, {}, thiefs, { ...own, clientCertPem: undefined }, { ...own, clientCertPem: null }],
      ...["", "x", thumbprintOf(own), pem.slice(0, -40), pem.replace(/^-----BEGIN CERTIFICATE-----/, ""), "\ud800"],
      ...[pem + thiefs.clientCertPem, thiefs.clientCertPem + pem, pem + "\n".repeat(20_000)],
    ].map((one) => (typeof one === "string" ? { ...own, clientCertPem: one } : one));
    const outcomes = [];
    for (const certificate of others) outcomes.push(await ask(kind, token, certificate));
    expect([await ask(kind, token, own), ...new Set(outcomes)]).toEqual(["allow", BOUND]);
    expect(await ask(kind, token, { ...own, clientCertPem: 7 })).toBe("event.malformed");
    expect(await ask(kind, token, "x")).toBe("event.malformed");
  });

  it("is refused if anything else is in cnf", async () => {
    const x5t = thumbprintOf(own);
    const outcomes = [];
    for (const cnf of [
      ...[{ "x5t#S256": x5t.toUpperCase() }, { "x5t#S256": [x5t] }, { "x5t#S256": `${x5t}=` }, { "x5t#S256": "" }],
      ...[{ "x5t#S256": null }, { "x5t#S256": x5t, kid: "k" }, { x5t }, { "x5t#s256": x5t }, x5t, [x5t], null],
    ]) {
      outcomes.push(await ask(kind, await bound(cnf), own));
    }
    expect([await ask(kind, await bound(), own), ...new Set(outcomes)]).toEqual(["allow", BOUND]);
    expect(await ask(kind, await bound({ jkt: x5t }), own)).toBe("token.dpop");
  });

  it("is refused where responses may be cached, since a cached Allow would serve whoever stole the token", async () => {
    const token = await bound();
    const outcomes = [await ask(kind, token, own, unknown), await ask(kind, token, own)];
    expect(outcomes).toEqual([BOUND, "allow"]);
    expect(await ask(kind, await issuer.sign(CUSTOMER), own, unknown)).toBe("allow");
  });
});

it.each(["rest-token", "websocket"] as const)(
  "a bound token is refused on a %s event, which has no certificate",
  async (kind) => {
    const certificates = Object.fromEntries(Object.values(CERTIFICATE_FIELD).map((field) => [field, own]));
    const withToken = async (token: string) => judged(uncached, changed(createEvent(kind, token), certificates));
    expect([await withToken(await bound()), await withToken(await issuer.sign(CUSTOMER))]).toEqual([
      `refuse ${BOUND}`,
      "allow",
    ]);
  },
);

it("a certificate changes nothing for a token that is not bound", async () => {
  const token = await issuer.sign(CUSTOMER);
  for (const kind of KINDS) expect(await judged(uncached, createEvent(kind, token))).toBe("allow");
  for (const kind of KINDS_WITH_CERTIFICATE) expect(await ask(kind, token, thiefs)).toBe("allow");
});
