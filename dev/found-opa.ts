import { findOpa } from "../build/opa/find.ts";
import type { Result } from "../contract/result.ts";

let found: Promise<Result<string, string>> | undefined;

/** Finds OPA as commands do, once in this process: each time, the digest of 59 MB is computed. */
export function foundOpa(): Promise<Result<string, string>> {
  found ??= findOpa();
  return found;
}
