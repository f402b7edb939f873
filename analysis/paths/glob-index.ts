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
}

/**
 * Arranges items by their patterns, so that those which have a text in common with a pattern are found without comparing it
 * with each: a policy has thousands of grants, routes and denials.
 *
 * @param visit - Is called for each step of a search, and may end it by an error.
 */
export function createGlobIndex<Item>(
  items: readonly Item[],
  globOf: (item: Item) => Glob,
  visit: () => void = () => undefined,
): GlobIndex<Item> {
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
    near: (pattern) =>
      find(root, pattern, visit)
        .sort(([one], [other]) => one - other)
        .map(([, item]) => item),
  };
}

function createNode<Item>(): Node<Item> {
  return { here: [], byLiteral: new Map(), one: undefined, run: undefined };
}

function find<Item>(root: Node<Item>, pattern: Glob, onVisit: () => void): (readonly [number, Item])[] {
  const found: (readonly [number, Item])[] = [];
  const visited = pattern.map(() => new Set<Node<Item>>());
  const ended = new Set<Node<Item>>();
  const visit = (node: Node<Item>, at: number): void => {
    const seen = visited[at] ?? ended;
    if (seen.has(node)) return;
    seen.add(node);
    onVisit();
    // The run of the items takes in as many symbols of the pattern as it likes.
    if (node.run !== undefined) for (let to = at; to <= pattern.length; to += 1) visit(node.run, to);
    const symbol = pattern[at];
    if (symbol === undefined) {
      found.push(...node.here);
      return;
    }
    if (symbol.isRun === true) visit(node, at + 1);
    const next = symbol.isRun === true ? at : at + 1;
    if (node.one !== undefined) visit(node.one, next);
    if (symbol.literal === undefined) for (const child of node.byLiteral.values()) visit(child, next);
    else {
      const child = node.byLiteral.get(symbol.literal);
      if (child !== undefined) visit(child, next);
    }
  };
  visit(root, 0);
  return found;
}
