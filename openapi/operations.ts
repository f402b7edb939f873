import { describeNotVisible, type LocalReference, toPathItem } from "./path-items.ts";
import { hasTransformedParts } from "./transforms.ts";

/** An operation of an OpenAPI document. */
export interface Operation {
  /** `GET`, or `ANY`. */
  readonly verb: string;
  readonly path: string;
  /** The keys that lead to it from the root of the document. */
  readonly at: readonly string[];
  readonly operation: Readonly<Record<string, unknown>>;
  /** The references on the way, which have to be written out before the operation is changed. */
  readonly references: readonly LocalReference[];
}

/** Lists the visible operations of a document. */
export function operationsOf(document: unknown): readonly Operation[] {
  return Object.entries(Object(Object(document).paths)).flatMap(([path, item]) =>
    toPathItem(item, document).operations.map(({ verb, at, operation, references }) => ({
      verb,
      path,
      at: ["paths", path, ...at],
      operation: Object(operation),
      references: references.map((one) => ({ ...one, at: ["paths", path, ...one.at] })),
    })),
  );
}

/** Tells whether an operation exists wherever another one does: it is in no branch of a condition, or in one that both are in. */
export function existsWith({ at }: Operation, { at: wherever }: Operation): boolean {
  const branch = at.slice(0, at.lastIndexOf("Fn::If") + 2);
  return !at.includes("Fn::If") || branch.every((key, position) => wherever[position] === key);
}

/** Finds the parts of a document that may have operations which are not visible in it, such as references; a line each. */
export function findNotVisible(document: unknown): readonly string[] {
  const notVisible = Object.entries(Object(Object(document).paths)).flatMap(([path, item]) => {
    if (path.startsWith("/")) return toPathItem(item, document).notVisible.map((key) => describeNotVisible(path, key));
    // Extensions have no operations.
    if (path.startsWith("x-")) return [];
    return [
      `${JSON.stringify(path)} is not a path, and the paths that it stands for are not visible in the document; write them out`,
    ];
  });
  const operations = operationsOf(document).map(({ operation }) => operation);
  const none = operations.length === 0 ? ["the API's document has no visible operation"] : [];
  return [...(hasTransformedParts(document, operations) ? [TRANSFORMED] : []), ...notVisible, ...none];
}

const TRANSFORMED = "the content that Fn::Transform inserts is not visible in the document; write it out";
