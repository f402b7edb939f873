import { readClaim } from "../../contract/claim-path.ts";
import { isText, isTexts, parseJson } from "../../contract/json.ts";
import type { Claims } from "./claims.ts";
import type { TrustedIssuer } from "./trusted-issuer.ts";

/** The claims as policies read them, and the names of those that have no single reading, which give nothing. */
export interface PolicyClaims {
  readonly claims: Claims;
  readonly ambiguousClaims: readonly string[];
}

/**
 * Makes the claims that policies read of those of an issuer other than Cognito: groups in `cognito:groups`, scopes in `scope`,
 * and the claims that its settings name by a path. No other claim may have the name of one of Cognito's.
 */
export function toPolicyClaims(claims: Claims, issuer: TrustedIssuer, isMachine: boolean): PolicyClaims {
  const own = Object.entries(claims).filter(([name]) => !name.startsWith("cognito:"));
  const mapped = Object.entries(issuer.claims).map(([name, path]) => [name, readClaim(claims, path)] as const);
  const { groupsClaim, scopesClaim, machineScopesClaim = scopesClaim } = issuer;
  const groups = groupsClaim === undefined ? [] : parseGroups(readClaim(claims, groupsClaim));
  const scopes = parseScopes(readClaim(claims, isMachine ? machineScopesClaim : scopesClaim));
  const all = [
    ...own,
    ...mapped,
    ["cognito:groups", groups ?? []] as const,
    ["scope", scopes?.join(" ") || undefined] as const,
  ];
  return {
    // The last of a name counts, even if it is undefined: then the policy gets no such claim.
    claims: Object.fromEntries(all),
    ambiguousClaims: [...(groups === undefined ? ["cognito:groups"] : []), ...(scopes === undefined ? ["scope"] : [])],
  };
}

/** Parses groups: a list of texts, one text, or a text that is such a list in JSON; undefined for anything else. */
function parseGroups(value: unknown): readonly string[] | undefined {
  if (value === undefined || value === null || value === "") return [];
  if (isTexts(value)) return value;
  if (!isText(value)) return undefined;
  return value.startsWith("[") ? parseJsonTexts(value) : [value];
}

/** Parses scopes: a text with spaces between them, a list of texts, or such a list in JSON; undefined for anything else. */
function parseScopes(value: unknown): readonly string[] | undefined {
  if (value === undefined || value === null) return [];
  if (isText(value) && !value.startsWith("[")) return value.split(" ");
  const list = isText(value) ? parseJsonTexts(value) : value;
  return isTexts(list) && list.every((scope) => scope !== "" && !scope.includes(" ")) ? list : undefined;
}

/** Parses a JSON list of texts, none of them empty, as serializers write it: without escapes, and with `,` or `, ` between them. */
function parseJsonTexts(text: string): readonly string[] | undefined {
  const value = parseJson(text);
  if (!isTexts(value) || value.includes("") || text.includes("\\")) return undefined;
  const forms = [",", ", "].map((between) => `[${value.map((item) => JSON.stringify(item)).join(between)}]`);
  return forms.includes(text) ? value : undefined;
}
