import { type Document, isAlias, isMap, isScalar, isSeq } from "yaml";
import { mergedPairsOf } from "./merge-keys.ts";
import { SHORT_FORMS } from "./tagged-yaml.ts";

const JSON_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/**
 * Formats a syntax tree as JSON, with aliases and merge keys written out and CloudFormation's functions in their long forms.
 * Numbers and the order of keys stay as they are written.
 */
export function formatJson(tree: Document.Parsed): string {
  return `${formatNode(tree, tree.contents, "")}\n`;
}

/** Splits the text of `Fn::GetAtt` to the list that JSON needs. */
export function splitAttribute(text: string): readonly string[] {
  const [id = "", ...attribute] = text.split(".");
  return [id, attribute.join(".")];
}

function formatNode(tree: Document.Parsed, node: unknown, indent: string): string {
  if (isAlias(node)) return formatNode(tree, node.resolve(tree), indent);
  const { tag } = Object(node);
  const name = SHORT_FORMS.get(String(tag));
  if (name === undefined) return formatUntagged(tree, node, indent);
  const inner = `${indent}  `;
  const isAttribute = name === "Fn::GetAtt" && isScalar(node);
  const argument = isAttribute ? JSON.stringify(splitAttribute(String(node.value))) : formatUntagged(tree, node, inner);
  return formatBlock("{}", [`${JSON.stringify(name)}: ${argument}`], indent);
}

function formatUntagged(tree: Document.Parsed, node: unknown, indent: string): string {
  const inner = `${indent}  `;
  if (isMap(node)) {
    const pairs = mergedPairsOf(tree, node).map(
      ({ key, value }) => `${JSON.stringify(key)}: ${formatNode(tree, value, inner)}`,
    );
    return formatBlock("{}", pairs, indent);
  }
  if (isSeq(node))
    return formatBlock(
      "[]",
      node.items.map((item) => formatNode(tree, item, inner)),
      indent,
    );
  if (!isScalar(node)) return "null";
  const { value, source } = node;
  if (typeof value === "number" && source !== undefined && JSON_NUMBER.test(source)) return source;
  return JSON.stringify(value) ?? "null";
}

function formatBlock(brackets: "{}" | "[]", lines: readonly string[], indent: string): string {
  if (lines.length === 0) return brackets;
  return `${brackets[0]}\n${lines.map((line) => `${indent}  ${line}`).join(",\n")}\n${indent}${brackets[1]}`;
}
