import { compareAccess } from "../analysis/access/changes.ts";
import { formatRegion, formatTerms } from "../analysis/access/lock-lines.ts";
import type { AccessPolicy, Change, Terms, TooManyTests } from "../analysis/access/model.ts";
import { formatAtom, formatWho } from "../analysis/access/who.ts";
import { toLockText } from "../analysis/compare/lock-file.ts";
import type { RulePlace } from "../analysis/compare/access-policy.ts";
import { type CoveringRule, toCoverage } from "../analysis/reach/coverage.ts";
import type { Derived } from "../build/package/build.ts";
import type { CachingApi } from "../contract/api-kinds.ts";
import { ok, type Result } from "../contract/result.ts";
import type { LocatedRoute } from "../contract/route.ts";
import { toCachesPart, toIamPart, toRoutesPart } from "./parts.ts";
import { compareLines, type Review, type ReviewedChange, type ReviewPart } from "./review.ts";

/** One of the two policies of a review. */
export interface ReviewedSide {
  readonly policy: AccessPolicy;
  /** The file and line of each rule: `grant orders.read`. */
  readonly places: ReadonlyMap<string, RulePlace>;
  /** The contracts that a build packs; undefined if they can't be derived. */
  readonly derived: Derived | undefined;
}

/** The routes of the APIs of a policy. */
export interface ReviewedRoutes {
  readonly routes: readonly LocatedRoute[];
  readonly kind: CachingApi | undefined;
}

/** Two policies, and what the review of them needs besides. */
export interface Reviewed {
  readonly base: string;
  readonly policies: string;
  readonly before: ReviewedSide;
  readonly after: ReviewedSide;
  readonly routes: ReviewedRoutes | undefined;
  /** Gives the request that shows a change; undefined if there is none to show. */
  readonly toWitness: (change: Change) => ReviewedChange["witness"];
  /** The parts that other analyses give, in order. */
  readonly parts: readonly ReviewPart[];
}

/** Compares two policies for a reviewer. */
export function toReview(reviewed: Reviewed): Result<Review, TooManyTests> {
  const { base, policies, before, after, routes, toWitness, parts } = reviewed;
  const changes = compareAccess(before.policy, after.policy);
  if (!changes.ok) return changes;
  const [olds, news] = [toLockText(before.policy), toLockText(after.policy)];
  if (!olds.ok) return olds;
  if (!news.ok) return news;
  const contracts = before.derived && after.derived && { was: before.derived, is: after.derived };
  return ok({
    base,
    policies,
    changes: changes.value.map((change) => toReviewedChange(change, toWitness(change))),
    lock: compareLines(toLines(olds.value), toLines(news.value)),
    parts: [
      ...parts,
      ...(routes === undefined ? [] : [toRoutesPart(coverageOf(before, routes), coverageOf(after, routes))]),
      ...(contracts === undefined ? [] : [toCachesPart(contracts.was, contracts.is), toIamPart(contracts.was, contracts.is)]),
    ],
  });
}

function toLines(text: string): readonly string[] {
  return text.split("\n").filter((line) => line !== "");
}

function toReviewedChange(change: Change, witness: ReviewedChange["witness"]): ReviewedChange {
  const { kind, who, not, verbs, region, before, after, terms, by } = change;
  return {
    ...{ kind, verbs, before, after, by, witness },
    who: formatWho(who),
    not: not.map(({ issuer, ...atom }) => `${formatAtom(atom)}${issuer === undefined ? "" : `@${issuer}`}`),
    path: formatRegion(region),
    terms: { before: toTexts(terms.before), after: toTexts(terms.after) },
  };
}

/** Formats alternatives; nothing if one of them asks for nothing. */
function toTexts(terms: readonly Terms[]): readonly string[] {
  const texts = terms.map((one) => formatTerms(one).join(" "));
  return texts.includes("") ? [] : texts;
}

function coverageOf({ policy, places }: ReviewedSide, { routes, kind }: ReviewedRoutes) {
  const at = (rule: string) => places.get(rule) ?? { file: "policies", line: 1 };
  const rulesOf = (rules: Readonly<Record<string, { api: readonly string[]; verbs: readonly string[]; path: string }>>, one: "grant" | "denial") =>
    Object.entries(rules).map(([name, { api, verbs, path }]): CoveringRule => ({ ...at(`${one} ${name}`), kind: one, name, apis: api, verbs, path }));
  const publicRules = policy.publicRules.map(
    ({ name, apis = [], verbs, path }): CoveringRule => ({ ...at(`public ${name}`), kind: "public", name, apis, verbs, path }),
  );
  return toCoverage(routes, [...rulesOf(policy.grants, "grant"), ...rulesOf(policy.denials, "denial"), ...publicRules], kind);
}
