import type { DiffReport } from "../analysis/compare/diff.ts";
import type { Follows } from "../analysis/compare/follows.ts";
import type { MutationReport } from "../analysis/mutation/formats.ts";
import type { Coverage } from "../analysis/reach/coverage.ts";
import { formatBlock, formatText } from "../contract/markdown.ts";
import { formatShort } from "./markdown.ts";
import type { ReviewPart } from "./review.ts";

const ROUTES = "Routes of the API";
const CACHES = "Caches of API Gateway";
const IAM = "IAM documents of groups";

/** Says that nobody has looked at what follows from the access, since one of the policies has no contracts of a build. */
export const FOLLOWS_UNKNOWN: readonly ReviewPart[] = [CACHES, IAM].map((title) => ({
  title,
  state: "unknown",
  summary: "not compared: compare folders, Git refs, or two builds for the same routes",
  details: [],
}));

/** Says which changes of the changed rules no test notices. */
export function toTestsPart({ mutants, noticed, survivors }: MutationReport): ReviewPart {
  const title = "Tests of what changed";
  if (mutants === 0)
    return { title, state: "fine", summary: "no grant, denial, condition or role changes", details: [] };
  if (survivors.length === 0)
    return {
      title,
      state: "fine",
      summary: `tests notice all ${mutants} mutants of the rules that change access`,
      details: [],
    };
  const left = survivors.length - MAX_SURVIVORS;
  return {
    title,
    state: "look",
    summary: `tests notice ${noticed} of ${mutants} mutants of the rules that change access`,
    details: [
      "No test notices these loosened forms of the rules. Each line is a case that would:",
      "",
      ...formatBlock(
        survivors
          .slice(0, MAX_SURVIVORS)
          .flatMap(({ rule, change, location, case: line }) => [`# ${location}: ${rule} ${change}`, line]),
      ),
      ...(left > 0 ? ["", `and ${left} more, which \`rego-authorizer test --mutate\` lists`] : []),
    ],
  };
}

/** The most changes that no test notices that a comment lists: what one sitting may mend. */
const MAX_SURVIVORS = 10;

/** Says that nobody has looked at the routes of the API. */
export const ROUTES_NOT_READ: ReviewPart = {
  title: ROUTES,
  state: "unknown",
  summary: "not compared with the rules; `--openapi FILE` names the document that has them",
  details: [],
};

/** Says which routes and rules have nothing to do with each other, and which of them are new. */
export function toRoutesPart(before: Coverage, after: Coverage): ReviewPart {
  const title = ROUTES;
  const nameRoute = ({ api, verb, path }: Coverage["routesWithoutRule"][number]) =>
    `${api === undefined ? "" : `${api} `}${verb} ${path}`;
  const nameRule = ({ kind, name, verbs, path }: Coverage["rulesWithoutRoute"][number]) =>
    `${kind} ${name} (${verbs.join(",")} ${path})`;
  const found = [
    ...newOnes(before.routesWithoutRule.map(nameRoute), after.routesWithoutRule.map(nameRoute)).map(
      (name) => `no rule reaches ${name} any more`,
    ),
    ...newOnes(before.rulesWithoutRoute.map(nameRule), after.rulesWithoutRoute.map(nameRule)).map(
      (name) => `no route reaches the ${name}`,
    ),
  ];
  const standing = after.routesWithoutRule.length + after.rulesWithoutRoute.length - found.length;
  const known = standing === 0 ? "" : `; ${count(standing, "gap")} as before, which \`rego-authorizer coverage\` lists`;
  if (found.length === 0)
    return { title, state: "fine", summary: `no new gap between the document and the policy${known}`, details: [] };
  return {
    title,
    state: "look",
    summary: `${count(found.length, "new gap")} between the document and the policy${known}`,
    details: formatBlock(found),
  };
}

/** Says which conditions have another text, for which nobody knows whether it widens. */
export function toConditionsPart(conditions: DiffReport["conditions"]): ReviewPart {
  const title = "Conditions";
  if (conditions.length === 0) return { title, state: "fine", summary: "no text changes", details: [] };
  const names = conditions.slice(0, MAX_NAMED).map(({ name }) => formatShort(name));
  const left = conditions.length - names.length;
  const chars = conditions.reduce((sum, { before, after }) => sum + before.length + after.length, 0);
  return {
    title,
    state: "look",
    // What a reviewer has to judge is the text itself.
    isShown: chars <= MAX_SHOWN_CHARS,
    summary: `the text of ${names.join(", ")}${left === 0 ? "" : ` and ${left} more`} changes, or of a helper or base data; nobody knows whether that widens`,
    details: formatBlock(conditions.flatMap(formatCondition), "diff"),
  };
}

/** Formats the two texts of a condition as a diff. A statement has a line, so that readers see what differs. */
function formatCondition({ name, before, after }: DiffReport["conditions"][number]): readonly string[] {
  const [olds, news] = [before, after].map((text) => text.split(/(?<=;) | (?=where )/));
  if (olds === undefined || news === undefined) return [];
  const differing = olds.findIndex((line, at) => line !== news[at]);
  const start = differing < 0 ? olds.length : differing;
  return [
    `# ${name}`,
    ...olds.slice(0, start).map((line) => ` ${line}`),
    ...olds.slice(start).map((line) => `-${line}`),
    ...news.slice(start).map((line) => `+${line}`),
  ];
}

/** Says what a change means for the caches of the APIs: what has to be deployed with it. */
export function toCachesPart({ caches, isContractChanged, isForEveryPath }: Follows): ReviewPart {
  const [title, scope] = [CACHES, formatScope(isForEveryPath)];
  if (!isContractChanged)
    return { title, state: "fine", summary: `the cache contract is the same, ${scope}`, details: [] };
  return {
    title,
    state: "look",
    summary: `the cache contract changes, ${scope}: deploy the authorizers again with this build`,
    details:
      caches.length === 0 ? [] : ["What a cached response holds for, by route or path:", "", ...formatBlock(caches)],
  };
}

/** Says for which groups the IAM documents change. */
export function toIamPart({ iam, isForEveryPath }: Follows): ReviewPart {
  const [title, scope] = [IAM, formatScope(isForEveryPath)];
  if (!iam.ok) return { title, state: "unknown", summary: `not compared: ${formatText(iam.error)}`, details: [] };
  const { names: groups, isExact } = iam.value;
  if (groups.length === 0) return { title, state: "fine", summary: `none changes, ${scope}`, details: [] };
  const names = groups.slice(0, MAX_NAMED).map(formatShort);
  const left = groups.length - names.length;
  return {
    title,
    state: "look",
    summary: `they ${isExact ? "change" : "may change, which takes long to tell,"} for ${names.join(", ")}${left === 0 ? "" : ` and ${left} more`}, ${scope}; deploy the roles of the identity pool too, if you use one`,
    details: [],
  };
}

/** Says for which routes the contracts are compared. A build with a document is for its routes, which may need less. */
function formatScope(isForEveryPath: boolean): string {
  return isForEveryPath ? "judged for every path" : "judged for the routes of the builds";
}

const MAX_NAMED = 5;

/** The longest texts of conditions that are shown without opening anything: some six lines. */
const MAX_SHOWN_CHARS = 800;

function newOnes(before: readonly string[], after: readonly string[]): readonly string[] {
  const known = new Set(before);
  return after.filter((name) => !known.has(name));
}

function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? "" : "s"}`;
}
