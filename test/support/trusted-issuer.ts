import { type TrustedIssuer, toTrustedIssuers } from "../../authorizer/identity/trusted-issuer.ts";
import type { OidcSetting } from "../../contract/issuer-settings.ts";

/** Creates a trusted issuer other than Cognito, with the keys at `<issuer>/keys`, as its entry in the settings makes it. */
export function createTrustedIssuer(issuer: string, setting: Partial<OidcSetting> = {}): TrustedIssuer {
  const entry: OidcSetting = { issuer, audience: ["api"], jwksUri: `${issuer}/keys`, ...setting };
  const [trusted] = toTrustedIssuers([entry]).values();
  if (trusted === undefined) throw new Error("an entry makes an issuer");
  return trusted;
}
