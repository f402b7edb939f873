import type { Decision } from "../../contract/decision.ts";
import { covers } from "../../contract/path-template.ts";
import type { PolicyIndex } from "../../contract/policy-index.ts";
import type { PublicRule } from "../../contract/public-rules.ts";
import type { CodeOf } from "../../contract/reason-codes.ts";
import { methodsOfAll } from "../../contract/route.ts";
import { isGrantFor } from "../../contract/rule-apis.ts";
import type { DenialOutcome, Explanation, GrantOutcome } from "./explanation.ts";
import type { RequestParts } from "./input.ts";
import type { Way } from "./ways.ts";

/** The decision on a request: that of the policy, or one that is made without the policy. */
export type RequestDecision =
  | Decision
  /** API Gateway lets the request through without invoking the authorizer. */
  | { readonly effect: "allow"; readonly public: readonly string[] }
  /** The token is refused before the policy decides. */
  | { readonly effect: "deny"; readonly reasons: readonly [CodeOf<"token">] };

/** Everything that `can` prints. */
export interface RequestReport {
  readonly decision: RequestDecision;
  readonly grants: Readonly<Record<string, Omit<GrantOutcome, "params"> & { readonly location: string }>>;
  readonly denials: Readonly<Record<string, Omit<DenialOutcome, "params"> & { readonly location: string }>>;
  /** The ways in which a denied request could have been allowed, the nearest first. */
  readonly ways: readonly Way[];
}

/** Makes the report of a request that the policy decides. */
export function toReport(
  { decision, grants, denials }: Explanation,
  ways: readonly Way[],
  locate: (rule: string, kind: "grants" | "denials") => string,
): RequestReport {
  return {
    decision,
    grants: Object.fromEntries(
      Object.entries(grants).map(([name, { params: _, ...found }]) => [
        name,
        { ...found, location: locate(name, "grants") },
      ]),
    ),
    denials: Object.fromEntries(
      Object.entries(denials).map(([name, { params: _, ...found }]) => [
        name,
        { ...found, location: locate(name, "denials") },
      ]),
    ),
    ways,
  };
}

/** Makes the report of a request that is decided without the policy. */
export function toOutrightReport(decision: RequestDecision): RequestReport {
  return { decision, grants: {}, denials: {}, ways: [] };
}

type Asking = Pick<RequestParts, "method" | "path"> & { readonly api?: string | undefined };

/** Lists the names of the public rules that open a request to everybody. */
export function listPublic(rules: readonly PublicRule[], { method, path, api }: Asking): readonly string[] {
  return rules
    .filter(({ apis }) => apis === undefined || (api !== undefined && apis.includes(api)))
    .filter(({ verbs, path: template }) => methodsOfAll(verbs).includes(method) && covers(template, path))
    .map(({ name }) => name);
}

/** The most templates that a hint names. */
const MAX_NAMED = 3;

/** Says what the policy has instead of a grant or public rule that matches a request: for another API, method or path. */
export function formatNearGrants(
  { grants }: Pick<PolicyIndex, "grants">,
  publicRules: readonly PublicRule[],
  asking: Asking,
): readonly string[] {
  const { method, path, api } = asking;
  const isFor = (one: { readonly verbs: readonly string[]; readonly path: string }) =>
    methodsOfAll(one.verbs).includes(method) && covers(one.path, path);
  const ofOthers = publicRules.filter(isFor).flatMap(({ apis = [] }) => apis);
  if (ofOthers.length > 0) return [formatApis("public rules", ofOthers)];
  const all = Object.entries(grants);
  const atPath = all.filter(([, grant]) => covers(grant.path, path));
  const ofApis = all.flatMap(([, grant]) => (isFor(grant) && !isGrantFor(grant, api) ? grant.api : []));
  if (ofApis.length > 0) return [formatApis("grants", ofApis)];
  const start = `no grant is for ${method} ${path}`;
  if (atPath.length > 0) {
    const verbs = [...new Set(atPath.flatMap(([, grant]) => grant.verbs))].sort();
    return [`${start}; this path has grants for ${verbs.join(", ")}`];
  }
  const near = [...new Set(all.filter(([, grant]) => isNear(grant.path, path)).map(([, grant]) => grant.path))].sort();
  if (near.length === 0) return [`${start}, nor for anything that begins as it does`];
  const more = near.length > MAX_NAMED ? ` and ${near.length - MAX_NAMED} more` : "";
  return [`${start}; there are grants for ${near.slice(0, MAX_NAMED).join(", ")}${more}`];
}

function formatApis(what: "grants" | "public rules", names: readonly string[]): string {
  return `${what} for this method and path are for the APIs ${[...new Set(names)].sort().join(", ")}; name one with --api`;
}

/** Tells whether a template and a path begin with the same segment. */
function isNear(template: string, path: string): boolean {
  return template.split("/")[1] === path.split("/")[1];
}
