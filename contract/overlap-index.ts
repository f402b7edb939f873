import { parseTemplate } from "./path-template.ts";

/** Items whose templates begin with the same segments. An item is in one place. */
interface Node<Item> {
  /** The items whose templates end here. */
  readonly here: Item[];
  /** The items that have a greedy parameter next. */
  readonly greedy: Item[];
  readonly byLiteral: Map<string, Node<Item>>;
  parameter: Node<Item> | undefined;
}

/**
 * Arranges items by their path templates, so that those which match a path in common with some template are found without
 * comparing it with each: thousands of rules and routes are held against each other.
 *
 * @returns The look-up: the items for which `overlaps` of `contract/path-template.ts` holds, in no particular order.
 */
export function createOverlapIndex<Item extends { readonly path: string }>(
  items: readonly Item[],
): (template: string) => readonly Item[] {
  const root = createNode<Item>();
  for (const item of items) add(root, item);
  return (template) => find(root, parseTemplate(template), 0);
}

function createNode<Item>(): Node<Item> {
  return { here: [], greedy: [], byLiteral: new Map(), parameter: undefined };
}

function add<Item extends { readonly path: string }>(root: Node<Item>, item: Item): void {
  let node = root;
  for (const segment of parseTemplate(item.path)) {
    if (segment.kind === "parameter" && segment.isGreedy) {
      node.greedy.push(item);
      return;
    }
    if (segment.kind === "parameter") {
      node.parameter ??= createNode();
      node = node.parameter;
      continue;
    }
    const next = node.byLiteral.get(segment.text) ?? createNode();
    node.byLiteral.set(segment.text, next);
    node = next;
  }
  node.here.push(item);
}

function find<Item>(node: Node<Item>, segments: ReturnType<typeof parseTemplate>, at: number): readonly Item[] {
  const segment = segments[at];
  if (segment === undefined) return node.here;
  if (segment.kind === "parameter" && segment.isGreedy) return listBelow(node);
  const next = segment.kind === "literal" ? [node.byLiteral.get(segment.text)] : [...node.byLiteral.values()];
  const found = [...next, node.parameter].flatMap((one) => (one === undefined ? [] : find(one, segments, at + 1)));
  return [...node.greedy, ...found];
}

/** Lists the items whose templates have at least one segment more. */
function listBelow<Item>(node: Node<Item>): readonly Item[] {
  const next = [...node.byLiteral.values(), ...(node.parameter === undefined ? [] : [node.parameter])];
  return [...node.greedy, ...next.flatMap((one) => [...one.here, ...listBelow(one)])];
}
