import { type Document, isMap, stringify, visit } from "yaml";
import { type Edit, withEdits } from "./secure-document.ts";

/** The text of a document after values were written into it. */
export interface EditedText {
  readonly text: string;
  /** The text still has the comments and the order of the original. */
  readonly isInPlace: boolean;
}

/**
 * Writes values into a document.
 *
 * The text is edited in place. If the document has an alias, or an empty entry on the way to a value, the text is written
 * anew: an edit in place would then change other places, or fail.
 *
 * @param content - The document as plain values.
 */
export function toEditedText(
  document: Document.Parsed,
  content: unknown,
  edits: readonly Edit[],
  format: "yaml" | "json",
): EditedText {
  const isInPlace = !hasAlias(document) && edits.every(({ path }) => isWritable(document, path));
  if (format === "json") return { text: `${JSON.stringify(withEdits(content, edits), null, 2)}\n`, isInPlace: true };
  if (!isInPlace) return { text: stringify(withEdits(content, edits), WITHOUT_ALIASES), isInPlace };
  for (const { path, value } of edits) document.setIn(path, document.createNode(value));
  return { text: document.toString({ lineWidth: 0 }), isInPlace };
}

const WITHOUT_ALIASES = { lineWidth: 0, aliasDuplicateObjects: false };

function hasAlias(document: Document.Parsed): boolean {
  let isFound = false;
  visit(document, {
    Alias() {
      isFound = true;
      return visit.BREAK;
    },
  });
  return isFound;
}

/** Tells whether every existing node on the way to a path is a map, so that a value can be set there. */
function isWritable(document: Document.Parsed, path: readonly string[]): boolean {
  return path.slice(0, -1).every((_, at) => {
    const before = path.slice(0, at + 1);
    return !document.hasIn(before) || isMap(document.getIn(before, true));
  });
}
