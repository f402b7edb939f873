import { type ApiRoutes, toAuthorizedApis } from "../analysis/cache/api-contracts.ts";
import { findOpa } from "../build/opa/find.ts";
import { formatProblems } from "../build/policy/problem.ts";
import { type CheckedPolicy, readPolicy } from "../build/policy/read-policy.ts";
import type { CachingApi } from "../contract/api-kinds.ts";
import { toPublicRoutes } from "../contract/declared-access.ts";
import { type ApiDocument, parseApiDocuments } from "../contract/named-document.ts";
import { err, ok, type Result } from "../contract/result.ts";
import type { Route } from "../contract/route.ts";
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
  /** The APIs, with their routes that have an authorizer; undefined without `--openapi`. */
  readonly apis: readonly ApiRoutes[] | undefined;
  /** The public routes of each API by its name; of the only one by `undefined`, which are those of the rules without `--openapi`. */
  readonly publicRoutes: ReadonlyMap<string | undefined, readonly Route[]>;
}

/** Checks the policy that `--policies` names, for a command that can't say anything about a policy with problems. */
export async function readWholePolicy(given: Given): Promise<Result<CheckedPolicy, Outcome>> {
  const opa = await findOpa();
  if (!opa.ok) return err(couldNotRun([opa.error]));
  const policy = await readPolicy(opa.value, policiesOf(given));
  return policy.ok ? policy : err(couldNotRun(formatProblems(policy.error)));
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
  const { publicRules } = policy.value;
  const all = located.value && toApiRoutes(located.value.routes);
  const apis = all && toAuthorizedApis(publicRules, all);
  const named = all ?? [{ name: undefined, routes: undefined }];
  const publicRoutes = new Map(
    named.map(({ name, routes }) => [name, toPublicRoutes(publicRules, routes, name)] as const),
  );
  if (apis === undefined || apis.ok) return ok({ policy: policy.value, apis: apis?.value, publicRoutes });
  await policy.value[Symbol.asyncDispose]();
  return err(found(apis.error));
}
