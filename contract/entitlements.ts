import { type Checks, closed, is, mapOf, optional, TEXT, TEXTS } from "./checks.ts";
import { parseResultSet } from "./result-set.ts";

/** Everything that one principal may do, as far as that is known without a request. */
export interface Entitlements {
  readonly grants: Readonly<Record<string, EntitlementOfGrant>>;
  readonly denials: Readonly<Record<string, EntitlementOfDenial>>;
  readonly roles: readonly string[];
}

/** The effect of a grant or denial on a principal. */
interface Entitlement<Status extends string> {
  /** The names of the APIs that it is for; missing: all. */
  readonly api?: readonly string[];
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

const DENIAL: Checks<EntitlementOfDenial> = {
  api: optional(TEXTS),
  verbs: TEXTS,
  path: TEXT,
  status: is((value) => value === "denied" || value === "conditional" || value === "not_held"),
  conditions: TEXTS,
  unmet: TEXTS,
};

const GRANT: Checks<EntitlementOfGrant> = {
  ...DENIAL,
  status: is((value) => value === "granted" || value === "conditional" || value === "not_held"),
  where: mapOf(TEXT),
};

const ENTITLEMENTS = closed<Entitlements>({
  grants: mapOf(closed(GRANT)),
  denials: mapOf(closed(DENIAL)),
  roles: TEXTS,
});

/** Parses the evaluator's result set for entitlements. */
export function parseEntitlements(resultSet: unknown): ReturnType<typeof parseResultSet<Entitlements>> {
  return parseResultSet(resultSet, ENTITLEMENTS);
}
