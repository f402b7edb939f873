import type { IConstruct } from "constructs";

/**
 * Creates the error that stops a synthesis.
 *
 * @param construct - The construct that can't be synthesised; the message has its path.
 * @param kind - The name of its class, such as `PolicyAuthorizer`.
 * @param cause - The cause, and what to do.
 */
export function toSynthesisError(construct: IConstruct, kind: string, cause: string): Error {
  return new Error(`${kind} at ${construct.node.path}: ${cause}`);
}
