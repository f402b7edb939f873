import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  type Node,
  Scalar,
  visit,
  YAMLMap,
} from "yaml";
import type { Edit } from "./edits.ts";
import { findOwnPair, mergedPairsOf } from "./merge-keys.ts";
import { SHORT_FORMS } from "./tagged-yaml.ts";
import { copyOf } from "./tree-copies.ts";

/**
 * Creates a function that makes the given edits in a syntax tree, one after the other.
 *
 * Every alias of something that an edit changes is written out first: it goes on meaning what it meant.
 */
export function createTreeEditor(tree: Document.Parsed, edits: readonly Edit[]): (edit: Edit) => void {
  // References lead to the document as it was.
  const targets = new Map(
    edits.flatMap((edit) => ("writeOut" in edit ? [[edit, copyOf(tree, find(tree, edit.writeOut))] as const] : [])),
  );
  const changed = new Set(edits.flatMap(({ path }) => findChanged(tree, path)));
  visit(tree, {
    Alias(_, alias) {
      const target = alias.resolve(tree);
      return target !== undefined && changed.has(target) ? copyOf(tree, target) : undefined;
    },
  });
  return (edit) => {
    const { path } = edit;
    if ("writeOut" in edit) return writeOut(enter(tree, path), targets.get(edit));
    const parent = enter(tree, path.slice(0, -1));
    const key = path.at(-1) ?? "";
    if ("isRemoved" in edit) return void (isMap(parent) && parent.delete(key));
    const before = isMap(parent) ? findOwnPair(parent, key)?.value : undefined;
    const value = tree.createNode(edit.value, { aliasDuplicateObjects: false });
    const comment = commentsIn(before);
    if (comment !== "") value.commentBefore = comment;
    put(parent, key, value);
  };
}

/** Lists the nodes that a change at a path changes, up to the first one that is used in several places. */
function findChanged(tree: Document.Parsed, path: readonly string[]): readonly Node[] {
  const nodes: Node[] = [];
  let at: unknown = tree.contents;
  for (const key of path) {
    if (!isNode(at) || isAlias(at)) return nodes;
    nodes.push(at);
    at = isMap(at) && SHORT_FORMS.get(at.tag ?? "") !== key ? findOwnPair(at, key)?.value : step(tree, at, key);
  }
  // What is replaced may have anchors.
  if (isNode(at)) visit(at, { Node: (_, node) => void nodes.push(node) });
  return nodes;
}

/** Finds the node at a path, through aliases and merge keys. */
function find(tree: Document.Parsed, path: readonly string[]): unknown {
  let at: unknown = tree.contents;
  for (const key of path) at = step(tree, at, key);
  return at;
}

/** Takes one step of a path. The short form of a function (`!If`) has no node of its own for the name of the function. */
function step(tree: Document.Parsed, from: unknown, key: string): unknown {
  const at = isAlias(from) ? from.resolve(tree) : from;
  if (SHORT_FORMS.get(String(Object(at).tag)) === key) return at;
  if (isSeq(at)) return at.items[Number(key)];
  return isMap(at) ? mergedPairsOf(tree, at).find((pair) => pair.key === key)?.value : undefined;
}

/** Goes to a place, and makes it a place of its own: what is shared is copied there, and what is missing or empty becomes a map. */
function enter(tree: Document.Parsed, path: readonly string[]): Node | null {
  let at: Node | null = tree.contents;
  for (const key of path) {
    if (SHORT_FORMS.get(at?.tag ?? "") === key) continue;
    const isOwn: boolean = isMap(at) ? findOwnPair(at, key) !== undefined : true;
    const next: unknown = step(tree, at, key);
    const owned: Node = isOwn && isNode(next) && !isAlias(next) ? next : copyOf(tree, next);
    const isEmpty = isScalar(owned) && owned.value === null;
    const place: Node = isEmpty ? new YAMLMap() : owned;
    if (place !== next) put(at, key, place);
    at = place;
  }
  return at;
}

function put(parent: Node | null, key: string, value: Node): void {
  if (isSeq(parent)) parent.items[Number(key)] = value;
  if (!isMap(parent)) return;
  const pair = findOwnPair(parent, key);
  if (pair === undefined) parent.add({ key: new Scalar(key), value });
  else pair.value = value;
}

/** Puts the content of a reference's target in its place. */
function writeOut(at: Node | null, target: Node | undefined): void {
  if (!isMap(at) || !isMap(target) || findOwnPair(at, "$ref") === undefined) return;
  at.delete("$ref");
  at.items.unshift(...target.items);
}

/** Collects the comments of a node that is replaced. */
function commentsIn(node: unknown): string {
  const comments: string[] = [];
  const collect = (one: unknown) => {
    const { commentBefore, comment } = Object(one);
    comments.push(...[commentBefore, comment].filter((text) => typeof text === "string"));
  };
  if (isNode(node))
    visit(node, { Node: (_, one) => collect(one), Pair: (_, one) => (isPair(one) ? undefined : collect(one)) });
  return comments.join("\n");
}
