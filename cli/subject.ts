import { findOpa } from "../build/opa/find.ts";
import { formatProblems } from "../build/policy/problem.ts";
import { type CheckedPolicy, readPolicy } from "../build/policy/read-policy.ts";
import { err, ok, type Result } from "../contract/result.ts";
import type { LocatedRoute, Route } from "../contract/route.ts";
import { readLocatedRoutes } from "../openapi/located-routes.ts";
import { readRoutes } from "../openapi/read-routes.ts";
import { couldNotRun, found, type Given, type Outcome, policiesOf } from "./command.ts";

/** Reads the documents that `--openapi` names, once or several times; undefined without any. */
export async function readDocuments({
  lists,
}: Given): Promise<Result<readonly LocatedRoute[] | undefined, readonly string[]>> {
  const files = lists?.["openapi"] ?? [];
  return files.length === 0 ? ok(undefined) : readLocatedRoutes(files);
}

/** The input of a command: a checked policy, and the routes of an API. */
export interface Subject {
  readonly policy: CheckedPolicy;
  /** Undefined without `--openapi`. */
  readonly routes: readonly Route[] | undefined;
}

/** Checks the policy that `--policies` names, and reads the routes that `--openapi` names. */
export async function readSubject(given: Given): Promise<Result<Subject, Outcome>> {
  const { openapi } = given.flags;
  const routes = openapi === undefined ? ok(undefined) : await readRoutes(openapi);
  if (!routes.ok) return err(couldNotRun(routes.error));
  const opa = await findOpa();
  if (!opa.ok) return err(couldNotRun([opa.error]));
  const policy = await readPolicy(opa.value, policiesOf(given));
  return policy.ok ? ok({ policy: policy.value, routes: routes.value }) : err(found(formatProblems(policy.error)));
}
