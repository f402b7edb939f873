import { isText, own } from "../../contract/json.ts";

/** Things that are added to what a caller carries, to see what would change. */
export interface Additions {
  readonly groups: readonly string[];
  /** Scopes, which only a machine has. */
  readonly scopes: readonly string[];
  readonly kind: "user" | "machine" | undefined;
  /** The name of the issuer in the settings. */
  readonly issuer: string | undefined;
}

/** The parts of a caller, or of a principal in an input, that something is added to. */
interface Carrier {
  readonly kind?: "user" | "machine" | undefined;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Adds groups and scopes to what a caller carries. A caller with an added scope is a machine, unless it is proved a user. */
export function addTo<Who extends Carrier>(who: Who, { groups, scopes, kind, issuer }: Additions): Who {
  const heldGroups = own(who.claims, "cognito:groups");
  const heldScopes = own(who.claims, "scope");
  const isOfScope = scopes.length > 0 && who.kind === undefined;
  const wanted = kind ?? (isOfScope ? "machine" : undefined);
  return {
    ...who,
    ...(wanted !== undefined && { kind: wanted }),
    ...(issuer !== undefined && { issuer_name: issuer }),
    claims: {
      ...who.claims,
      ...(groups.length > 0 && {
        "cognito:groups": [...new Set([...(Array.isArray(heldGroups) ? heldGroups : []), ...groups])],
      }),
      ...(scopes.length > 0 && {
        scope: [...(isText(heldScopes) && heldScopes !== "" ? [heldScopes] : []), ...scopes].join(" "),
      }),
    },
  };
}
