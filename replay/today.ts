import { isText } from "../contract/json.ts";
import type { LoggedRequest } from "./logged-request.ts";

/**
 * The fate of a request: it reached the back end, which may have refused it by itself; or an authorizer refused it; or no
 * authorizer had decided on it.
 */
export type Today =
  | { readonly kind: "allowed" | "refused" | "refused_behind" }
  | { readonly kind: "undecided"; readonly because: UndecidedCause };

export type UndecidedCause = "no_route" | "preflight" | "limited" | "firewall" | "authorizer_failed" | "malformed";

/**
 * The types of responses that API Gateway gives by itself, before an authorizer, instead of it, or as a refusal after it.
 *
 * @see API Gateway developer guide, "Gateway response types for API Gateway"
 */
const BEFORE: Readonly<Record<string, Today>> = {
  ACCESS_DENIED: { kind: "refused" },
  UNAUTHORIZED: { kind: "refused" },
  EXPIRED_TOKEN: { kind: "refused" },
  INVALID_SIGNATURE: { kind: "refused" },
  // The API key is checked after the authorizer, whichever it is.
  INVALID_API_KEY: { kind: "refused_behind" },
  AUTHORIZER_FAILURE: { kind: "undecided", because: "authorizer_failed" },
  AUTHORIZER_CONFIGURATION_ERROR: { kind: "undecided", because: "authorizer_failed" },
  MISSING_AUTHENTICATION_TOKEN: { kind: "undecided", because: "no_route" },
  RESOURCE_NOT_FOUND: { kind: "undecided", because: "no_route" },
  THROTTLED: { kind: "undecided", because: "limited" },
  WAF_FILTERED: { kind: "undecided", because: "firewall" },
  REQUEST_TOO_LARGE: { kind: "undecided", because: "malformed" },
};

/** Finds out what became of a request. */
export function toToday(request: LoggedRequest): Today {
  const { method, status, fields, claims } = request;
  const { responseType, integrationStatus, routeKey } = fields;
  const hasClaims = Object.values(claims).some((value) => value !== null);
  const isRefusal = status === 401 || status === 403;
  if (isText(integrationStatus) && !(method === "OPTIONS" && !hasClaims))
    return { kind: isRefusal ? "refused_behind" : "allowed" };
  const known = isText(responseType) ? BEFORE[responseType] : undefined;
  if (known !== undefined) return known;
  if (method === "OPTIONS" && !hasClaims && status < 400) return PREFLIGHT;
  if (routeKey === null && status === 404) return { kind: "undecided", because: "no_route" };
  if (integrationStatus === null && status === 404 && !hasClaims) return { kind: "undecided", because: "no_route" };
  if (status === 429) return { kind: "undecided", because: "limited" };
  return { kind: isRefusal ? "refused" : "allowed" };
}

const PREFLIGHT: Today = { kind: "undecided", because: "preflight" };
