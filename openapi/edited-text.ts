import { type Document, isMap, stringify, visit } from "yaml";
import { type Edit, withEdits } from "./secure-document.ts";

/** A document's text with values written into it. */
export interface EditedText {
  readonly text: string;
  /** Comments and order are as they were. */
  readonly isInPlace: boolean;
}

/**
 * Writes values into a document.
 *
 * In place, unless an alias would have what is written in one place come up in another, or an entry is empty; then the
 * text is made anew.
 *
 * @param content - Of the document.
 */
export function toEditedText(
  document: Document.Parsed,
  content: unknown,
  edits: readonly Edit[],
  format: "yaml" | "json",
): EditedText {
  const isInPlace = !hasAlias(document) && edits.every(({ path }) => isWritable(document, path));
  if (format === "json") return { text: `${JSON.stringify(withEdits(content, edits), null, 2)}\n`, isInPlace: true };
  if (!isInPlace) return { text: stringify(withEdits(content, edits), ANEW), isInPlace };
  for (const { path, value } of edits) document.setIn(path, document.createNode(value));
  return { text: document.toString({ lineWidth: 0 }), isInPlace };
}

const ANEW = { lineWidth: 0, aliasDuplicateObjects: false };

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

/** All on the way that is there already is a map. */
function isWritable(document: Document.Parsed, path: readonly string[]): boolean {
  return path.slice(0, -1).every((_, at) => {
    const before = path.slice(0, at + 1);
    return !document.hasIn(before) || isMap(document.getIn(before, true));
  });
}
