import { createOverlapIndex } from "../../contract/overlap-index.ts";
import { parseTemplate, type Segment, segmentsOf } from "../../contract/path-template.ts";
import type { PolicyIndex } from "../../contract/policy-index.ts";
import { methodsOfAll } from "../../contract/route.ts";
import { isDenialFor, isGrantFor } from "../../contract/rule-apis.ts";

/** The names of the grants and denials that match a request, sorted. */
export interface Candidates {
  readonly grants: readonly string[];
  readonly denials: readonly string[];
}

/** The parts of a request that decide which rules match it. */
export interface Asked {
  /** The API's name; undefined if it is not known. */
  readonly api: string | undefined;
  readonly method: string;
  readonly path: string;
}

/** Finds the grants and denials that match a request. */
export type FindCandidates = (asked: Asked) => Candidates;

/** Creates the function that finds the grants and denials that match a request, as `policies/engine/candidates.rego` does. */
export function createFindCandidates({ grants, denials }: Pick<PolicyIndex, "grants" | "denials">): FindCandidates {
  const findGrants = createOverlapIndex(toNamed(grants));
  const findDenials = createOverlapIndex(toNamed(denials));
  return ({ api, method, path }) => {
    const segments = splitPath(path);
    if (segments === undefined) return { grants: [], denials: [] };
    const found = (rules: readonly Named[], isFor: typeof isGrantFor) => {
      const matching = rules.filter(({ rule }) => isFor(rule, api) && methodsOfAll(rule.verbs).includes(method));
      return matching.flatMap((one) => (matches(parseTemplate(one.path), segments) ? [one.name] : [])).sort();
    };
    return { grants: found(findGrants(path), isGrantFor), denials: found(findDenials(path), isDenialFor) };
  };
}

/** A rule with its name. */
interface Named {
  readonly name: string;
  readonly path: string;
  readonly rule: PolicyIndex["grants"][string] | PolicyIndex["denials"][string];
}

function toNamed(rules: Readonly<Record<string, Named["rule"]>>): readonly Named[] {
  return Object.entries(rules).map(([name, rule]) => ({ name, path: rule.path, rule }));
}

/** Splits a path into segments; undefined if it is not a path that a template can match. */
export function splitPath(path: string): readonly string[] | undefined {
  if (!path.startsWith("/")) return undefined;
  const segments = segmentsOf(path);
  return segments.includes("") ? undefined : segments;
}

/** Tells whether a template matches a path. */
export function matches(template: readonly Segment[], segments: readonly string[]): boolean {
  const last = template.at(-1);
  const isGreedy = last?.kind === "parameter" && last.isGreedy;
  if (isGreedy ? segments.length < template.length : segments.length !== template.length) return false;
  return template.every((segment, at) => segment.kind === "parameter" || segment.text === segments[at]);
}
