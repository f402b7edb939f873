import type { Field } from "../access/field.ts";
import { formatPattern, type Pattern, toPattern, toPoints } from "../access/points.ts";
import { ALL_METHODS, type ComparedRule, toMethods } from "../access/rules.ts";
import type { MatrixRoute } from "./model.ts";

/** The paths of some rows, and the verbs that count. */
export interface RowPaths {
  readonly pattern: Pattern;
  readonly path: string;
  readonly methods: number;
  readonly groups: readonly string[];
}

/** Makes the paths of a row of a route. */
export function toRoutePaths({ verb, path }: MatrixRoute): RowPaths {
  return { pattern: toPattern(path), path, methods: toMethods([verb]), groups: [] };
}

/** Lists the paths of all rules, and those that grants and denials have in common. */
export function listRulePaths(field: Field): readonly RowPaths[] {
  const rules = field.sides.flatMap(({ grants, denials, publicRules }) => [...grants, ...denials, ...publicRules]);
  const paths = new Map<string, { readonly pattern: Pattern; readonly areas: Set<string> }>();
  const add = (pattern: Pattern, rule: ComparedRule) => {
    const path = formatPattern(pattern);
    const known = paths.get(path) ?? { pattern, areas: new Set() };
    known.areas.add(rule.name.slice(0, rule.name.lastIndexOf(".")));
    paths.set(path, known);
  };
  for (const rule of rules) {
    add({ segments: rule.segments, isGreedy: rule.isGreedy }, rule);
    if (rule.kind !== "denial") continue;
    // A tree is asked for points, of which a greedy path has one for each length.
    const met = toPoints(rule, field.longest).flatMap((point) =>
      field.sides.flatMap(({ grantTree }) => grantTree.meeting(point)),
    );
    for (const grant of new Set(met)) {
      field.count(grant.name);
      if ((grant.methods & rule.methods) === 0) continue;
      field.countMade(1);
      add(intersect(rule, grant), rule);
    }
  }
  return [...paths].map(([path, { pattern, areas }]) => {
    return { pattern, path, methods: ALL_METHODS, groups: [...areas].sort() };
  });
}

/** Makes the pattern of the paths that two patterns have in common, of which there are some. */
function intersect(one: Pattern, other: Pattern): Pattern {
  const length = Math.max(one.segments.length, other.segments.length);
  const segments = Array.from({ length }, (_, at) => one.segments[at] ?? other.segments[at] ?? null);
  return { segments, isGreedy: one.isGreedy && other.isGreedy };
}
