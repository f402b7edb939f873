import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { MAX_MODULE_BYTES, MAX_RULES } from "../../contract/limits.ts";
import type { Problem } from "./problem.ts";

/** Matches the first line of a grant or denial, as the build accepts it. */
const RULE = /^[ \t]*(?:grants|denials)[.[]/gm;

/** The memory that the entitlements of one rule take in the module, in bytes; measured at 10,000 and 20,000 grants. */
export const BYTES_OF_RULE = 8_500;

/**
 * Counts grants and denials before OPA reads them. With too many, a build would run for minutes and end without memory, of OPA's
 * caller or of the module.
 */
export async function checkSize(policies: string): Promise<readonly Problem[]> {
  const folder = join(policies, "access");
  const names = (await readdir(folder, { recursive: true })).filter((name) => /(?<!_test)\.rego$/.test(name));
  let rules = 0;
  for (const name of names) rules += (await readFile(join(folder, name), "utf8")).match(RULE)?.length ?? 0;
  if (rules <= MAX_RULES) return [];
  const [neededMB, mostMB] = [rules * BYTES_OF_RULE, MAX_MODULE_BYTES].map((bytes) => Math.floor(bytes / 1e6));
  return [
    {
      code: "layout.too_many_rules",
      file: "policies/access",
      line: 1,
      message:
        `the policy has ${rules} grants and denials, and at most ${MAX_RULES} are built: to list the entitlements of all of them, the ` +
        `module would need ${neededMB} MB of memory and, with long paths and several conditions, half as much again, where it has at most ` +
        `${mostMB}; write one rule for paths that differ in a parameter, or one policy for each API`,
    },
  ];
}
