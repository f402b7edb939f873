import type { IConstruct } from "constructs";

/**
 * What stops a synthesis.
 *
 * @param construct - Where in the app.
 * @param kind - What the construct is, such as `PolicyAuthorizer`.
 * @param cause - The cause, and what to do.
 */
export function toSynthesisError(construct: IConstruct, kind: string, cause: string): Error {
  return new Error(`${kind} at ${construct.node.path}: ${cause}`);
}
