import { type Principal, toPrincipal } from "../authorizer/identity/principal.ts";
import type { TrustedIssuer } from "../authorizer/identity/trusted-issuer.ts";
import { isText } from "../contract/json.ts";
import type { PolicyIndex } from "../contract/policy-index.ts";
import type { CodeOf } from "../contract/reason-codes.ts";
import { err, ok, type Result } from "../contract/result.ts";
import { listRoleWays } from "../contract/role-ways.ts";
import { type ClaimFacts, formOfClaim, readLoggedClaim } from "./claim-forms.ts";
import type { LineProblem } from "./line-problems.ts";
import { ANY_USER_POOL, firstOf, isNested, listIdentityClaims, listProofs, pathsOf } from "./logged-claims.ts";
import type { LoggedRequest } from "./logged-request.ts";

/** A principal made from logged claims. */
export interface LoggedPrincipal {
  readonly principal: Principal;
  /** The fields of the principal that the log does not tell, such as `principal.claims.amr`. */
  readonly untold: readonly string[];
}

/** Makes the principal of a request with claims; or gives the reason for which its token would be refused, or can't be judged. */
export type ToLoggedPrincipal = (request: LoggedRequest) => Result<LoggedPrincipal, CodeOf<"token"> | LineProblem>;

/**
 * Creates the function that makes principals. Another authorizer has verified the token, so that its signature and its times are
 * not judged.
 *
 * @param issuers - The trusted issuers, by the value of `iss`; undefined: all claims are read as those of a user pool.
 * @param reads - The names of the claims that the policy reads.
 */
export function createToLoggedPrincipal(
  issuers: ReadonlyMap<string, TrustedIssuer> | undefined,
  reads: readonly string[],
  index: PolicyIndex,
): ToLoggedPrincipal {
  const groups = listRoleWays(index.roles).flatMap(({ by, value }) => (by === "group" ? [value] : []));
  // The two issuer formats of a user pool are one issuer.
  const isOne =
    new Set([...(issuers?.values() ?? [])].map(({ keyAddresses }) => JSON.stringify(keyAddresses))).size === 1;

  function findIssuer(iss: unknown): Result<TrustedIssuer, "token.issuer_unknown" | "issuer.untold"> {
    if (issuers === undefined) return ok({ ...ANY_USER_POOL, issuer: isText(iss) ? iss : "" });
    const [first] = issuers.values();
    if (!isText(iss)) return isOne && first !== undefined ? ok(first) : err("issuer.untold");
    const issuer = issuers.get(iss);
    return issuer === undefined ? err("token.issuer_unknown") : ok(issuer);
  }

  function factsOf(name: string, raw: unknown, issuer: TrustedIssuer): ClaimFacts {
    const isCognito = issuer.tokenUse !== undefined;
    if ([issuer.groupsClaim].some((path) => path !== undefined && firstOf(path) === name))
      return { form: "list", known: groups, hasSpaces: !isCognito };
    // Scopes are a text or a list, and none has a space in it.
    const isOfScopes = [issuer.scopesClaim, issuer.machineScopesClaim].some(
      (path) => path !== undefined && firstOf(path) === name,
    );
    return { form: !isOfScopes ? formOfClaim(name) : isText(raw) && raw.startsWith("[") ? "list" : "text" };
  }

  return function toLoggedPrincipal({ kind, claims: logged }) {
    const found = findIssuer(logged["iss"]);
    if (!found.ok) return found;
    const issuer = found.value;
    const claims: Record<string, unknown> = {};
    const untold = new Set<string>();
    for (const name of [
      ...listIdentityClaims(issuer),
      ...reads.flatMap((read) => pathsOf(read, issuer).map(firstOf)),
    ]) {
      const reading = readLoggedClaim(logged[name], kind, factsOf(name, logged[name], issuer));
      if (reading.kind === "value") claims[name] = reading.value;
      if (reading.kind === "ambiguous") untold.add(name);
    }
    const made = toPrincipal({ ...claims, ...toPlausible(claims, issuer, untold) }, toAccepting(issuer, claims));
    if (!made.ok) return made;
    const isKindTold = claims["token_use"] === "id" || !["sub", ...listProofs(issuer)].some((name) => untold.has(name));
    return ok({
      principal: isKindTold ? made.value : { ...made.value, kind: undefined },
      untold: [
        ...reads
          .filter((read) => pathsOf(read, issuer).some((path) => isNested(path) || untold.has(firstOf(path))))
          .map((read) => `principal.claims.${read}`),
        ...(isKindTold ? [] : ["principal.kind"]),
        ...(untold.has("token_use") && issuer.tokenUse !== undefined ? ["principal.token_use"] : []),
      ],
    });
  };
}

/** Stands for a text that a token has and the log does not show. */
const NOT_LOGGED = "not logged";

/** Makes what a verified token has in any case, as far as the log does not tell it. Of Cognito's tokens, access tokens alone have `client_id`. */
function toPlausible(
  { token_use: use, client_id }: Readonly<Record<string, unknown>>,
  { tokenUse, audience }: TrustedIssuer,
  untold: ReadonlySet<string>,
) {
  const isAccess = use === "access" || (use === undefined && (tokenUse === "access" || client_id !== undefined));
  const client = tokenUse !== undefined && isAccess ? "client_id" : "aud";
  return {
    exp: Number.MAX_SAFE_INTEGER,
    ...(untold.has("sub") && { sub: NOT_LOGGED }),
    ...(tokenUse !== undefined && untold.has("token_use") && { token_use: isAccess ? "access" : "id" }),
    ...(untold.has(client) && { [client]: audience[0] ?? NOT_LOGGED }),
  };
}

/** Makes a user pool of unknown settings accept the clients of a token. */
function toAccepting(issuer: TrustedIssuer, claims: Readonly<Record<string, unknown>>): TrustedIssuer {
  if (issuer.audience.length > 0) return issuer;
  return { ...issuer, audience: [NOT_LOGGED, ...[claims["aud"], claims["client_id"]].flat().filter(isText)] };
}
