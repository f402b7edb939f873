import type { AccessPolicy } from "../analysis/access/model.ts";
import { covers } from "../contract/path-template.ts";
import type { IndexedGrant } from "../contract/policy-index.ts";
import { HTTP_METHODS, methodsOf } from "../contract/route.ts";
import { toNarrowTemplate, toPlaces } from "./narrow-template.ts";
import type { Use } from "./usage.ts";

/** A change that takes access away which no logged decision used. */
export type Proposal = { readonly grant: string } & (
  | { readonly kind: "drop grant" }
  | { readonly kind: "drop roles"; readonly roles: readonly string[] }
  /** The verbs that are left; at least one. */
  | { readonly kind: "drop verbs"; readonly dropped: readonly string[]; readonly verbs: readonly string[] }
  /** The templates instead of the grant's; each is inside it, and has its parameters as far as conditions and `where` read them. */
  | { readonly kind: "narrow path"; readonly paths: readonly string[] }
);

/** The most templates that replace one. With more, the policy would be harder to review than it is. */
const MAX_TEMPLATES = 8;

/** Makes the proposals for what no logged decision used. All of them together change no logged decision. */
export function toProposals(policy: AccessPolicy, uses: readonly Use[], hasRoutes: boolean): readonly Proposal[] {
  const byGrant = new Map<string, Use[]>();
  for (const use of uses)
    for (const grant of use.grants) {
      const own = byGrant.get(grant);
      if (own === undefined) byGrant.set(grant, [use]);
      else own.push(use);
    }
  return Object.entries(policy.grants).flatMap(([name, grant]): readonly Proposal[] => {
    const own = byGrant.get(name);
    if (own === undefined) return [{ kind: "drop grant", grant: name }];
    return [
      ...dropRoles(name, grant, own),
      ...dropVerbs(name, grant, own),
      ...(hasRoutes ? narrowPath(name, grant, own, policy) : []),
    ];
  });
}

function dropRoles(name: string, grant: IndexedGrant, uses: readonly Use[]): readonly Proposal[] {
  const roles = grant.roles.filter((role) => !uses.some((use) => use.roles.has(role)));
  return roles.length === 0 || roles.length === grant.roles.length ? [] : [{ kind: "drop roles", grant: name, roles }];
}

function dropVerbs(name: string, grant: IndexedGrant, uses: readonly Use[]): readonly Proposal[] {
  const used = new Set(uses.map(({ method }) => method));
  const allowed = grant.verbs.flatMap(methodsOf);
  const dropped = allowed.filter((method) => !used.has(method));
  if (dropped.length === 0 || dropped.length === allowed.length) return [];
  const verbs = [...HTTP_METHODS, "CONNECT"].filter((method) => allowed.includes(method) && used.has(method));
  return [{ kind: "drop verbs", grant: name, dropped: [...new Set(dropped)].sort(), verbs }];
}

function narrowPath(
  name: string,
  grant: IndexedGrant,
  uses: readonly Use[],
  { conditions }: AccessPolicy,
): readonly Proposal[] {
  const routes = [...new Set(uses.map(({ route }) => route))].sort();
  if (routes.length > MAX_TEMPLATES) return [];
  const read = new Set([...Object.keys(grant.where), ...grant.when.flatMap((one) => conditions[one]?.params ?? [])]);
  const paths = routes.flatMap((route) => {
    const isInside = route !== undefined && covers(grant.path, route) && !covers(route, grant.path);
    return (isInside ? toNarrowTemplate(grant.path, route, read) : undefined) ?? [];
  });
  return paths.length === 0 || paths.length < routes.length ? [] : [{ kind: "narrow path", grant: name, paths }];
}

/** Changes a policy as proposals say. */
export function applyProposals(policy: AccessPolicy, proposals: readonly Proposal[]): AccessPolicy {
  const grants = new Map(Object.entries(policy.grants));
  for (const proposal of proposals) {
    const grant = grants.get(proposal.grant);
    if (grant === undefined) continue;
    grants.delete(proposal.grant);
    for (const [name, changed] of Object.entries(toChanged(proposal, grant, policy.grants))) grants.set(name, changed);
  }
  return { ...policy, grants: Object.fromEntries(grants) };
}

function toChanged(proposal: Proposal, grant: IndexedGrant, all: AccessPolicy["grants"]): AccessPolicy["grants"] {
  switch (proposal.kind) {
    case "drop grant":
      return {};
    case "drop roles":
      return { [proposal.grant]: { ...grant, roles: grant.roles.filter((role) => !proposal.roles.includes(role)) } };
    case "drop verbs":
      return { [proposal.grant]: { ...grant, verbs: [...proposal.verbs].sort() } };
    case "narrow path": {
      const names = toNames(proposal.grant, proposal.paths.length, all);
      return Object.fromEntries(proposal.paths.map((path, at) => [names[at] ?? "", { ...grant, ...toPlaces(path) }]));
    }
    default:
      return proposal satisfies never;
  }
}

/** Names the grants that replace one: the first has its name, the others have a number behind it. */
export function toNames(name: string, count: number, taken: Readonly<Record<string, unknown>>): readonly string[] {
  const names = [name];
  for (let number = 2; names.length < count; number += 1) {
    const next = `${name}_${number}`;
    if (!Object.hasOwn(taken, next)) names.push(next);
  }
  return names;
}
