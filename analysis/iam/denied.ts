import type { Gap } from "../../contract/iam-export.ts";
import { deriveEach, type ForEachKey, type IndexedDenial, type PolicyIndex } from "../../contract/policy-index.ts";
import { ok, type Result } from "../../contract/result.ts";
import { HTTP_METHODS, methodsOfAll } from "../../contract/route.ts";
import { createGlobIndex, type GlobIndex } from "../paths/glob-index.ts";
import { arrivesEncoded, globOfPattern, globOfTemplate, toPattern } from "../paths/iam-patterns.ts";
import { type Glob, RUN } from "../paths/language.ts";
import { findCommon } from "../paths/proof.ts";
import { type Steps, TOO_LONG } from "../paths/search.ts";
import type { ReachablePaths } from "./reachable-paths.ts";

const asWritten = (): readonly string[] => [];

/**
 * The reasons, for each key of a denial, why a document denies more than the policy: it applies to everybody, whatever the
 * conditions.
 */
const WIDER_BECAUSE: ForEachKey<IndexedDenial, readonly string[]> = {
  api: ({ api }) => (api.length > 0 ? [`holds on every API, not on ${api.join(", ")} only`] : []),
  roles: ({ roles }) => (roles.length > 0 ? [`holds for everybody, not for ${roles.join(", ")} only`] : []),
  unless: ({ unless }) =>
    unless.length > 0 ? [`holds even if ${unless.join(" and ")}, which IAM can't evaluate`] : [],
  // A resource has a method and a pattern for the path.
  verbs: asWritten,
  path: asWritten,
  params: asWritten,
  tail: asWritten,
};

/** The resources that every document denies. */
export interface Denied {
  readonly resources: readonly string[];
  readonly gaps: readonly Gap[];
  /** Finds the paths that the resources match and that a pattern matches, too, by method. */
  readonly near: ReadonlyMap<string, (pattern: Glob) => readonly Glob[]>;
  /** Finds the names of denials that forbid more than in the policy, and have a path in common with a pattern, by method. */
  readonly widerNear: ReadonlyMap<string, (pattern: Glob) => readonly string[]>;
}

/**
 * Lists the resources that every document denies: those of all denials, without their roles and conditions, since the IAM
 * role of a session shows neither. They don't depend on the API's routes.
 *
 * @param holders - The roles of each document. They show which granted paths a wider denial takes away.
 */
export function toDenied(
  { grants, denials }: Pick<PolicyIndex, "grants" | "denials">,
  holders: readonly (readonly string[])[],
  reachable: ReachablePaths,
  steps: Steps,
): Denied {
  const held = new Set(holders.flat());
  const granted = Object.values(grants).filter(
    ({ api, when, roles }) => api.length === 0 && when.length === 0 && roles.some((r) => held.has(r)),
  );
  const globOf = ({ path }: { readonly path: string }) => globOfTemplate(path);
  const grantedNear = indexByVerb(granted, globOf);
  const forbiddenNear = indexByVerb(Object.values(denials), globOf);

  /** Finds a request that somebody is granted and no denial of the policy forbids, but that this pattern matches. */
  const findLoss = (pattern: Glob, verbs: readonly string[]): Result<string | undefined, "too_long"> => {
    for (const verb of verbs) {
      const paths = reachable.byVerb.get(verb);
      const [near = [], except = []] = [grantedNear.get(verb), forbiddenNear.get(verb)].map((index) =>
        (index?.near(pattern) ?? []).map(({ path }) => path),
      );
      const found = paths && findCommon(paths, near, pattern, except, steps);
      if (found?.ok === false) return found;
      if (found?.value !== undefined) return ok(`${verb} ${found.value}`);
    }
    return ok(undefined);
  };

  const resources: string[] = [];
  const gaps: Gap[] = [];
  for (const [name, denial] of Object.entries(denials)) {
    const addGap = (reason: string) => gaps.push({ where: name, what: "denial_wider", reason });
    for (const reason of deriveEach(WIDER_BECAUSE, denial).flat()) addGap(reason);
    if (denial.path === "/" && denial.verbs.includes("CONNECT")) resources.push("$connect");
    const verbs = methodsOfAll(denial.verbs).filter((verb) => HTTP_METHODS.includes(verb));
    if (verbs.length === 0) continue;
    const pattern = toPattern(denial.path, {}).join("");
    const text = arrivesEncoded(denial.path) ? loosened(pattern) : pattern;
    if (text !== pattern)
      addGap(`${text} stands for ${denial.path}, since IAM patterns can't tell percent-encoded characters apart`);
    const loss = findLoss(globOfPattern(pattern), verbs);
    if (!loss.ok) addGap(`${pattern} may forbid what ${denial.path} does not match: ${TOO_LONG}`);
    else if (loss.value !== undefined)
      addGap(`${pattern} forbids ${loss.value}, too, which ${denial.path} does not match`);
    const isForAll = verbs.length === HTTP_METHODS.length && text === pattern;
    const isFree = isForAll && isNone(loss) && isNone(findLoss([RUN, ...globOfPattern(pattern)], verbs));
    resources.push(...(isFree ? ["*"] : verbs).map((verb) => `${verb}${text}`));
  }
  const isWider = new Set(gaps.map(({ where }) => where));
  const wider = indexByVerb<{ readonly name: string; readonly verbs: readonly string[]; readonly path: string }>(
    Object.entries(denials).flatMap(([name, { verbs, path }]) => (isWider.has(name) ? [{ name, verbs, path }] : [])),
    ({ path }) => globOfPattern(toPattern(path, {}).join("")),
  );
  return {
    resources,
    gaps,
    near: new Map(
      HTTP_METHODS.map((verb) => {
        const globs = resources.flatMap((resource) => toGlob(resource, verb));
        return [verb, createGlobIndex(globs, (glob) => glob).near];
      }),
    ),
    widerNear: new Map(
      [...wider].map(([verb, index]) => [verb, (pattern) => index.near(pattern).map(({ name }) => name)]),
    ),
  };
}

function isNone(loss: Result<string | undefined, "too_long">): boolean {
  return loss.ok && loss.value === undefined;
}

/** Arranges grants or denials by method. */
function indexByVerb<Rule extends { readonly verbs: readonly string[] }>(
  rules: readonly Rule[],
  globOf: (rule: Rule) => Glob,
): ReadonlyMap<string, GlobIndex<Rule>> {
  const globs = new Map(rules.map((rule) => [rule, globOf(rule)]));
  const indexes = new Map(
    HTTP_METHODS.map((verb) => [verb, createGlobIndex<Rule>([], (rule) => globs.get(rule) ?? [])]),
  );
  for (const rule of rules) for (const verb of methodsOfAll(rule.verbs)) indexes.get(verb)?.add(rule);
  return indexes;
}

/** Describes the paths that a denied resource matches with a method. */
function toGlob(resource: string, verb: string): readonly Glob[] {
  const at = resource.indexOf("/");
  const paths = globOfPattern(resource.slice(at));
  if (resource.startsWith("*/")) return [[RUN, ...paths]];
  return at > 0 && resource.slice(0, at) === verb ? [paths] : [];
}

/** Replaces characters that IAM patterns can't have, or can't tell apart, with a `*`. */
function loosened(pattern: string): string {
  return pattern
    .split("/")
    .map((part) => (/^\??\*$/.test(part) ? part : part.replaceAll(/[^\w.~!$&'()+,=:@-]+/g, "*")))
    .join("/");
}
