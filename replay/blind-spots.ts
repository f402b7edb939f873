import { formOfClaim } from "./claim-forms.ts";
import { ANY_USER_POOL, isNested, pathsOf } from "./logged-claims.ts";
import type { ReplayedPolicy } from "./replay-log.ts";
import type { Tally } from "./tally.ts";

/** Lists what an access log can't tell about the decisions of a policy, a sentence each. */
export function listBlindSpots({ dist, issuers, reads }: ReplayedPolicy): readonly string[] {
  const { manifest } = dist;
  const all = [...(issuers?.values() ?? [ANY_USER_POOL])];
  const nested = reads.filter((name) => all.some((issuer) => pathsOf(name, issuer).some(isNested)));
  const unclear = reads.filter((name) => formOfClaim(name) === "unknown");
  return [
    "the other authorizer has verified the tokens: signatures and times are not judged, and what it accepts of clients is accepted where the log does not show the client",
    ...manifest.request_values.map(
      ({ from, name, conditions }) =>
        `no access log has the ${from === "header" ? "header" : "query parameter"} ${name}, which ${conditions.join(", ")} ${conditions.length === 1 ? "reads" : "read"}`,
    ),
    ...(nested.length === 0 ? [] : [`an access log does not show claims inside others: ${nested.join(", ")}`]),
    ...(unclear.length === 0
      ? []
      : [
          `a log shows every claim as text, so that these count as text even if they are numbers, booleans or lists in the token: ${unclear.join(", ")}`,
        ]),
    ...(reads.includes("cognito:groups")
      ? ["REST APIs join groups with commas, so that a group with a comma in its name looks like two"]
      : []),
    ...(manifest.opens_when_missing.length === 0
      ? []
      : [
          `these rules may be true when a value is missing, so that no allow is certain where a value is not logged: ${manifest.opens_when_missing.map(({ rule }) => rule).join(", ")}`,
        ]),
    ...(issuers === undefined
      ? ["TRUSTED_ISSUERS is not set, so that all claims are read as Cognito's, of any user pool and client"]
      : []),
  ];
}

/** Lists the claims that the policy reads and that have no value in any line, which a wrong variable would explain. */
export function listEmptyClaims({ claims }: Tally, reads: readonly string[]): readonly string[] {
  return reads
    .filter((name) => claims.get(name) === 0)
    .map(
      (name) =>
        `the claim ${name} has no value in any line; if tokens have it, the variable in the log's format is not right, and the counts are not either`,
    );
}
