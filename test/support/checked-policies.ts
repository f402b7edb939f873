import { join } from "node:path";
import { formatProblems } from "../../build/policy/problem.ts";
import { readPolicy } from "../../build/policy/read-policy.ts";
import { foundOpa } from "../../dev/found-opa.ts";

/** Checks the policies of a workspace as the build does, and returns the lines that it would print. Nothing is compiled. */
export async function checkIn(root: string): Promise<readonly string[]> {
  const opaPath = await foundOpa();
  if (!opaPath.ok) return [opaPath.error];
  const read = await readPolicy(opaPath.value, join(root, "policies"));
  if (!read.ok) return formatProblems(read.error).map((line) => line.replaceAll(`${root}/`, ""));
  await read.value[Symbol.asyncDispose]();
  return [];
}
