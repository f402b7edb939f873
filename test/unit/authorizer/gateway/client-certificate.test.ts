import { expect, it } from "vitest";
import { parseEvent } from "../../../../authorizer/gateway/event.ts";
import { toRequest } from "../../../../authorizer/gateway/request.ts";
import { createToInput } from "../../../../authorizer/policy/input.ts";
import type { ApiKind } from "../../../../contract/api-kinds.ts";
import { CERTIFICATE_FIELD } from "../../../support/certificates.ts";
import { changed, createEvent, KINDS } from "../../../support/events.ts";

const CERTIFICATE = {
  clientCertPem: "-----BEGIN CERTIFICATE-----\n…",
  subjectDN: "CN=till-7,O=Shop",
  issuerDN: "CN=Shop CA",
  serialNumber: "a1:b2",
  validity: { notBefore: "May 28 12:30:02 2019 GMT", notAfter: "Aug  5 09:36:04 2021 GMT" },
};
const FIELDS = {
  subject: "CN=till-7,O=Shop",
  issuer: "CN=Shop CA",
  serial_number: "a1:b2",
  valid_from_s: 1_559_046_602,
  valid_until_s: 1_628_156_164,
};
const NAMES = Object.keys(FIELDS);
const PRINCIPAL = {
  id: "u",
  kind: "user",
  issuer: "i",
  issuer_name: undefined,
  client_id: "c",
  token_use: "access",
  claims: {},
} as const;

/** Makes the certificate in the input, for a policy that reads some of its fields; the code if the event is refused. */
function certificateIn(kind: ApiKind, certificate: unknown, read: readonly string[] = NAMES): unknown {
  const fields = Object.values(CERTIFICATE_FIELD).map((field) => [field, certificate]);
  const event = parseEvent(changed(createEvent(kind, "t"), Object.fromEntries(fields)));
  if (!event.ok) return event.error.code;
  const request = toRequest(event.value);
  if (!request.ok) return request.error.code;
  const references = read.map((name) => ["request", "client_certificate", name]);
  const toInput = createToInput(references, [], [{ from: "header", name: "authorization" }], undefined);
  return toInput(PRINCIPAL, request.value).request?.client_certificate;
}

it.each(KINDS)("conditions can read the certificate of a %s event, if it can have one", (kind) => {
  const isShown = kind !== "rest-token" && kind !== "websocket";
  expect(certificateIn(kind, CERTIFICATE)).toEqual(isShown ? FIELDS : undefined);
  expect(certificateIn(kind, null)).toBeUndefined();
});

it("the input has no field that the policy does not read, and never the certificate itself", () => {
  expect(certificateIn("http-2", CERTIFICATE, ["subject"])).toEqual({ subject: FIELDS.subject });
  expect(certificateIn("http-2", CERTIFICATE, ["pem", "clientCertPem"])).toEqual({});
  expect(certificateIn("http-2", CERTIFICATE, [])).toBeUndefined();
});

it.each<[string, object, readonly string[]]>([
  ["empty names", { subjectDN: "", issuerDN: "" }, ["subject", "issuer"]],
  ["no serial number", { serialNumber: null }, ["serial_number"]],
  ["half of a surrogate pair", { subjectDN: "CN=\ud800" }, ["subject"]],
  ["a name that is too long", { subjectDN: "x".repeat(1_025) }, ["subject"]],
  ["no validity", { validity: undefined }, ["valid_from_s", "valid_until_s"]],
  ["a time without its zone", { validity: { notBefore: "May 28 12:30:02 2019" } }, ["valid_from_s", "valid_until_s"]],
  ["other times", { validity: { notBefore: "2019-05-28", notAfter: "1628156164" } }, ["valid_from_s", "valid_until_s"]],
  [
    "a month in another language",
    { validity: { notBefore: "Mai 28 12:30:02 2019 GMT" } },
    ["valid_from_s", "valid_until_s"],
  ],
])("leaves out what is odd: %s", (_, change, missing) => {
  const rest = Object.fromEntries(Object.entries(FIELDS).filter(([name]) => !missing.includes(name)));
  expect(certificateIn("rest-request", { ...CERTIFICATE, ...change })).toEqual(rest);
});

it.each([7, "x", [], { subjectDN: 7 }, { serialNumber: 7 }, { validity: "x" }, { validity: { notAfter: 7 } }])(
  "refuses an event whose certificate has another type: %j",
  (certificate) => {
    expect(certificateIn("http-2", certificate)).toBe("event.malformed");
    expect(certificateIn("http-1", certificate)).toBe("event.malformed");
  },
);
