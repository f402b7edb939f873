import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LOCK_FILE } from "../../contract/access-lock.ts";
import { err, ok, type Result } from "../../contract/result.ts";
import { toAccessLines } from "../access/lines.ts";
import { formatAccessLock, toAccessLock } from "../access/lock.ts";
import type { AccessPolicy, TooManyTests } from "../access/model.ts";

/** Whether the lock in a folder of policies has the access that the policy gives. */
export type LockState =
  | { readonly kind: "missing" }
  | { readonly kind: "current" }
  | {
      readonly kind: "stale";
      /** The lines that the lock has and the access has not, and the other way round. */
      readonly removed: readonly string[];
      readonly added: readonly string[];
    };

/** The most lines of a stale lock that are shown. */
const MAX_SHOWN = 10;

/** Formats the access of a policy as the text of its lock. */
export function toLockText(policy: AccessPolicy): Result<string, TooManyTests> {
  const lines = toAccessLines(policy);
  return lines.ok ? ok(formatAccessLock(toAccessLock(lines.value, policy))) : lines;
}

/** Writes the lock of a policy into its folder; tells whether that changed it. */
export async function writeLock(policies: string, text: string): Promise<boolean> {
  const before = await readLock(policies);
  if (before === text) return false;
  await writeFile(join(policies, LOCK_FILE), text);
  return true;
}

/** Compares the lock in a folder of policies with the access of the policy. Line ends don't matter. */
export async function readLockState(policies: string, policy: AccessPolicy): Promise<Result<LockState, TooManyTests>> {
  const text = await readLock(policies);
  if (text === undefined) return ok({ kind: "missing" });
  const expected = toLockText(policy);
  if (!expected.ok) return err(expected.error);
  if (text.replaceAll("\r\n", "\n") === expected.value) return ok({ kind: "current" });
  const [own, wanted] = [text, expected.value].map((one) => one.split(/\r?\n/).filter((line) => line !== ""));
  const without = (lines: readonly string[] = [], others: readonly string[] = []) => {
    const known = new Set(others);
    return lines.filter((line) => !known.has(line));
  };
  return ok({ kind: "stale", removed: without(own, wanted), added: without(wanted, own) });
}

/** Tells whether a folder of policies has a lock. */
export async function hasLock(policies: string): Promise<boolean> {
  return (await readLock(policies)) !== undefined;
}

function readLock(policies: string): Promise<string | undefined> {
  return readFile(join(policies, LOCK_FILE), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw new Error(`${join(policies, LOCK_FILE)} can't be read: ${error.message}`);
  });
}

/** Formats what is wrong with a lock, and the command that mends it; nothing for a current one. */
export function formatLockState(policies: string, state: LockState): readonly string[] {
  const file = join(policies, LOCK_FILE);
  const command = `rego-authorizer lock${policies === "policies" ? "" : ` --policies ${policies}`}`;
  switch (state.kind) {
    case "current":
      return [];
    case "missing":
      return [
        `${file} does not exist; ${command} writes who may do what into it, and its diff is the review of a change`,
      ];
    case "stale": {
      const changes = [...state.removed.map((line) => `- ${line}`), ...state.added.map((line) => `+ ${line}`)];
      const others = changes.length - MAX_SHOWN;
      return [
        `${file} is stale: it does not have the access that the policy gives; run ${command}, and review its diff`,
        ...changes.slice(0, MAX_SHOWN).map((line) => `  ${line}`),
        ...(others > 0 ? [`  and ${others} more`] : []),
        ...(changes.length === 0 ? ["  its lines are in another order, or one is there twice"] : []),
      ];
    }
    default:
      return state satisfies never;
  }
}
