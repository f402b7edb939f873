import { expect, it } from "vitest";
import { toAllowed } from "../../../../analysis/iam/allowed.ts";
import { toDenied } from "../../../../analysis/iam/denied.ts";
import { toReachablePaths } from "../../../../analysis/iam/reachable-paths.ts";
import { listUnconditional } from "../../../../analysis/iam/unconditional-grants.ts";
import { createProofs } from "../../../../analysis/paths/mismatch.ts";
import { type Rule, toRuleIndex } from "../../../support/rule-index.ts";

type Rules = Readonly<Record<string, Rule>>;

/** Makes rules of which any two have paths in common, in which other literals stand. */
function toGrid(count: number, from = 0): Rules {
  const positions = [...Array(12).keys()];
  const toPath = (at: number) => `/${positions.map((one) => (one === at % 12 ? `l${at}` : `{p${one}}`)).join("/")}`;
  return Object.fromEntries([...Array(count).keys()].map((at) => [`a.r${from + at}`, { path: toPath(from + at) }]));
}

const REASON =
  "the proof takes more than 2,000 steps, or all proofs more than 500,000, since many templates have paths in common; literals in " +
  "the same segments make it shorter";

const ROLES = ["user"];

it("a grant that no steps are left for is missing from the document, and the gap names it", () => {
  const rules: Rules = {
    "a.home": { path: "/home" },
    "a.item": { path: "/items/{id}" },
    "a.all": { path: "/files/{path+}" },
  };
  const { grants, denials } = toRuleIndex(rules, {});
  const reachable = toReachablePaths(undefined);
  const denied = toDenied({ grants, denials }, [ROLES], reachable, createProofs().steps);
  const allow = (maxSteps?: number) =>
    toAllowed(listUnconditional(grants), ROLES, reachable, new Map(), denied, createProofs(maxSteps));
  expect(allow().gaps).toEqual([]);
  expect(allow(0)).toEqual({
    resources: [{ resource: "GET/home", tags: [] }],
    narrowing: [],
    gaps: ["a.item", "a.all"].map((where) => ({ where, what: "grant_missing", reason: `GET: ${REASON}` })),
  });
});

it("a denial that may forbid more than can be found out is listed", () => {
  const { grants, denials } = toRuleIndex(toGrid(6), toGrid(30, 6));
  const { gaps, resources } = toDenied({ grants, denials }, [ROLES], toReachablePaths(undefined), createProofs().steps);
  const [gap] = gaps;
  const stars = (before: string, count: number) => `${before}${"/*".repeat(count)}/?*`;
  const path = Object.values(denials)[0]?.path;
  expect(gap).toEqual({
    where: "a.r6",
    what: "denial_wider",
    reason: `${stars("/*/*/*/*/*/*/l6", 4)} may forbid what ${path} does not match: ${REASON}`,
  });
  expect(resources).toHaveLength(30);
});
