import type { Reply } from "./client.ts";

/** What the sample backends say that API Gateway told them of the caller. */
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

/** A status, and of a request that came through what made it so. */
export function outcomeOf({ status, body }: Reply): object {
  if (status !== 200) return { status };
  const { roles, grants } = readSeen(body);
  return { status, roles, grants };
}
