import type { Route } from "../authorizer/policy/manifest.ts";
import { err, ok, type Result } from "../authorizer/result.ts";
import { readRoutes } from "./cache/routes.ts";
import { type CheckedPolicy, checkPolicies } from "./check/policies.ts";
import { findOpa } from "./opa.ts";
import { createOpa } from "./opa-run.ts";
import { formatProblem } from "./problem.ts";

/** What a command says something of: the policy in the folder that it is run in, and the routes of an API. */
export interface Subject {
  readonly policy: CheckedPolicy;
  /** Undefined where no API is named. */
  readonly routes: readonly Route[] | undefined;
}

/**
 * Checks the policy and reads the routes.
 *
 * @returns Or a line for each thing that is wrong with them.
 */
export async function readSubject(openApiFile: string | undefined): Promise<Result<Subject, readonly string[]>> {
  const routes = openApiFile === undefined ? ok(undefined) : await readRoutes(openApiFile);
  if (!routes.ok) return routes;
  const opa = await findOpa();
  if (!opa.ok) return err([opa.error]);
  const policy = await checkPolicies(createOpa(opa.value, process.cwd()), process.cwd());
  return policy.ok ? ok({ policy: policy.value, routes: routes.value }) : err(policy.error.map(formatProblem));
}

/** Prints what a command found; or why it found nothing, and fails. */
export function print(found: Result<string, readonly string[]>): void {
  if (found.ok) {
    console.log(found.value);
    return;
  }
  for (const line of found.error) console.error(line);
  process.exitCode = 1;
}
