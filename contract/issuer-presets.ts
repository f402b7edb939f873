import type { ClaimPath } from "./claim-path.ts";
import { own } from "./json.ts";

/** The settings that a preset stands for, besides the proofs of the kind of a principal. */
export interface Preset {
  /** Matches the issuers that the preset is for. */
  readonly issuer: RegExp;
  /** An issuer that it matches, for messages. */
  readonly example: string;
  /** The claim with the groups, if the provider has one. */
  readonly groupsClaim?: ClaimPath;
  /** The claim with the scopes; default: `scope`. */
  readonly scopesClaim?: ClaimPath;
  /** The claim with the permissions of a machine, if they are not in the claim with the scopes. */
  readonly machineScopesClaim?: ClaimPath;
  /** The claim with the client that a token was issued to; default: `client_id`, or else `azp`. */
  readonly clientClaim?: string;
}

const ANY_ISSUER = /^/;

/**
 * The providers whose documentation says by which claims a user's token and a machine's are told apart. A provider whose claims
 * have names that its customers choose has no preset. docs/identity-providers.md has the sources and the proofs.
 */
export const PRESETS = {
  auth0: { issuer: ANY_ISSUER, example: "https://tenant.eu.auth0.com/" },
  okta: {
    issuer: ANY_ISSUER,
    example: "https://example.okta.com/oauth2/default",
    scopesClaim: "scp",
    clientClaim: "cid",
  },
  "entra-v1": {
    issuer: /^https:\/\/sts\.[^/]+\/[^/]+\/$/,
    example: "https://sts.windows.net/<tenant>/",
    groupsClaim: "groups",
    scopesClaim: "scp",
    machineScopesClaim: "roles",
    clientClaim: "appid",
  },
  "entra-v2": {
    issuer: /\/v2\.0$/,
    example: "https://login.microsoftonline.com/<tenant>/v2.0",
    groupsClaim: "groups",
    scopesClaim: "scp",
    machineScopesClaim: "roles",
    clientClaim: "azp",
  },
  keycloak: { issuer: /\/realms\/[^/]+$/, example: "https://login.example.com/realms/<realm>", clientClaim: "azp" },
  duende: { issuer: ANY_ISSUER, example: "https://login.example.com", clientClaim: "client_id" },
  google: { issuer: /^https:\/\/accounts\.google\.com$/, example: "https://accounts.google.com", clientClaim: "azp" },
} as const satisfies Readonly<Record<string, Preset>>;

export type PresetName = keyof typeof PRESETS;

/** Tells whether a value is the name of a preset. */
export function isPresetName(value: unknown): value is PresetName {
  return typeof value === "string" && Object.hasOwn(PRESETS, value);
}

/** Looks up a preset; an issuer without one has none of its settings. */
export function presetOf(name: PresetName | undefined): Partial<Preset> {
  return name === undefined ? {} : (own<Preset>(PRESETS, name) ?? {});
}
