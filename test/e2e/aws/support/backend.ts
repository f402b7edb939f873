import type { Reply } from "./client.ts";

/** The caller, as API Gateway described it to the sample backends. */
export interface Seen {
  readonly principal?: string;
  readonly roles?: string;
  readonly grants?: string;
  readonly revision?: string;
  /** The ARN of a session of a role, behind IAM authorization. */
  readonly session?: string;
}

export function readSeen(body: string): Seen {
  return JSON.parse(body).caller;
}

/** Returns the status, and the roles and grants of an allowed request. */
export function outcomeOf({ status, body }: Reply): object {
  if (status !== 200) return { status };
  const { roles, grants } = readSeen(body);
  return { status, roles, grants };
}
