import { type Alias, isAlias, type Node, Pair, parseDocument, Scalar, visit, YAMLMap } from "yaml";
import { isObject, parseJson } from "../contract/json.ts";
import { err, ok, type Result } from "../contract/result.ts";

/** The short forms of CloudFormation's functions. @see CloudFormation user guide, "Intrinsic function reference" */
const SHORT_FORMS = new Map([
  ["!Ref", "Ref"],
  ["!Condition", "Condition"],
  ...[
    ...["And", "Base64", "Cidr", "Equals", "FindInMap", "ForEach", "GetAtt", "GetAZs", "If", "ImportValue", "Join"],
    ...["Length", "Not", "Or", "Select", "Split", "Sub", "ToJsonString", "Transform"],
  ].map((name) => [`!${name}`, `Fn::${name}`] as const),
]);

/** More levels than any template has. The readers follow values to their ends, so a circle of aliases must not get there. */
const MAX_LEVELS = 500;

/**
 * Parses a template or a document, JSON or YAML with CloudFormation's short tags.
 *
 * @returns An object, or why the text is not one.
 */
export function parseTemplate(text: string): Result<Readonly<Record<string, unknown>>, string> {
  try {
    const parsed = parseText(text);
    return parsed.ok && isDeeperThan(MAX_LEVELS, parsed.value) ? err(TOO_DEEP) : parsed;
  } catch (thrown) {
    // The parsers call themselves for each level.
    if (thrown instanceof RangeError) return err(TOO_DEEP);
    throw thrown;
  }
}

const TOO_DEEP = `is not a template (its values are nested in a circle, or in more than ${MAX_LEVELS} levels)`;

function isDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((one) => isDeeperThan(levels - 1, one));
}

function parseText(text: string): Result<Readonly<Record<string, unknown>>, string> {
  if (text.trimStart().startsWith("{")) {
    const value = parseJson(text.replace(/^\uFEFF/, ""));
    if (isObject(value)) return ok(value);
  }
  const document = parseDocument(text, { prettyErrors: true, logLevel: "error", merge: true });
  const [error] = document.errors;
  if (error !== undefined) return err(`is neither JSON nor YAML (${firstLine(error.message)})`);
  const unknown: string[] = [];
  visit(document, {
    Node(_, node) {
      if (isAlias(node) || !isOwnTag(node.tag)) return undefined;
      const name = SHORT_FORMS.get(node.tag);
      if (name === undefined) unknown.push(node.tag);
      return name === undefined ? undefined : toLongForm(name, node);
    },
  });
  if (unknown.length > 0) return err(`has the tag ${unknown[0]}, which CloudFormation does not know`);
  try {
    const value: unknown = document.toJS();
    return isObject(value) ? ok(value) : err("is not a template: it is not a map");
  } catch (thrown) {
    // An alias without an anchor, or aliases that would make the document very large.
    return err(`is not a template (${firstLine(thrown instanceof Error ? thrown.message : String(thrown))})`);
  }
}

function isOwnTag(tag: string | undefined): tag is string {
  return tag?.startsWith("!") === true;
}

function toLongForm(name: string, node: Exclude<Node, Alias>): YAMLMap {
  const map = new YAMLMap();
  const { anchor } = node;
  if (anchor !== undefined) map.anchor = anchor;
  delete node.anchor;
  delete node.tag;
  map.items.push(new Pair(new Scalar(name), node));
  return map;
}

function firstLine(text: string): string {
  return text.split("\n")[0] ?? "";
}
