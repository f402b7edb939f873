import { hash, X509Certificate } from "node:crypto";
import { isObject } from "../../contract/json.ts";
import type { CodeOf } from "../../contract/reason-codes.ts";
import type { Claims } from "./claims.ts";

/**
 * Checks that whoever sends a token is the client that it is bound to. A token with the claim `cnf` is worth nothing without
 * the proof of its client, whatever else `cnf` says.
 *
 * The only proof that the authorizer can check is a client certificate. A proof of DPoP (`jkt`) is for one method and URL, and
 * must be accepted once: that takes a memory which all instances of the Lambda share.
 *
 * @param certificatePem - The certificate that API Gateway verified the client by; undefined if there is none that counts.
 * @returns The reason for refusing the token; undefined if the token is not bound, or its binding is proved.
 * @see RFC 7800, section 3.1 (`cnf`); RFC 8705, section 3.1 (`x5t#S256`); RFC 9449, section 6 (`jkt`)
 */
export function checkBinding(claims: Claims, certificatePem: string | undefined): CodeOf<"token"> | undefined {
  if (!Object.hasOwn(claims, "cnf")) return undefined;
  const { cnf } = claims;
  const [method, ...others] = isObject(cnf) ? Object.entries(cnf) : [];
  if (method === undefined || others.length > 0) return "token.bound";
  const [name, value] = method;
  if (name === "jkt") return "token.dpop";
  const thumbprint = certificatePem === undefined ? undefined : thumbprintOf(certificatePem);
  return name === "x5t#S256" && thumbprint !== undefined && value === thumbprint ? undefined : "token.bound";
}

/** Computes the SHA-256 thumbprint of a certificate's DER encoding, in base64url; undefined if the text is not one certificate. */
function thumbprintOf(pem: string): string | undefined {
  if (pem.split("-----BEGIN").length !== 2) return undefined;
  try {
    return hash("sha256", new X509Certificate(pem).raw, "base64url");
  } catch {
    return undefined;
  }
}
