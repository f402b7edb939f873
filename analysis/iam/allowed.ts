import type { Gap } from "../../contract/iam-export.ts";
import type { PolicyIndex } from "../../contract/policy-index.ts";
import { HTTP_METHODS, methodsOf, methodsOfAll } from "../../contract/route.ts";
import { arrivesEncoded, toPattern } from "../paths/iam-patterns.ts";
import { createProver } from "./narrowing.ts";
import { type ReachablePaths, verbsAt } from "./reachable-paths.ts";
import type { Allowed } from "./statements.ts";
import { type Certain, isCertain, isHeld } from "./unconditional-grants.ts";

/** What the holders of some roles are allowed. */
interface AllowedToRoles {
  readonly resources: readonly Allowed[];
  /** To be denied, since wildcards of resources take them in. */
  readonly carved: readonly string[];
  readonly gaps: readonly Gap[];
}

/**
 * The resources of all grants that some roles have for certain.
 *
 * It is proved grant by grant and verb by verb that a resource matches nothing that these roles are not granted. Where a
 * wildcard would, the paths with a segment too many are denied, unless another grant is for one of those; and where
 * that does not do, the grant is left out.
 */
export function toAllowed(
  grants: PolicyIndex["grants"],
  roles: readonly string[],
  reachable: ReachablePaths,
  tags: ReadonlyMap<string, string>,
): AllowedToRoles {
  const held = Object.entries(grants).filter(([, grant]) => isCertain(grant) && isHeld(grant, roles));
  const prover = createProver(reachable, grantedByVerb(held));
  const resources: Allowed[] = [];
  const carved: string[] = [];
  const gaps: Gap[] = [];
  for (const [name, grant] of held) {
    const leave = (reason: string) => gaps.push({ where: name, what: "grant_missing", reason });
    if (grant.path === "/" && grant.verbs.includes("CONNECT")) resources.push({ resource: "$connect", tags: [] });
    const asked = methodsOfAll(grant.verbs).filter((verb) => HTTP_METHODS.includes(verb));
    if (asked.length === 0) continue;
    const verbs = verbsAt(reachable, asked, grant.path);
    if (verbs.length === 0) {
      leave("is on no route of the API");
      continue;
    }
    if (arrivesEncoded(grant.path)) {
      leave("its path has a character that arrives percent-encoded, which no document can tell apart");
      continue;
    }
    const allowed = toResource(grant, tags);
    const add = (verb: string, carve: readonly string[]) => {
      resources.push({ ...allowed, resource: `${verb}${allowed.resource}` });
      carved.push(...carve.map((pattern) => `${verb}${pattern}`));
    };
    const ofAll = verbs.length > 2 ? prover.forAllVerbs(grant) : undefined;
    if (ofAll !== undefined && ofAll.length + 1 < verbs.length) {
      add("*", ofAll);
      continue;
    }
    const mismatches = new Map<string, string[]>();
    for (const verb of verbs) {
      const ofVerb = prover.forVerb(grant, verb);
      if (ofVerb.ok) add(verb, ofVerb.value);
      else mismatches.set(ofVerb.error, [...(mismatches.get(ofVerb.error) ?? []), verb]);
    }
    for (const [reason, list] of mismatches) leave(`${list.join(", ")}: ${reason}`);
  }
  return { resources, carved, gaps };
}

/** The grants for each method. One and the same list where they are the same. */
function grantedByVerb(held: readonly (readonly [string, Certain])[]): ReadonlyMap<string, readonly Certain[]> {
  const known = new Map<string, readonly Certain[]>();
  return new Map(
    HTTP_METHODS.map((verb) => {
      const rules = held.filter(([, { verbs }]) => verbs.some((one) => methodsOf(one).includes(verb)));
      const key = JSON.stringify(rules.map(([name]) => name));
      const list = known.get(key) ?? rules.map(([, grant]) => grant);
      known.set(key, list);
      return [verb, list];
    }),
  );
}

/** What follows the verb. */
function toResource({ path, where }: Certain, tags: ReadonlyMap<string, string>): Allowed {
  const tagOf = (parameter: string) => tags.get(where[parameter] ?? "") ?? "";
  const parts = toPattern(path, where).map((part, at) => (at % 2 === 0 ? part : `\${aws:PrincipalTag/${tagOf(part)}}`));
  return { resource: parts.join(""), tags: [...new Set(Object.keys(where).map(tagOf))].sort() };
}
