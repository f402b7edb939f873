import { isMapOf, isObject, isText, isTexts } from "./json.ts";
import { err, ok, type Result } from "./result.ts";

/** Everything one principal may do, as far as that is known without a request. */
export interface Entitlements {
  readonly grants: Readonly<Record<string, EntitlementOfGrant>>;
  readonly denials: Readonly<Record<string, EntitlementOfDenial>>;
  readonly roles: readonly string[];
}

/** How a grant or denial concerns a principal. */
interface Entitlement<Status extends string> {
  readonly verbs: readonly string[];
  readonly path: string;
  readonly status: Status | "conditional" | "not_held";
  readonly conditions: readonly string[];
  /** Those of the conditions that are not true of the principal alone. */
  readonly unmet: readonly string[];
}

type EntitlementOfDenial = Entitlement<"denied">;

/** `where` has the values that parameters of the path must have. */
type EntitlementOfGrant = Entitlement<"granted"> & { readonly where: Readonly<Record<string, string>> };

/**
 * A check for each key that the engine gives, and no others: a key that is new may close something, so that whoever
 * ignores it would open that.
 */
type Checks<Table> = Readonly<Record<keyof Table, (value: unknown) => boolean>>;

const OF_DENIAL: Checks<EntitlementOfDenial> = {
  verbs: isTexts,
  path: isText,
  status: (value) => value === "denied" || value === "conditional" || value === "not_held",
  conditions: isTexts,
  unmet: isTexts,
};

const OF_GRANT: Checks<EntitlementOfGrant> = {
  ...OF_DENIAL,
  status: (value) => value === "granted" || value === "conditional" || value === "not_held",
  where: (value) => isMapOf(value, isText),
};

/** Reads what the evaluator returned; a border like that of a decision. */
export function parseEntitlements(resultSet: unknown): Result<Entitlements, "engine.undefined" | "engine.malformed"> {
  if (!Array.isArray(resultSet)) return err("engine.malformed");
  if (resultSet.length === 0) return err("engine.undefined");
  const found: unknown = resultSet.length === 1 ? Object(resultSet[0]).result : undefined;
  return isEntitlements(found) ? ok(found) : err("engine.malformed");
}

function isEntitlements(value: unknown): value is Entitlements {
  const { grants, denials, roles } = Object(value);
  return (
    isTexts(roles) &&
    isMapOf(grants, (grant) => isClosed(grant, OF_GRANT)) &&
    isMapOf(denials, (denial) => isClosed(denial, OF_DENIAL))
  );
}

function isClosed<Table>(value: unknown, checks: Checks<Table>): boolean {
  return (
    isObject(value) &&
    Object.keys(value).every((key) => Object.hasOwn(checks, key)) &&
    Object.entries<(value: unknown) => boolean>(checks).every(([key, isFine]) => isFine(value[key]))
  );
}
