import type { CachingApi } from "../contract/api-kinds.ts";
import { isPreflightOperation } from "./intent.ts";
import { findNotVisible, operationsOf } from "./operations.ts";
import { readSecurity } from "./security.ts";

/**
 * Finds the operations that API Gateway would open to everybody, and the parts of the document that may have others.
 *
 * @returns A line for each.
 */
export function findOpenOperations(document: unknown, api: CachingApi): readonly string[] {
  const open = operationsOf(document).flatMap((one) => {
    if (isPreflightOperation(document, one, api)) return [];
    const read = readSecurity(document, one.operation, api);
    return read.schemes ? [] : [`the operation ${one.verb} ${one.path} ${read.error}`];
  });
  return [...findNotVisible(document), ...open];
}
