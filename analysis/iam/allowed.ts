import { groupBy } from "../../contract/group-by.ts";
import type { Gap } from "../../contract/iam-export.ts";
import { HTTP_METHODS, methodsOf, methodsOfAll } from "../../contract/route.ts";
import { arrivesEncoded, toPattern } from "../paths/iam-patterns.ts";
import type { Glob } from "../paths/language.ts";
import type { Proofs } from "../paths/mismatch.ts";
import { isBeyond, type Universe } from "../paths/proof.ts";
import type { Steps } from "../paths/search.ts";
import type { Denied } from "./denied.ts";
import { createProver, type NarrowingDenials } from "./narrowing.ts";
import { type ReachablePaths, verbsAt } from "./reachable-paths.ts";
import type { Allowed } from "./statements.ts";
import { isHeldBy, type UnconditionalGrant } from "./unconditional-grants.ts";

/** The resources that the holders of some roles are allowed. */
interface AllowedToRoles {
  readonly resources: readonly Allowed[];
  /** Resources to deny, since wildcards of the allowed ones match them, too. */
  readonly narrowing: readonly string[];
  readonly gaps: readonly Gap[];
}

/**
 * Lists the resources of all grants that some roles have unconditionally.
 *
 * It proves, grant by grant and verb by verb, that a resource matches only what these roles are granted. Where a wildcard
 * would match more, paths with one segment too many are denied, or the declared routes that it would open, unless another
 * grant allows such a path. Where that is not enough, the grant is left out, and a gap says why. So is what the document's
 * own denials forbid.
 *
 * @param denied - The denials of every document.
 * @param proofs - Those of all documents.
 */
export function toAllowed(
  grants: readonly UnconditionalGrant[],
  roles: readonly string[],
  reachable: ReachablePaths,
  tags: ReadonlyMap<string, string>,
  denied: Denied,
  proofs: Proofs,
): AllowedToRoles {
  const held = grants.filter((grant) => isHeldBy(grant, roles));
  const prover = createProver(reachable, grantedByVerb(held), denied.near, proofs);
  const resources: Allowed[] = [];
  const narrowing: string[] = [];
  const gaps: Gap[] = [];
  for (const grant of held) {
    const addGap = (reason: string) => gaps.push({ where: grant.name, what: "grant_missing", reason });
    if (grant.path === "/" && grant.verbs.includes("CONNECT")) resources.push({ resource: "$connect", tags: [] });
    const methods = methodsOfAll(grant.verbs).filter((verb) => HTTP_METHODS.includes(verb));
    if (methods.length === 0) continue;
    const verbs = verbsAt(reachable, methods, grant.glob);
    if (verbs.length === 0) {
      addGap("is on no route of the API");
      continue;
    }
    if (arrivesEncoded(grant.path)) {
      addGap(
        "its path has a character that arrives percent-encoded, and IAM patterns can't tell such characters apart",
      );
      continue;
    }
    const voided = verbs.filter((verb) =>
      isVoided(reachable.byVerb.get(verb), grant, proofs.steps, denied.near.get(verb)),
    );
    const rest = verbs.filter((verb) => !voided.includes(verb));
    const allowed = toResource(grant, tags);
    const add = (verb: string, denied: NarrowingDenials) => {
      resources.push({ ...allowed, resource: `${verb}${allowed.resource}` });
      narrowing.push(...denied.map((pattern) => `${verb}${pattern}`));
    };
    const forAllVerbs = rest.length > 2 && voided.length === 0 ? prover.forAllVerbs(grant) : undefined;
    if (forAllVerbs !== undefined && forAllVerbs.length + 1 < rest.length) {
      add("*", forAllVerbs);
      continue;
    }
    const missing = voided.flatMap((verb) => {
      const names = denied.widerNear.get(verb)?.(grant.glob) ?? [];
      // A path that the policy denies, too, is not a gap.
      return names.length > 0 ? [{ verb, reason: `denied by ${names.join(", ")}` }] : [];
    });
    for (const verb of rest) {
      const proved = prover.forVerb(grant, verb);
      if (proved.ok) add(verb, proved.value);
      else missing.push({ verb, reason: proved.error });
    }
    for (const [reason, list] of groupBy(missing, (one) => one.reason))
      addGap(`${list.map(({ verb }) => verb).join(", ")}: ${reason}`);
  }
  for (const [, losses] of groupBy(prover.listLosses(), ({ grant, verb }) => `${verb} ${grant.name}`)) {
    const [first] = losses;
    if (first === undefined) continue;
    const patterns = losses.map(({ pattern }) => pattern).join(", ");
    gaps.push({
      where: first.grant.name,
      what: "grant_missing",
      reason: `${first.verb}: but not ${patterns}, denied for other grants`,
    });
  }
  return { resources, narrowing, gaps };
}

/** Tells whether denials forbid every path of a grant that could arrive; false if that can't be found out in time. */
function isVoided(
  paths: Universe | undefined,
  { glob }: UnconditionalGrant,
  steps: Steps,
  deniedNear: (pattern: Glob) => readonly Glob[] = () => [],
): boolean {
  return paths !== undefined && isBeyond(paths, glob, deniedNear(glob), steps) === false;
}

/** Lists the grants for each method. Methods with the same grants share one list, so that each list is proved once. */
function grantedByVerb(held: readonly UnconditionalGrant[]): ReadonlyMap<string, readonly UnconditionalGrant[]> {
  const known = new Map<string, readonly UnconditionalGrant[]>();
  return new Map(
    HTTP_METHODS.map((verb) => {
      const granted = held.filter(({ verbs }) => verbs.some((one) => methodsOf(one).includes(verb)));
      const key = JSON.stringify(granted.map(({ name }) => name));
      const list = known.get(key) ?? granted;
      known.set(key, list);
      return [verb, list];
    }),
  );
}

/** Makes the resource of a grant without its verb. */
function toResource({ path, where }: UnconditionalGrant, tags: ReadonlyMap<string, string>): Allowed {
  const tagOf = (parameter: string) => tags.get(where[parameter] ?? "") ?? "";
  const parts = toPattern(path, where).map((part, at) => (at % 2 === 0 ? part : `\${aws:PrincipalTag/${tagOf(part)}}`));
  return { resource: parts.join(""), tags: [...new Set(Object.keys(where).map(tagOf))].sort() };
}
