import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { PolicyIndex } from "../contract/policy-index.ts";
import { err, ok, type Result } from "../contract/result.ts";
import { toDefaultUsers } from "./default-users.ts";
import { parseUsers } from "./parse-users.ts";
import { type Accounts, USERS_FILE } from "./users.ts";

/** Users and machines, and where they are from. */
export interface KnownAccounts extends Accounts {
  /** The name of the file; undefined if they are derived from the policy. */
  readonly file: string | undefined;
}

/**
 * Reads the users in a folder of policies. Without a file of users, they are derived from the policy.
 *
 * @returns The users and machines, or a line for every error.
 */
export async function readUsers(
  policies: string,
  index: PolicyIndex,
): Promise<Result<KnownAccounts, readonly string[]>> {
  const file = join(policies, USERS_FILE);
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    return isMissing ? ok({ ...toDefaultUsers(index), file: undefined }) : err([`${file}: can't be read`]);
  }
  const accounts = parseUsers(text, file);
  return accounts.ok ? ok({ ...accounts.value, file }) : accounts;
}
