import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { RegoFile } from "../rego/files.ts";
import type { Problem } from "./problem.ts";

/** Matches the first line of a grant that is commented out, as `rego-authorizer init --openapi` writes it. */
const READY = /^# grants\["/;

/**
 * Makes the problem of a policy without a grant. If a grant is commented out in an area, the problem is there, and says how
 * to make it a grant.
 *
 * @param folder - The root of the files.
 */
export async function toMissingGrant(folder: string, files: readonly RegoFile[]): Promise<Problem> {
  for (const { file } of files.filter(({ part }) => part === "area")) {
    const at = (await readFile(join(folder, file), "utf8")).split("\n").findIndex((line) => READY.test(line));
    if (at >= 0) return { code: "grant.missing", file, line: at + 1, message: `${NO_GRANT}; ${UNCOMMENT}` };
  }
  return { code: "grant.missing", file: "policies/access", line: 1, message: `${NO_GRANT}; write a grant in an area` };
}

const NO_GRANT = "the policy has no grant, so every request would be denied";
const UNCOMMENT =
  'a grant is ready here: take the first "# " off its lines, METADATA included, and name the roles that are allowed';
