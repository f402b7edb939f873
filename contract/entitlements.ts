import { isMapOf, isText, isTexts } from "./json.ts";
import { err, ok, type Result } from "./result.ts";

/** Everything one principal may do, as far as that is known without a request. */
export interface Entitlements {
  readonly grants: Readonly<
    Record<string, Entitlement<"granted"> & { readonly where: Readonly<Record<string, string>> }>
  >;
  readonly denials: Readonly<Record<string, Entitlement<"denied">>>;
  readonly roles: readonly string[];
}

/** How a grant or denial concerns a principal, and those of its conditions that are not true of the principal alone. */
interface Entitlement<Status extends string> {
  readonly status: Status | "conditional" | "not_held";
  readonly unmet: readonly string[];
}

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
    isMapOf(grants, (grant) => isEntitlement(grant, "granted") && isMapOf(Object(grant).where, isText)) &&
    isMapOf(denials, (denial) => isEntitlement(denial, "denied"))
  );
}

function isEntitlement(value: unknown, effect: string): boolean {
  const { status, unmet } = Object(value);
  return [effect, "conditional", "not_held"].includes(status) && isTexts(unmet);
}
