import { formatApis, formatRegion } from "../analysis/access/lock-lines.ts";
import type { TooManyTests } from "../analysis/access/model.ts";
import { formatWho } from "../analysis/access/who.ts";
import type { DiffReport, ShownChange } from "../analysis/compare/diff.ts";
import { formatInput } from "../analysis/compare/diff-text.ts";
import { toLockText } from "../analysis/compare/lock-file.ts";
import type { Side } from "../analysis/compare/side.ts";
import { type CoveringRule, toCoverage } from "../analysis/reach/coverage.ts";
import type { CachingApi } from "../contract/api-kinds.ts";
import { ok, type Result } from "../contract/result.ts";
import type { LocatedRoute } from "../contract/route.ts";
import { FOLLOWS_UNKNOWN, ROUTES_NOT_READ, toCachesPart, toConditionsPart, toIamPart, toRoutesPart } from "./parts.ts";
import { compareLines, type Review, type ReviewedChange, type ReviewPart } from "./review.ts";
import { toReviewedStates } from "./states.ts";

/** The routes of the APIs of a policy. */
export interface ReviewedRoutes {
  readonly routes: readonly LocatedRoute[];
  readonly kind: CachingApi | undefined;
}

/** Two policies with their differences, and what the review of them needs besides. */
export interface Reviewed {
  readonly policies: string;
  readonly before: Side;
  readonly after: Side;
  readonly report: DiffReport;
  readonly routes: ReviewedRoutes | undefined;
  /** The parts that other analyses give, in order. */
  readonly parts: readonly ReviewPart[];
}

/** Makes the review of two policies from their differences. */
export function toReview({ policies, before, after, report, routes, parts }: Reviewed): Result<Review, TooManyTests> {
  const [olds, news] = [toLockText(before.policy), toLockText(after.policy)];
  if (!olds.ok) return olds;
  if (!news.ok) return news;
  const { changes, conditions, notes, follows } = report;
  return ok({
    base: before.label,
    policies,
    changes: changes.map(toReviewedChange),
    notes,
    lock: compareLines(toLines(olds.value), toLines(news.value)),
    parts: [
      ...parts,
      ...(conditions.length === 0 ? [] : [toConditionsPart(conditions)]),
      routes === undefined ? ROUTES_NOT_READ : toRoutesPart(coverageOf(before, routes), coverageOf(after, routes)),
      ...(follows === undefined ? FOLLOWS_UNKNOWN : [toCachesPart(follows), toIamPart(follows)]),
    ],
  });
}

function toLines(text: string): readonly string[] {
  return text.split("\n").filter((line) => line !== "");
}

function toReviewedChange({ change, witness }: ShownChange): ReviewedChange {
  const { kind, who, not, verbs, region, apis, by } = change;
  const { request } = witness.input;
  return {
    ...toReviewedStates(change),
    ...{ kind, verbs, by },
    who: kind === "public" ? "everyone" : formatWho(who),
    not: not.map(({ issuer, ...atom }) => formatWho({ atoms: [atom], issuer })),
    path: [formatRegion(region), ...formatApis(apis)].join(" of "),
    witness: {
      request: kind === "public" ? `${request?.method} ${request?.path}` : formatInput(witness.input),
      assumes: Object.entries(witness.assumes).map(([name, truth]) => (truth ? name : `not ${name}`)),
    },
  };
}

function coverageOf({ policy, engine }: Side, { routes, kind }: ReviewedRoutes) {
  const at = (rule: string) => engine?.places.get(rule) ?? { file: "policies", line: 1 };
  const rules = (["grant", "denial"] as const).flatMap((one) =>
    Object.entries(one === "grant" ? policy.grants : policy.denials).map(
      ([name, { api, verbs, path }]): CoveringRule => ({
        ...at(`${one} ${name}`),
        kind: one,
        name,
        apis: api,
        verbs,
        path,
      }),
    ),
  );
  const publicRules = policy.publicRules.map(
    ({ name, apis = [], verbs, path }): CoveringRule => ({
      ...at(`public ${name}`),
      ...{ kind: "public", name, apis, verbs, path },
    }),
  );
  return toCoverage(routes, [...rules, ...publicRules], kind);
}
