import type { TrustedIssuer } from "../authorizer/identity/trusted-issuer.ts";
import type { ClaimPath } from "../contract/claim-path.ts";
import type { PresetName } from "../contract/issuer-presets.ts";

/** The claims by which a token of each provider proves the kind of its principal. */
const PROOFS: Readonly<Record<PresetName, readonly string[]>> = {
  auth0: ["azp", "client_id", "gty"],
  okta: ["cid", "uid"],
  "entra-v1": ["idtyp", "scp"],
  "entra-v2": ["idtyp", "scp"],
  keycloak: ["preferred_username", "client_id", "clientId", "azp", "sid"],
  duende: ["client_id", "idp"],
  google: ["azp", "email"],
};

/** The claims by which Cognito's tokens do. */
const PROOFS_OF_COGNITO = ["token_use", "client_id", "username"];

/** A user pool whose settings are not known: it accepts the tokens of every client. */
export const ANY_USER_POOL: TrustedIssuer = {
  ...{ issuer: "", name: undefined, algorithms: [], keyAddresses: [], audience: [], tokenUse: "any" },
  ...{ preset: undefined, groupsClaim: "cognito:groups", scopesClaim: "scope", machineScopesClaim: undefined },
  ...{ clientClaims: [], claims: {}, machines: [], users: [], machineIdClaim: undefined },
};

/** Lists the claims of a token that say who it is of, whatever the policy reads; the claims that prove the kind are among them. */
export function listIdentityClaims(issuer: TrustedIssuer): readonly string[] {
  return [...new Set(["sub", "iss", "aud", ...listProofs(issuer), ...issuer.clientClaims])];
}

/** Lists the claims that can prove the kind of a principal. */
export function listProofs({ tokenUse, preset, machines, users, machineIdClaim }: TrustedIssuer): readonly string[] {
  if (tokenUse !== undefined) return PROOFS_OF_COGNITO;
  const rules = [...machines, ...users].map(({ claim }) => claim);
  const paths = [...rules, ...(machineIdClaim === undefined ? [] : [machineIdClaim])];
  return [...(preset === undefined ? [] : PROOFS[preset]), ...paths.map(firstOf)];
}

/** Lists the paths in a token of what a policy reads by a name. */
export function pathsOf(name: string, issuer: TrustedIssuer): readonly ClaimPath[] {
  const { tokenUse, groupsClaim, scopesClaim, machineScopesClaim, claims } = issuer;
  if (tokenUse !== undefined) return [name];
  if (name === "cognito:groups") return groupsClaim === undefined ? [] : [groupsClaim];
  if (name === "scope") return [scopesClaim, ...(machineScopesClaim === undefined ? [] : [machineScopesClaim])];
  return [Object.hasOwn(claims, name) ? (claims[name] ?? name) : name];
}

/** Tells whether a path leads into an object, which an access log does not show. */
export function isNested(path: ClaimPath): boolean {
  return Array.isArray(path) && path.length > 1;
}

/** Gives the name of the claim that a path begins with. */
export function firstOf(path: ClaimPath): string {
  return [path].flat()[0] ?? "";
}

/** Lists the claims of a token that a replay needs: those above, and those of what the policy reads. Sorted. */
export function listNeededClaims(issuers: Iterable<TrustedIssuer>, reads: readonly string[]): readonly string[] {
  const all = [...issuers].flatMap((issuer) => [
    ...listIdentityClaims(issuer),
    ...reads.flatMap((name) =>
      pathsOf(name, issuer)
        .filter((path) => !isNested(path))
        .map(firstOf),
    ),
  ]);
  return [...new Set(all)].sort();
}
