import { findOpa } from "../build/opa/find.ts";
import { formatProblems } from "../build/policy/problem.ts";
import { type CheckedPolicy, readPolicy } from "../build/policy/read-policy.ts";
import type { CachingApi } from "../contract/api-kinds.ts";
import { toAuthorizedRoutes } from "../contract/declared-access.ts";
import { err, ok, type Result } from "../contract/result.ts";
import type { Route } from "../contract/route.ts";
import { type LocatedRoutes, readLocatedRoutes } from "../openapi/located-routes.ts";
import { readRoutes } from "../openapi/read-routes.ts";
import { couldNotRun, type FlagReader, found, type Given, type Outcome, policiesOf } from "./command.ts";

/**
 * Reads the documents that `--openapi` names, once or several times; undefined without any.
 *
 * @param kind - The kind of API that they are for; default: what each shows.
 */
export async function readDocuments(
  { lists }: Given,
  kind: CachingApi | undefined,
): Promise<Result<LocatedRoutes | undefined, readonly string[]>> {
  const files = lists?.["openapi"] ?? [];
  return files.length === 0 ? ok(undefined) : readLocatedRoutes(files, kind);
}

/** Reads the flag `--api`: a kind of API, or `auto` for what a document shows. */
export function readKind(read: FlagReader): CachingApi | undefined {
  const kind = read.choose("api", ["auto", "rest", "http"], "auto");
  return kind === "auto" ? undefined : kind;
}

/** The input of a command: a checked policy, and the routes of an API. */
export interface Subject {
  readonly policy: CheckedPolicy;
  /** The routes with an authorizer; undefined without `--openapi`. */
  readonly routes: readonly Route[] | undefined;
}

/** Checks the policy that `--policies` names, and reads the routes that `--openapi` names. */
export async function readSubject(given: Given): Promise<Result<Subject, Outcome>> {
  const { openapi, api } = given.flags;
  const kind = api === "rest" || api === "http" ? api : undefined;
  const routes = openapi === undefined ? ok(undefined) : await readRoutes(openapi, kind);
  if (!routes.ok) return err(couldNotRun(routes.error));
  const opa = await findOpa();
  if (!opa.ok) return err(couldNotRun([opa.error]));
  const policy = await readPolicy(opa.value, policiesOf(given));
  if (!policy.ok) return err(found(formatProblems(policy.error)));
  const { publicRules } = policy.value;
  const authorized = routes.value === undefined ? ok(undefined) : toAuthorizedRoutes(publicRules, routes.value);
  if (authorized.ok) return ok({ policy: policy.value, routes: authorized.value });
  await policy.value[Symbol.asyncDispose]();
  return err(found(authorized.error.map((line) => `${openapi}: ${line}`)));
}
