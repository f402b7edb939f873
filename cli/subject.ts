import type { ApiRoutes } from "../analysis/cache/api-contracts.ts";
import { findOpa } from "../build/opa/find.ts";
import { formatProblems } from "../build/policy/problem.ts";
import { type CheckedPolicy, readPolicy } from "../build/policy/read-policy.ts";
import type { CachingApi } from "../contract/api-kinds.ts";
import { type ApiDocument, parseApiDocuments } from "../contract/named-document.ts";
import { err, ok, type Result } from "../contract/result.ts";
import { readLocatedRoutes, toApiRoutes } from "../openapi/located-routes.ts";
import { couldNotRun, type FlagReader, found, type Given, type Outcome, policiesOf } from "./command.ts";

/** Reads the values of `--openapi`: the documents of the APIs. */
export function readDocuments(values: readonly string[] | undefined, read: FlagReader): readonly ApiDocument[] {
  const documents = parseApiDocuments(values ?? []);
  if (documents.ok) return documents.value;
  documents.error.forEach(read.report);
  return [];
}

/** Reads the flag `--api`: a kind of API, or `auto` for what a document shows. */
export function readKind(read: FlagReader): CachingApi | undefined {
  const kind = read.choose("api", ["auto", "rest", "http"], "auto");
  return kind === "auto" ? undefined : kind;
}

/** The input of a command: a checked policy, and the routes of its APIs. */
export interface Subject {
  readonly policy: CheckedPolicy;
  /** Undefined without `--openapi`. */
  readonly apis: readonly ApiRoutes[] | undefined;
}

/** Checks the policy that `--policies` names, and reads the routes of documents. */
export async function readSubject(given: Given, documents: readonly ApiDocument[]): Promise<Result<Subject, Outcome>> {
  const { api } = given.flags;
  const kind = api === "rest" || api === "http" ? api : undefined;
  const located = documents.length === 0 ? ok(undefined) : await readLocatedRoutes(documents, kind);
  if (!located.ok) return err(couldNotRun(located.error));
  const opa = await findOpa();
  if (!opa.ok) return err(couldNotRun([opa.error]));
  const policy = await readPolicy(opa.value, policiesOf(given));
  if (!policy.ok) return err(found(formatProblems(policy.error)));
  return ok({ policy: policy.value, apis: located.value && toApiRoutes(located.value.routes) });
}
