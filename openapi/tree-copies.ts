import { type Document, isAlias, isMap, isScalar, isSeq, type Node, Pair, Scalar, YAMLMap, YAMLSeq } from "yaml";

/** Copies a node with its comments and tags, without anchors, and with aliases written out, so that it may stand anywhere. */
export function copyOf(tree: Document.Parsed, node: unknown): Node {
  const source = isAlias(node) ? node.resolve(tree) : node;
  if (isMap(source)) {
    const copy = dress(new YAMLMap(), source);
    copy.items = source.items.map(({ key, value }) => new Pair(copyKey(tree, key), copyOf(tree, value)));
    return copy;
  }
  if (isSeq(source)) {
    const copy = dress(new YAMLSeq(), source);
    copy.items = source.items.map((item) => copyOf(tree, item));
    return copy;
  }
  if (!isScalar(source)) return new Scalar(null);
  const { type, source: digits, format, minFractionDigits } = source;
  return Object.assign(dress(new Scalar(source.value), source), {
    ...(type !== undefined && { type }),
    ...(digits !== undefined && { source: digits }),
    ...(format !== undefined && { format }),
    ...(minFractionDigits !== undefined && { minFractionDigits }),
  });
}

/** Copies a key. The key of a merge has to stay the same, since the library knows it by its functions. */
function copyKey(tree: Document.Parsed, key: unknown): unknown {
  return isScalar(key) && typeof key.value === "symbol" ? key : copyOf(tree, key);
}

function dress<Made extends Node>(copy: Made, source: Node): Made {
  const { commentBefore, comment, spaceBefore, tag } = source;
  return Object.assign(copy, {
    ...(commentBefore !== undefined && { commentBefore }),
    ...(comment !== undefined && { comment }),
    ...(spaceBefore !== undefined && { spaceBefore }),
    ...(tag !== undefined && { tag }),
    ...("flow" in source && source.flow !== undefined && { flow: source.flow }),
  });
}
