import { isDeepStrictEqual } from "node:util";
import { err, ok, type Result } from "../contract/result.ts";
import { createTreeEditor } from "./edited-tree.ts";
import { type Edit, withEdits } from "./edits.ts";
import { formatJson, splitAttribute } from "./json-text.ts";
import { parseTree, toTaggedValue } from "./tagged-yaml.ts";

/**
 * Makes edits in the text of a document. Comments, tags, anchors, quotes and the order of keys stay as they are.
 *
 * An alias, a merge key or a reference on the way to a change is written out in its place, so that nothing changes where else
 * its content is used.
 *
 * @param content - The plain value of the document.
 * @returns The text, or why it can't be edited.
 */
export function toEditedText(
  text: string,
  content: unknown,
  edits: readonly Edit[],
  format: "yaml" | "json",
): Result<string, string> {
  const tree = parseTree(text);
  if (!tree.ok) return tree;
  const makeEdit = createTreeEditor(tree.value, edits);
  for (const edit of edits) makeEdit(edit);
  const edited = format === "json" ? formatJson(tree.value) : tree.value.toString({ lineWidth: 0 });
  // The text is read again, so that it can't mean anything but the document with its edits.
  const again = parseTree(edited);
  const value = again.ok ? toTaggedValue(again.value) : again;
  return value.ok && isDeepStrictEqual(toPlain(value.value.value), toPlain(withEdits(content, edits)))
    ? ok(edited)
    : err("can't be edited without a change of something else; write out its aliases, merge keys and references");
}

/** Converts a value so that two spellings of one value are equal: the attribute of `Fn::GetAtt` is a list. */
function toPlain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toPlain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]: [string, unknown]) => [
      key,
      key === "Fn::GetAtt" && typeof one === "string" ? splitAttribute(one) : toPlain(one),
    ]),
  );
}
