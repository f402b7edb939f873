import { type Checks, isClosed, isMapOf, isText, isTexts } from "./json.ts";
import { err, ok, type Result } from "./result.ts";

/** Everything that one principal may do, as far as that is known without a request. */
export interface Entitlements {
  readonly grants: Readonly<Record<string, EntitlementOfGrant>>;
  readonly denials: Readonly<Record<string, EntitlementOfDenial>>;
  readonly roles: readonly string[];
}

/** The effect of a grant or denial on a principal. */
interface Entitlement<Status extends string> {
  readonly verbs: readonly string[];
  readonly path: string;
  readonly status: Status | "conditional" | "not_held";
  readonly conditions: readonly string[];
  /** The conditions that are not true, or can't be evaluated, without a request. */
  readonly unmet: readonly string[];
}

type EntitlementOfDenial = Entitlement<"denied">;

/** `where` maps each parameter of the path that must equal a claim to the value of the claim. */
type EntitlementOfGrant = Entitlement<"granted"> & { readonly where: Readonly<Record<string, string>> };

const DENIAL_CHECKS: Checks<EntitlementOfDenial> = {
  verbs: isTexts,
  path: isText,
  status: (value) => value === "denied" || value === "conditional" || value === "not_held",
  conditions: isTexts,
  unmet: isTexts,
};

const GRANT_CHECKS: Checks<EntitlementOfGrant> = {
  ...DENIAL_CHECKS,
  status: (value) => value === "granted" || value === "conditional" || value === "not_held",
  where: (value) => isMapOf(value, isText),
};

/** Parses the evaluator's result set, as strictly as that of a decision. */
export function parseEntitlements(resultSet: unknown): Result<Entitlements, "engine.undefined" | "engine.malformed"> {
  if (!Array.isArray(resultSet)) return err("engine.malformed");
  if (resultSet.length === 0) return err("engine.undefined");
  const found: unknown = resultSet.length === 1 ? Object(resultSet[0]).result : undefined;
  return isEntitlements(found) ? ok(found) : err("engine.malformed");
}

const CHECKS: Checks<Entitlements> = {
  grants: (grants) => isMapOf(grants, (grant) => isClosed(grant, GRANT_CHECKS)),
  denials: (denials) => isMapOf(denials, (denial) => isClosed(denial, DENIAL_CHECKS)),
  roles: isTexts,
};

function isEntitlements(value: unknown): value is Entitlements {
  return isClosed(value, CHECKS);
}
