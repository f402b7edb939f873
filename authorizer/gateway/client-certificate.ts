import { type ApiKind, traitsOf } from "../../contract/api-kinds.ts";
import { type Fields, readFields, readText } from "./fields.ts";

/** The fields of the client's certificate that a policy may read. A field that is missing, empty or odd is left out. */
export interface CertificateFields {
  /** The distinguished name, as API Gateway writes it. */
  readonly subject: string | undefined;
  readonly issuer: string | undefined;
  readonly serial_number: string | undefined;
  /** Seconds since 1970. */
  readonly valid_from_s: number | undefined;
  readonly valid_until_s: number | undefined;
}

/** The certificate by which API Gateway verified the client of a request, for mutual TLS. */
export interface ClientCertificate {
  /** The whole certificate, for tokens that are bound to it; a policy never gets it. */
  readonly pem: string | undefined;
  readonly fields: CertificateFields;
}

/** The longest PEM text; certificates of clients have about 2,000 characters. */
const MAX_PEM_CHARS = 16_384;
const MAX_FIELD_CHARS = 1_024;

/**
 * Reads the client's certificate of an event; undefined if it has none, or the kind of event never has one. API Gateway has
 * verified it against the truststore of the custom domain, its validity included, but not whether it was revoked.
 *
 * @param context - The event's `requestContext`.
 * @throws MalformedField
 * @see API Gateway developer guide, "How to turn on mutual TLS authentication for your REST APIs", and the same for HTTP APIs
 */
export function readClientCertificate(kind: ApiKind, context: Fields): ClientCertificate | undefined {
  const { clientCertificateIn: place } = traitsOf(kind);
  const certificate = place === "nothing" ? undefined : readFields(readFields(context[place])?.["clientCert"]);
  if (certificate === undefined) return undefined;
  const validity = readFields(certificate["validity"]) ?? {};
  return {
    pem: readBounded(certificate["clientCertPem"], MAX_PEM_CHARS),
    fields: {
      subject: readBounded(certificate["subjectDN"], MAX_FIELD_CHARS),
      issuer: readBounded(certificate["issuerDN"], MAX_FIELD_CHARS),
      serial_number: readBounded(certificate["serialNumber"], MAX_FIELD_CHARS),
      valid_from_s: readTimeS(validity["notBefore"]),
      valid_until_s: readTimeS(validity["notAfter"]),
    },
  };
}

function readBounded(value: unknown, maxChars: number): string | undefined {
  const text = readText(value);
  return text !== undefined && text !== "" && text.length <= maxChars && text.isWellFormed() ? text : undefined;
}

/** Matches a time as OpenSSL prints it: `Aug  5 09:36:04 2021 GMT`. */
const TIME = /^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4} GMT$/;

function readTimeS(value: unknown): number | undefined {
  const text = readText(value) ?? "";
  const timeMs = TIME.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(timeMs) ? undefined : timeMs / 1000;
}
