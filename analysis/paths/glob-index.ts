import type { Glob } from "./language.ts";

/** Items whose patterns begin with the same symbols. */
interface Node<Item> {
  /** The items whose patterns end here, with their positions in the list. */
  readonly here: (readonly [at: number, item: Item])[];
  readonly byLiteral: Map<string, Node<Item>>;
  /** Behind any one symbol. */
  one: Node<Item> | undefined;
  /** Behind a run of any symbols. */
  run: Node<Item> | undefined;
}

/** Items in their order, which are found by what their patterns have in common with another one. */
export interface GlobIndex<Item> {
  readonly add: (item: Item) => void;
  /** Lists the items for which `haveCommon` of their pattern and this one holds, in the order in which they were added. */
  readonly near: (pattern: Glob) => readonly Item[];
  /** Tells whether there is one of these. */
  readonly hasNear: (pattern: Glob) => boolean;
}

/**
 * Arranges items by their patterns, so that those which have a text in common with a pattern are found without comparing it
 * with each: a policy has thousands of grants, routes and denials.
 */
export function createGlobIndex<Item>(items: readonly Item[], globOf: (item: Item) => Glob): GlobIndex<Item> {
  const root = createNode<Item>();
  let count = 0;
  const add = (item: Item): void => {
    let node = root;
    for (const symbol of globOf(item)) {
      if (symbol.isRun === true) node = node.run ??= createNode();
      else if (symbol.literal === undefined) node = node.one ??= createNode();
      else {
        const next = node.byLiteral.get(symbol.literal) ?? createNode();
        node.byLiteral.set(symbol.literal, next);
        node = next;
      }
    }
    node.here.push([count, item]);
    count += 1;
  };
  for (const item of items) add(item);
  return {
    add,
    near(pattern) {
      const found: (readonly [number, Item])[] = [];
      visitNear(root, pattern, ({ here }) => {
        found.push(...here);
        return false;
      });
      return found.sort(([one], [other]) => one - other).map(([, item]) => item);
    },
    hasNear: (pattern) => visitNear(root, pattern, ({ here }) => here.length > 0),
  };
}

function createNode<Item>(): Node<Item> {
  return { here: [], byLiteral: new Map(), one: undefined, run: undefined };
}

/** Visits the nodes at which patterns end that have a text in common with this one, until a visit gives true. */
function visitNear<Item>(root: Node<Item>, pattern: Glob, onEnd: (node: Node<Item>) => boolean): boolean {
  const visited = pattern.map(() => new Set<Node<Item>>());
  const ended = new Set<Node<Item>>();
  const visit = (node: Node<Item>, at: number): boolean => {
    const seen = visited[at] ?? ended;
    if (seen.has(node)) return false;
    seen.add(node);
    // The run of the items takes in as many symbols of the pattern as it likes.
    if (node.run !== undefined) {
      for (let to = at; to <= pattern.length; to += 1) if (visit(node.run, to)) return true;
    }
    const symbol = pattern[at];
    if (symbol === undefined) return onEnd(node);
    if (symbol.isRun === true && visit(node, at + 1)) return true;
    const next = symbol.isRun === true ? at : at + 1;
    if (node.one !== undefined && visit(node.one, next)) return true;
    if (symbol.literal === undefined) {
      for (const child of node.byLiteral.values()) if (visit(child, next)) return true;
      return false;
    }
    const child = node.byLiteral.get(symbol.literal);
    return child !== undefined && visit(child, next);
  };
  return visit(root, 0);
}
