import { type Principal, toPrincipal } from "../authorizer/identity/principal.ts";
import type { TrustedIssuer } from "../authorizer/identity/trusted-issuer.ts";
import type { ClaimPath } from "../contract/claim-path.ts";
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

  const plans = new Map([...(issuers?.values() ?? [])].map((issuer) => [issuer, toPlan(issuer, reads, groups)]));
  const planOfAny = toPlan(ANY_USER_POOL, reads, groups);

  function findIssuer(iss: unknown): Result<TrustedIssuer, "token.issuer_unknown" | "issuer.untold"> {
    if (issuers === undefined) return ok({ ...ANY_USER_POOL, issuer: isText(iss) ? iss : "" });
    const [first] = issuers.values();
    if (!isText(iss)) return isOne && first !== undefined ? ok(first) : err("issuer.untold");
    const issuer = issuers.get(iss);
    return issuer === undefined ? err("token.issuer_unknown") : ok(issuer);
  }

  return function toLoggedPrincipal({ kind, claims: logged }) {
    const found = findIssuer(logged["iss"]);
    if (!found.ok) return found;
    const issuer = found.value;
    const plan = plans.get(issuer) ?? planOfAny;
    const claims: Record<string, unknown> = {};
    const untold = new Set<string>();
    for (const [name, facts] of plan.claims) {
      const raw = logged[name];
      const reading = readLoggedClaim(raw, kind, facts === "scopes" ? factsOfScopes(raw) : facts);
      if (reading.kind === "value") claims[name] = reading.value;
      if (reading.kind === "ambiguous") untold.add(name);
    }
    const made = toPrincipal({ ...claims, ...toPlausible(claims, issuer, untold) }, toAccepting(issuer, claims));
    if (!made.ok) return made;
    const isKindTold = claims["token_use"] === "id" || !plan.proofs.some((name) => untold.has(name));
    return ok({
      principal: isKindTold ? made.value : { ...made.value, kind: undefined },
      untold: [
        ...plan.reads
          .filter(({ isInside, claims: read }) => isInside || read.some((name) => untold.has(name)))
          .map(({ field }) => field),
        ...(isKindTold ? [] : ["principal.kind"]),
        ...(untold.has("token_use") && issuer.tokenUse !== undefined ? ["principal.token_use"] : []),
      ],
    });
  };
}

/** The claims of an issuer that a replay reads, found once: each line needs them. */
interface ClaimPlan {
  /** How each is read; the form of scopes depends on the value. */
  readonly claims: ReadonlyMap<string, ClaimFacts | "scopes">;
  /** The claims that prove the kind of the principal. */
  readonly proofs: readonly string[];
  /** The fields that the policy reads, with the claims that they are made of, and whether one is inside another, where no log shows it. */
  readonly reads: readonly { readonly field: string; readonly claims: readonly string[]; readonly isInside: boolean }[];
}

function toPlan(issuer: TrustedIssuer, reads: readonly string[], groups: readonly string[]): ClaimPlan {
  const { groupsClaim, scopesClaim, machineScopesClaim, tokenUse } = issuer;
  const rootsOf = (...paths: readonly (ClaimPath | undefined)[]) =>
    paths.flatMap((path) => (path === undefined ? [] : [firstOf(path)]));
  const factsOf = (name: string): ClaimFacts | "scopes" => {
    if (rootsOf(groupsClaim).includes(name)) return { form: "list", known: groups, hasSpaces: tokenUse === undefined };
    return rootsOf(scopesClaim, machineScopesClaim).includes(name) ? "scopes" : { form: formOfClaim(name) };
  };
  const fields = reads.map((read) => {
    const paths = pathsOf(read, issuer);
    return { field: `principal.claims.${read}`, claims: rootsOf(...paths), isInside: paths.some(isNested) };
  });
  const names = [...listIdentityClaims(issuer), ...fields.flatMap(({ claims }) => claims)];
  return {
    claims: new Map(names.map((name) => [name, factsOf(name)])),
    proofs: ["sub", ...listProofs(issuer)],
    reads: fields,
  };
}

/** Scopes are a text or a list, and none has a space in it. */
function factsOfScopes(raw: unknown): ClaimFacts {
  return { form: isText(raw) && raw.startsWith("[") ? "list" : "text" };
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
