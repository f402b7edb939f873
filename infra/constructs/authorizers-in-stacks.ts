import { Stack } from "aws-cdk-lib";
import { Construct, type IConstruct } from "constructs";

/** The place for the authorizers of the methods of one stack. */
export interface AuthorizerScope {
  readonly scope: Construct;
  /** Appended to the names of authorizers, which are unique in an API; empty in the API's stack. */
  readonly suffix: string;
}

/**
 * Finds the place for the authorizers of a method, which is in the method's stack.
 *
 * A changed contract makes new authorizers and removes the old ones. If another stack used these, its deployment would be
 * refused, since a value that is imported can't be removed. Nested stacks are deployed with their parent.
 *
 * @param own - The place in the API's stack.
 * @param method - A method or route of the API.
 */
export function toAuthorizerScope(own: Construct, method: IConstruct): AuthorizerScope {
  const stack = topStackOf(method);
  if (stack === topStackOf(own)) return { scope: own, suffix: "" };
  const suffix = own.node.addr.slice(-8);
  const id = `PolicyAuthorizer-${suffix}`;
  const found = stack.node.tryFindChild(id);
  const scope = found === undefined ? new Construct(stack, id) : (found as Construct);
  return { scope, suffix: `-${stack.node.addr.slice(-8)}` };
}

function topStackOf(construct: IConstruct): Stack {
  const stack = Stack.of(construct);
  return stack.nestedStackParent === undefined ? stack : topStackOf(stack.nestedStackParent);
}
