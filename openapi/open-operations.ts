import type { CachingApi } from "../contract/api-kinds.ts";
import { describePartly } from "../contract/declared-access.ts";
import type { RouteAccess } from "../contract/public-rules.ts";
import { isPreflightOperation } from "./intent.ts";
import { findNotVisible, type Operation, operationsOf } from "./operations.ts";
import { readSecurity } from "./security.ts";

/**
 * Finds the operations that API Gateway would open to everybody and the policy does not, and the parts of the document that may
 * have others.
 *
 * @param judge - Tells whether the policy opens an operation.
 * @returns A line for each.
 */
export function findOpenOperations(
  document: unknown,
  api: CachingApi,
  judge: (operation: Operation) => RouteAccess,
): readonly string[] {
  const open = operationsOf(document).flatMap((one) => {
    if (isPreflightOperation(document, one)) return [];
    const access = judge(one);
    if (access.kind === "public") return [];
    const partly = describePartly(one, access);
    if (partly !== undefined) return [partly];
    const read = readSecurity(document, one.operation, api);
    return read.schemes ? [] : [`the operation ${one.verb} ${one.path} ${read.error}`];
  });
  return [...findNotVisible(document), ...open];
}
