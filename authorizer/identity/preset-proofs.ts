import type { ClaimPath } from "../../contract/claim-path.ts";
import type { PresetName } from "../../contract/issuer-presets.ts";
import type { Claims } from "./claims.ts";

/** Tells what a token proves about the kind of its principal. If it proves both kinds, or neither, the kind is unknown. */
export interface Proofs {
  readonly isMachine: (claims: Claims) => boolean;
  readonly isUser: (claims: Claims) => boolean;
  /** The claim with the id of a machine in a token without `sub`, if the provider makes such tokens. */
  readonly machineIdClaim?: ClaimPath | undefined;
}

/** The proofs of Microsoft Entra ID. `azpacr` and `appidacr` say how a client authenticated, which both kinds do. */
const ENTRA: Proofs = {
  isMachine: ({ idtyp }) => idtyp === "app",
  isUser: ({ idtyp, scp }) => idtyp === "user" || (idtyp === undefined && isFilled(scp)),
};

/** The proofs of each provider; docs/identity-providers.md has their sources. */
export const PRESET_PROOFS: Readonly<Record<PresetName, Proofs>> = {
  // Auth0: "User IDs" (`<provider>|<id>`), "Client Credentials Flow" (`<client>@clients`), "Access Token Profiles" (`azp`, `client_id`).
  auth0: {
    isMachine: ({ sub, azp, client_id, gty = "client-credentials" }) =>
      gty === "client-credentials" &&
      [azp, client_id].some((client) => isFilled(client) && sub === `${client}@clients`),
    isUser: ({ sub, gty }) => gty !== "client-credentials" && isFilled(sub) && /^[^|@]+\|./.test(sub),
  },
  // Okta: "Access token claims": `uid` "isn't included in the access token if there is no user bound to it".
  okta: {
    isMachine: ({ sub, cid, uid }) => uid === undefined && isFilled(cid) && sub === cid,
    isUser: ({ uid }) => isFilled(uid),
  },
  // Microsoft: "Access token claims reference" (`scp`), "Optional claims reference" (`idtyp`).
  "entra-v1": ENTRA,
  "entra-v2": ENTRA,
  // Keycloak: "Server Administration Guide", section "Using a service account". A user may be named like a service account, so
  // the name alone proves nothing.
  keycloak: {
    isMachine: ({ preferred_username: name, client_id, clientId, azp }) =>
      [client_id, clientId].some(
        (client) => isFilled(client) && client === azp && name === `service-account-${client.toLowerCase()}`,
      ),
    isUser: ({ preferred_username: name, client_id, clientId, sid }) =>
      isFilled(name) &&
      !name.startsWith("service-account-") &&
      isFilled(sid) &&
      client_id === undefined &&
      clientId === undefined,
  },
  // Duende: "Claims"; a token of the client-credentials grant has no `sub`, and a user's has the provider of the sign-in (`idp`).
  duende: {
    isMachine: ({ sub, client_id, idp }) => sub === undefined && idp === undefined && isFilled(client_id),
    isUser: ({ sub, idp }) => isFilled(sub) && isFilled(idp),
    machineIdClaim: "client_id",
  },
  // Google: "OpenID Connect", "An ID token's payload" (`azp`), "Verifying the identity of instances" (`azp` is `sub`).
  google: {
    isMachine: ({ sub, azp, email }) => (isFilled(azp) && azp === sub) || isOfServiceAccount(email),
    isUser: ({ azp, email }) =>
      isFilled(azp) && azp.endsWith(".apps.googleusercontent.com") && !isOfServiceAccount(email),
  },
};

function isOfServiceAccount(email: unknown): boolean {
  return isFilled(email) && email.endsWith(".gserviceaccount.com");
}

function isFilled(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
