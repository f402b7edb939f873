import { generate } from "selfsigned";
import type { WireCertificate } from "../../simulator/arrival.ts";

/** Creates a client's certificate, as API Gateway hands it over for mutual TLS. */
export async function createCertificate(name: string): Promise<WireCertificate> {
  const { cert } = await generate([{ name: "commonName", value: name }], { keySize: 2048, algorithm: "sha256" });
  return {
    clientCertPem: cert,
    subjectDN: `CN=${name}`,
    issuerDN: `CN=${name}`,
    serialNumber: "a1:a1:a1:a1:a1:a1:a1:a1:a1:a1:a1:a1:a1:a1:a1:a1",
    validity: { notBefore: "May 28 12:30:02 2019 GMT", notAfter: "Aug  5 09:36:04 2031 GMT" },
  };
}

/** The field with the client's certificate, by the kinds of events that can have one. */
export const CERTIFICATE_FIELD = {
  "rest-request": "requestContext.identity.clientCert",
  "http-1": "requestContext.identity.clientCert",
  "http-2": "requestContext.authentication.clientCert",
} as const;
