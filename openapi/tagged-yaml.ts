import {
  type Alias,
  type Document,
  isAlias,
  isScalar,
  type Node,
  Pair,
  parseDocument,
  Scalar,
  type Tags,
  visit,
  YAMLMap,
} from "yaml";
import { err, ok, type Result } from "../contract/result.ts";

/** The short forms of CloudFormation's functions. @see CloudFormation user guide, "Intrinsic function reference" */
export const SHORT_FORMS: ReadonlyMap<string, string> = new Map([
  ["!Ref", "Ref"],
  ["!Condition", "Condition"],
  ...[
    ...["And", "Base64", "Cidr", "Equals", "FindInMap", "ForEach", "GetAtt", "GetAZs", "If", "ImportValue", "Join"],
    ...["Length", "Not", "Or", "Select", "Split", "Sub", "ToJsonString", "Transform"],
  ].map((name) => [`!${name}`, `Fn::${name}`] as const),
]);

/** More uses of an anchor than any document has. Aliases of aliases could make a small text very large. */
const MAX_ALIASES = 10_000;

/** Parses YAML or JSON to its syntax tree, in which numbers keep the digits that they are written with. */
export function parseTree(text: string): Result<Document.Parsed, string> {
  const tree = parseDocument(text.replace(/^\uFEFF/, ""), {
    prettyErrors: true,
    logLevel: "error",
    merge: true,
    customTags: keepDigits,
  });
  const [error] = tree.errors;
  return error === undefined ? ok(tree) : err(`is neither JSON nor YAML: ${firstLine(error.message)}`);
}

/** Makes the tags of numbers write them as they were read: a double would round large ones, and drop zeros at the end. */
function keepDigits(tags: Tags): Tags {
  return tags.map((tag) =>
    typeof tag === "object" && /:(int|float)$/.test(tag.tag)
      ? {
          ...tag,
          stringify(item, context, onComment, onChompKeep) {
            if (isScalar(item) && item.source !== undefined) return item.source;
            return "stringify" in tag && tag.stringify !== undefined
              ? tag.stringify(item, context, onComment, onChompKeep)
              : String(item.value);
          },
        }
      : tag,
  ) as Tags;
}

/** A plain value of a text, and the tags that CloudFormation does not know. */
export interface TaggedValue {
  readonly value: unknown;
  readonly unknownTags: readonly string[];
}

/**
 * Converts a syntax tree to its plain value, with the long forms of CloudFormation's functions (`Fn::Sub`) in the place of
 * their tags (`!Sub`). It changes the tree.
 *
 * @returns The value, or why there is none: an alias without an anchor, in a circle, or too many.
 */
export function toTaggedValue(tree: Document.Parsed): Result<TaggedValue, string> {
  const unknownTags: string[] = [];
  visit(tree, {
    Node(_, node) {
      if (isAlias(node) || !isOwnTag(node.tag)) return undefined;
      const name = SHORT_FORMS.get(node.tag);
      if (name === undefined) unknownTags.push(node.tag);
      return name === undefined ? undefined : toLongForm(name, node);
    },
  });
  try {
    return ok({ value: tree.toJS({ maxAliasCount: MAX_ALIASES }), unknownTags });
  } catch (thrown) {
    return err(firstLine(thrown instanceof Error ? thrown.message : String(thrown)));
  }
}

/** Tells whether a tag is not one of YAML's own. */
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

/** Takes the first line of a text. */
function firstLine(text: string): string {
  return (text.split("\n")[0] ?? "").replace(/:$/, "");
}
