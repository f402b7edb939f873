import { findNotVisible, isPreflightOperation, operationsOf } from "./operations.ts";
import { readSecurity } from "./security.ts";

/**
 * Finds the operations that API Gateway would open to everybody, and the parts of the document that may have others.
 *
 * @returns A line for each.
 */
export function findOpenOperations(document: unknown): readonly string[] {
  const open = operationsOf(document).flatMap((one) => {
    if (isPreflightOperation(one)) return [];
    const read = readSecurity(document, one.operation);
    return read.schemes ? [] : [`the operation ${one.verb} ${one.path} ${read.error}`];
  });
  return [...findNotVisible(document), ...open];
}
