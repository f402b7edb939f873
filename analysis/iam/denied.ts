import type { Gap } from "../../contract/iam-export.ts";
import { answersOf, type ForEachKey, type IndexedDenial, type PolicyIndex } from "../../contract/policy-index.ts";
import { HTTP_METHODS, methodsOf, methodsOfAll } from "../../contract/route.ts";
import { arrivesEncoded, ofPattern, toPattern } from "../paths/iam-patterns.ts";
import { type Glob, RUN } from "../paths/language.ts";
import { findCommon } from "../paths/proof.ts";
import type { ReachablePaths } from "./reachable-paths.ts";

const asWritten = (): readonly string[] => [];

/** What each key of a denial says less of than a document does, which denies it to everybody whatever the conditions. */
const WIDENED: ForEachKey<IndexedDenial, readonly string[]> = {
  roles: ({ roles }) => (roles.length > 0 ? [`holds for everybody, not for ${roles.join(", ")} only`] : []),
  unless: ({ unless }) =>
    unless.length > 0 ? [`holds even if ${unless.join(" and ")}, which IAM can't evaluate`] : [],
  // A resource has a method and a pattern for the path.
  verbs: asWritten,
  path: asWritten,
  params: asWritten,
  tail: asWritten,
};

/**
 * The resources that every document denies: those of all denials, whomever they concern and whatever lifts them, since
 * the role of a session shows neither. They hold for all methods and paths, whatever the API's routes are.
 *
 * @param holders - The roles of each document, to tell what a denial that is wider than the policy's takes away.
 */
export function toDenied(
  { grants, denials }: Pick<PolicyIndex, "grants" | "denials">,
  holders: readonly (readonly string[])[],
  reachable: ReachablePaths,
): { readonly resources: readonly string[]; readonly gaps: readonly Gap[] } {
  const held = new Set(["authenticated", ...holders.flat()]);
  const granted = Object.values(grants).filter((rule) => rule.when.length === 0 && rule.roles.some((r) => held.has(r)));
  const forbidden = Object.values(denials);
  const pathsOf = (rules: readonly { readonly verbs: readonly string[]; readonly path: string }[], verb: string) =>
    rules.filter(({ verbs }) => verbs.flatMap(methodsOf).includes(verb)).map(({ path }) => path);

  /** What is granted to somebody and of no denial, and yet of this pattern. */
  const findLoss = (pattern: Glob, verbs: readonly string[]): string | undefined => {
    for (const verb of verbs) {
      const paths = reachable.byVerb.get(verb);
      const path = paths && findCommon(paths, pathsOf(granted, verb), [pattern], pathsOf(forbidden, verb));
      if (path !== undefined) return `${verb} ${path}`;
    }
    return undefined;
  };

  const resources: string[] = [];
  const gaps: Gap[] = [];
  for (const [name, denial] of Object.entries(denials)) {
    const widen = (reason: string) => gaps.push({ where: name, what: "denial_wider", reason });
    for (const reason of answersOf(WIDENED, denial).flat()) widen(reason);
    if (denial.path === "/" && denial.verbs.includes("CONNECT")) resources.push("$connect");
    const verbs = methodsOfAll(denial.verbs).filter((verb) => HTTP_METHODS.includes(verb));
    if (verbs.length === 0) continue;
    const pattern = toPattern(denial.path, {}).join("");
    const text = arrivesEncoded(denial.path) ? loosened(pattern) : pattern;
    if (text !== pattern)
      widen(`${text} stands for ${denial.path}: a document can't hold what arrives percent-encoded`);
    const loss = findLoss(ofPattern(pattern), verbs);
    if (loss !== undefined) widen(`${pattern} forbids ${loss}, too, which is not of ${denial.path}`);
    const isForAll = verbs.length === HTTP_METHODS.length && text === pattern;
    const isFree = isForAll && loss === undefined && findLoss([RUN, ...ofPattern(pattern)], verbs) === undefined;
    resources.push(...(isFree ? ["*"] : verbs).map((verb) => `${verb}${text}`));
  }
  return { resources, gaps };
}

/** With a `*` for what can't be in a document, or can't be told apart in it. */
function loosened(pattern: string): string {
  return pattern
    .split("/")
    .map((part) => (/^\??\*$/.test(part) ? part : part.replaceAll(/[^\w.~!$&'()+,=:@-]+/g, "*")))
    .join("/");
}
