import type { MutationReport } from "../analysis/mutation/formats.ts";
import type { Coverage } from "../analysis/reach/coverage.ts";
import type { Derived } from "../build/package/build.ts";
import { formatBlock, formatCode } from "./markdown.ts";
import type { ReviewPart } from "./review.ts";

/** Says which changes of the changed rules no test notices. */
export function toTestsPart({ mutants, noticed, survivors }: MutationReport): ReviewPart {
  const title = "Tests of what changed";
  if (mutants === 0) return { title, state: "fine", summary: "no rule changed that a test could be for", details: [] };
  if (survivors.length === 0)
    return { title, state: "fine", summary: `tests notice all ${mutants} mutants of the changed rules`, details: [] };
  return {
    title,
    state: "look",
    summary: `tests notice ${noticed} of ${mutants} mutants of the changed rules`,
    details: [
      "No test notices these changes of the changed rules. Each line is a case that would:",
      "",
      ...formatBlock(
        survivors.flatMap(({ rule, change, location, case: line }) => [`# ${location}: ${rule} ${change}`, line]),
      ),
    ],
  };
}

/** Says which routes and rules have nothing to do with each other, and which of them are new. */
export function toRoutesPart(before: Coverage, after: Coverage): ReviewPart {
  const title = "Routes of the API";
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

/** Says what a change means for the caches of the APIs: what has to be deployed with it. */
export function toCachesPart(before: Derived, after: Derived): ReviewPart {
  const title = "Caches of API Gateway";
  const [olds, news] = [contractsOf(before), contractsOf(after)];
  const changed = [...new Set([...olds.keys(), ...news.keys()])]
    .sort()
    .filter((api) => olds.get(api)?.id !== news.get(api)?.id);
  if (changed.length === 0) return { title, state: "fine", summary: "the cache contract is the same", details: [] };
  const details = changed.flatMap((api) => {
    const classes = (contracts: typeof olds) =>
      new Map((contracts.get(api)?.routes ?? []).map(({ verb, path, class: own }) => [`${verb} ${path}`, own]));
    const [was, is] = [classes(olds), classes(news)];
    return [...new Set([...was.keys(), ...is.keys()])].flatMap((route) =>
      was.get(route) === is.get(route)
        ? []
        : [`${api === "" ? "" : `${api} `}${route}: ${was.get(route) ?? "absent"} → ${is.get(route) ?? "absent"}`],
    );
  });
  const named = changed.filter((api) => api !== "").map(formatCode);
  return {
    title,
    state: "look",
    summary: `the cache contract${named.length === 0 ? "" : ` of ${named.join(", ")}`} changes: deploy the authorizers and the API with this build`,
    details: details.length === 0 ? [] : ["What a cached response holds for, by route:", "", ...formatBlock(details)],
  };
}

function contractsOf({ cacheContract, apiContracts }: Derived): ReadonlyMap<string, Derived["cacheContract"]> {
  return new Map([...(apiContracts === undefined ? [["", cacheContract] as const] : Object.entries(apiContracts))]);
}

/** Says for which groups the IAM documents change. */
export function toIamPart({ iam: before }: Derived, { iam: after }: Derived): ReviewPart {
  const title = "IAM documents of groups";
  const groups = [...new Set([...Object.keys(before.groups), ...Object.keys(after.groups)])].sort();
  const textOf = (value: unknown) => JSON.stringify(value) ?? "";
  const changed = groups.filter((group) => textOf(before.groups[group]) !== textOf(after.groups[group]));
  const isOther = textOf([before.authenticated, before.tags]) !== textOf([after.authenticated, after.tags]);
  if (changed.length === 0 && !isOther) return { title, state: "fine", summary: "none changes", details: [] };
  const names = [...changed.slice(0, MAX_NAMED).map(formatCode), ...(isOther ? ["users without a group"] : [])];
  const left = Math.max(0, changed.length - MAX_NAMED);
  return {
    title,
    state: "look",
    summary: `they change for ${names.join(", ")}${left === 0 ? "" : ` and ${left} more`}; deploy the roles of the identity pool too, if you use them`,
    details: [],
  };
}

const MAX_NAMED = 5;

function newOnes(before: readonly string[], after: readonly string[]): readonly string[] {
  const known = new Set(before);
  return after.filter((name) => !known.has(name));
}

function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? "" : "s"}`;
}
