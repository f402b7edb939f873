import type { Pattern, Point } from "./points.ts";

/** Where rules are looked up. */
type Place = Pick<Point, "segments" | "isOpen">;

/** Finds the rules that match all or some paths of a point, without comparing it with each. */
export interface RuleTree<Rule> {
  /** Lists the rules that match all paths of a point. */
  readonly matching: (place: Place) => readonly Rule[];
  /** Lists the rules that match some path of a point. */
  readonly meeting: (place: Place) => readonly Rule[];
}

interface Node<Rule> {
  /** The rules whose patterns end here. */
  readonly here: Rule[];
  /** The rules with a greedy parameter next. */
  readonly greedy: Rule[];
  readonly byLiteral: Map<string, Node<Rule>>;
  parameter: Node<Rule> | undefined;
}

/** Arranges rules by their patterns, so that time grows with the answer and not with the number of rules. */
export function createRuleTree<Rule extends Pattern>(rules: readonly Rule[]): RuleTree<Rule> {
  const root = createNode<Rule>();
  for (const rule of rules) add(root, rule);
  const find = (point: Place, isWhole: boolean): readonly Rule[] => {
    const found: Rule[] = [];
    collect(root, point, isWhole, 0, found);
    return found;
  };
  return { matching: (point) => find(point, true), meeting: (point) => find(point, false) };
}

function createNode<Rule>(): Node<Rule> {
  return { here: [], greedy: [], byLiteral: new Map(), parameter: undefined };
}

function add<Rule extends Pattern>(root: Node<Rule>, rule: Rule): void {
  let node = root;
  for (const segment of rule.segments) {
    if (segment === null) {
      node.parameter ??= createNode();
      node = node.parameter;
      continue;
    }
    const next = node.byLiteral.get(segment) ?? createNode();
    node.byLiteral.set(segment, next);
    node = next;
  }
  (rule.isGreedy ? node.greedy : node.here).push(rule);
}

function collect<Rule>(node: Node<Rule>, point: Place, isWhole: boolean, at: number, found: Rule[]): void {
  const segment = point.segments[at];
  if (segment === undefined) {
    if (!point.isOpen) found.push(...node.here);
    return;
  }
  found.push(...node.greedy);
  if (node.parameter !== undefined) collect(node.parameter, point, isWhole, at + 1, found);
  if (segment !== null) {
    const next = node.byLiteral.get(segment);
    if (next !== undefined) collect(next, point, isWhole, at + 1, found);
  } else if (!isWhole) {
    for (const next of node.byLiteral.values()) collect(next, point, isWhole, at + 1, found);
  }
}
