import { traitsOf } from "../../contract/api-kinds.ts";
import type { Entitlements } from "../../contract/entitlements.ts";
import { own } from "../../contract/json.ts";
import { isEveryRouteOfToken, type TokenDocumentParts, type TokenRule } from "../../contract/manifest.ts";
import type { NoOtherKeys } from "../../contract/policy-index.ts";
import { withoutNames } from "../../contract/route.ts";
import type { GatewayEvent } from "../gateway/event.ts";
import type { TokenResources } from "../gateway/token-document.ts";

/** Matches a claim that can be a segment of a canonical path without encoding (RFC 3986, `pchar` without `%`, `;` and `*`). */
const SEGMENT = /^(?!\.{1,2}$)[\w.~!$&'()+,=:@-]{1,128}$/;

/** Tells whether the response to an event must be a per-token policy document. */
export type HasTokenDocument = (event: Pick<GatewayEvent, "kind" | "route" | "arn">) => boolean;

/**
 * Creates the function that tells whether the response to an event must be a per-token policy document.
 *
 * API Gateway matched the route, so the route shows which authorizer was invoked. A TOKEN authorizer's event has no route,
 * so its responses are per-token policy documents only if every route of the API has class `token`.
 */
export function createHasTokenDocument(parts: TokenDocumentParts): HasTokenDocument {
  const { routes } = parts;
  const isOfApi = isEveryRouteOfToken(parts);
  return ({ kind, route, arn }) => {
    const { tokenDocument } = traitsOf(kind);
    switch (tokenDocument) {
      case "of_api":
        return isOfApi;
      case "of_route": {
        if (route === undefined) return false;
        const path = withoutNames(route);
        return (own(routes, `${arn.verb} ${path}`) ?? own(routes, `ANY ${path}`)) === true;
      }
      case "none":
        return false;
      default:
        return tokenDocument satisfies never;
    }
  };
}

/**
 * Lists what a principal may do on all routes, as IAM patterns.
 *
 * @returns Undefined if a claim has a value that no path could hold, or that does not fit into a pattern.
 */
export function toTokenResources(
  { grants, denials }: Entitlements,
  parts: TokenDocumentParts,
): TokenResources | undefined {
  const allowed = new Set<string>();
  for (const [name, rule] of Object.entries(parts.grants)) {
    const grant = own(grants, name);
    if (grant === undefined) continue;
    // The parts are those of one API, and have its grants and denials alone.
    const { status, unmet, where, verbs: _verbs, path: _path, conditions: _conditions, api: _api, ...others } = grant;
    others satisfies NoOtherKeys;
    if (status === "not_held" || unmet.length > 0) continue;
    // A parameter is never empty, so a grant for an empty claim allows nothing.
    if (Object.values(where).includes("")) continue;
    const resources = toResources(rule, where);
    if (resources === undefined) return undefined;
    for (const resource of resources) allowed.add(resource);
  }
  const denied = Object.entries(parts.denials).flatMap(([name, rule]) => {
    const denial = own(denials, name);
    return denial !== undefined && isWithoutEffect(denial) ? [] : (toResources(rule, {}) ?? ["*"]);
  });
  return { allowed: [...allowed], denied: [...new Set(denied)] };
}

/** Tells whether a denial does not apply to the principal, or is lifted. */
function isWithoutEffect(denial: Entitlements["denials"][string]): boolean {
  const { status, unmet, verbs: _verbs, path: _path, conditions: _conditions, api: _api, ...others } = denial;
  others satisfies NoOtherKeys;
  return status === "not_held" || (status === "conditional" && unmet.length === 0);
}

/** Replaces the parameters of a rule's path by their values; gives undefined if a value does not fit. */
function toResources(
  { verbs, path }: TokenRule,
  where: Readonly<Record<string, string>>,
): readonly string[] | undefined {
  const parts = path.map((part, at) => {
    if (at % 2 === 0) return part;
    const value = own(where, part) ?? "";
    return SEGMENT.test(value) ? value.replaceAll(/[*?$]/g, "${$&}") : undefined;
  });
  return parts.includes(undefined) ? undefined : verbs.map((verb) => `${verb}${parts.join("")}`);
}
