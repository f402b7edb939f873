import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { err, ok, type Result } from "../../contract/result.ts";
import { formatTooManyTests } from "../access/formats.ts";
import { formatLockError, parseAccessLock } from "../access/lock.ts";
import { toLockPolicy } from "../access/lock-policy.ts";
import { readBundleSide, readDistSide } from "./built-side.ts";
import { toLockText } from "./lock-file.ts";
import { readFolderSide, readRefSide } from "./policy-side.ts";
import type { Side } from "./side.ts";

/** How the name of a side is read. */
export interface SideOptions {
  readonly opaPath: string;
  /** The company's folder of policies, of which a Git ref has an older state. */
  readonly policies: string;
}

/**
 * Reads one of the policies that are compared: a folder of policies, or one that has them in `policies/`; a folder that `build`
 * wrote; a bundle; a lock; or, if there is no such file or folder, a Git ref.
 *
 * @returns The side, or lines that say why there is none.
 */
export async function readSide(
  text: string,
  { opaPath, policies }: SideOptions,
): Promise<Result<Side, readonly string[]>> {
  const found = await stat(text).catch(() => undefined);
  if (found === undefined) return readRefSide(opaPath, text, policies);
  if (!found.isDirectory()) return readFileSide(opaPath, text);
  const has = async (path: string) => (await stat(join(text, path)).catch(() => undefined)) !== undefined;
  if (await has("authorizer/manifest.json")) return readDistSide(opaPath, text);
  if (await has("access")) return readFolderSide(opaPath, text, text);
  if (await has("policies/access")) return readFolderSide(opaPath, text, join(text, "policies"));
  return err([
    `${text} has no policies (access/ or policies/access/) and no build (authorizer/manifest.json); for a Git ref of this name, write refs/heads/${text}`,
  ]);
}

async function readFileSide(opaPath: string, file: string): Promise<Result<Side, readonly string[]>> {
  const bytes = await readFile(file);
  // The first bytes of gzip, RFC 1952, section 2.3.1.
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return readBundleSide(opaPath, file);
  const text = bytes.toString();
  if (!text.startsWith("rego-authorizer access lock ")) {
    return err([
      `${file} is neither an access lock nor a bundle; for a Git ref of this name, write refs/heads/${file}`,
    ]);
  }
  const lock = parseAccessLock(text);
  if (!lock.ok) return err([formatLockError(file, lock.error)]);
  const policy = toLockPolicy(lock.value);
  const again = toLockText(policy);
  if (!again.ok) return err([`${file}: ${formatTooManyTests(again.error)}`]);
  if (again.value !== text.replaceAll("\r\n", "\n")) {
    return err([
      `${file} is not the access of any policy, so the file was edited or merged by hand; write it with rego-authorizer lock`,
    ]);
  }
  return ok({
    label: file,
    kind: "lock",
    policy,
    knowsPublicRules: true,
    engine: undefined,
    async [Symbol.asyncDispose]() {},
  });
}
