import { toCacheContract } from "../../analysis/cache/contract.ts";
import { toPolicyDocument } from "../../analysis/iam/document.ts";
import { toIamExport } from "../../analysis/iam/export.ts";
import { toTokenDocument } from "../../authorizer/gateway/token-document.ts";
import { createEvaluator, type Evaluate } from "../../authorizer/policy/evaluator.ts";
import { toTokenResources } from "../../authorizer/policy/token-resources.ts";
import { referencesOfEngine, sortedReferences } from "../../build/policy/input-references.ts";
import { type Decision, parseDecision } from "../../contract/decision.ts";
import type { EngineInput } from "../../contract/engine-input.ts";
import { parseEntitlements } from "../../contract/entitlements.ts";
import type { IamExport } from "../../contract/iam-export.ts";
import type { CacheContract, InputReference } from "../../contract/manifest.ts";
import { overlaps } from "../../contract/path-template.ts";
import { toDataDocument } from "../../contract/policy-data.ts";
import type { PolicyIndex } from "../../contract/policy-index.ts";
import { methodsOf } from "../../contract/route.ts";
import { toIndexOfApi } from "../../contract/rule-apis.ts";
import { judgePolicy } from "../../simulator/judge-policy.ts";
import type { CompiledConditions } from "./compiled-conditions.ts";
import { isAllowedByIam } from "./iam-simulation.ts";
import type { IndexCase, RequestTwice } from "./index-arbitraries.ts";

/** An artefact whose results must follow from the engine's decisions. */
export type Leg = "input references" | "per-token document" | "IAM export" | "cache class";

/** A request for which a leg does not hold, and the grants, denials and roles that concern it. */
export interface Counterexample {
  readonly leg: Leg;
  readonly because: string;
  readonly input: EngineInput;
  readonly again?: EngineInput;
  readonly rules: object;
}

/** The number of comparisons that could have failed. */
export type Counts = Record<Leg, number>;

/** The number of comparisons, and the failed ones. */
export interface Verdict {
  readonly counterexamples: readonly Counterexample[];
  /** For input references, every decision; for documents, each Allow; for the cache class, each pair with an Allow. */
  readonly counts: Counts;
}

/** The name of the API in all requests: artefacts and cached responses are of one API. Generated rules are for it, for others, or for all. */
const API_NAME = "blue";
const API = { partition: "aws", region: "eu-west-1", accountId: "123456789012", apiId: "abcdef1234", stage: "prod" };
const PREFIX = `arn:aws:execute-api:${API.region}:${API.accountId}:${API.apiId}/${API.stage}`;

/** The results of the build and the authorizer for an index. */
interface Artefacts {
  readonly references: readonly InputReference[];
  readonly contract: CacheContract;
  /** Undefined where per-token documents are not possible for the policy. */
  readonly tokenContract: CacheContract | undefined;
  /** One export for all paths, and one for the routes. */
  readonly exports: readonly IamExport[];
}

/**
 * Compares the engine, the per-token documents, the IAM documents and the cache contract on the same requests.
 *
 * @param distort - Changes the index for all but the engine, to test that the comparison notices it.
 */
export function checkIndexLaw(
  { wasm, references, dependencies }: Pick<CompiledConditions, "wasm" | "references" | "dependencies">,
  { policy, routes, requests }: IndexCase,
  index: PolicyIndex,
  distort: (index: PolicyIndex) => PolicyIndex = (same) => same,
): Verdict {
  const data = JSON.stringify(toDataDocument({ index, base: undefined }));
  const evaluate = createEvaluator(moduleOf(wasm), Uint8Array.from(Buffer.from(data)).buffer);
  const seen = distort(index);
  const ofApi = toIndexOfApi(seen, API_NAME);
  const contract = toCacheContract(ofApi, dependencies, routes);
  if (!contract.ok) throw new Error(contract.error.join("\n"));
  const tokenContract = toCacheContract(ofApi, dependencies, routes, "token");
  const artefacts: Artefacts = {
    references: sortedReferences([...readsOfNamed(index, { references, dependencies }), ...referencesOfEngine(seen)]),
    contract: contract.value,
    tokenContract: tokenContract.ok ? tokenContract.value : undefined,
    exports: [undefined, routes].map((some) => toIamExport(seen, dependencies, "r", some)),
  };
  const counts: Counts = { "input references": 0, "per-token document": 0, "IAM export": 0, "cache class": 0 };
  const counterexamples: Counterexample[] = [];
  for (const generated of requests) {
    const both = { ...generated, input: toApi(generated.input), again: toApi(generated.again) };
    const { input, again } = both;
    const decisions = [input, again].map((one) => decide(evaluate, one));
    const report = (leg: Leg, because: string, isAboutBoth = false) => {
      const rules = rulesAt(policy, input);
      counterexamples.push({ leg, because, input, ...(isAboutBoth && { again }), rules });
    };

    const cut = decide(evaluate, cutTo(artefacts.references, input));
    counts["input references"] += 1;
    if (!isSame(cut, decisions[0]))
      report("input references", "the engine decides otherwise when given no more than what it is said to read");

    const isRefused = decisions.some(({ effect }) => effect === "deny");
    if (isAllowedByDocument(evaluate, artefacts, input)) {
      counts["per-token document"] += 1;
      if (isRefused) report("per-token document", "the document allows what the engine denies", true);
    }
    for (const because of findAllowedByIam(artefacts.exports, input)) {
      counts["IAM export"] += 1;
      if (isRefused) report("IAM export", because, true);
    }
    for (const because of findCached(artefacts.contract, both)) {
      const cached = decide(evaluate, withKeyOf(because, both));
      if (cached.effect === "allow" || decisions[0]?.effect === "allow") counts["cache class"] += 1;
      if (!isSame(cached, decisions[0])) {
        report("cache class", `${because.route} is of class ${because.class}, but the decision is another`, true);
      }
    }
  }
  return { counterexamples, counts };
}

function toApi(input: EngineInput): EngineInput {
  return { ...input, request: { ...input.request, api: API_NAME } };
}

/**
 * Finds the input references of the conditions that a policy names: those of other conditions could hide a missing
 * reference of the engine.
 */
function readsOfNamed(
  { grants, denials }: PolicyIndex,
  { references, dependencies }: Pick<CompiledConditions, "references" | "dependencies">,
): readonly InputReference[] {
  const named = [
    ...Object.values(grants).flatMap(({ when }) => when),
    ...Object.values(denials).flatMap(({ unless }) => unless),
  ];
  const needed = new Set(named.flatMap((name) => dependencies.get(name) ?? []).map(({ read }) => read));
  return references.filter((read) => read[0] === "principal" || needed.has(read.join(".")));
}

const modules = new WeakMap<Uint8Array, WebAssembly.Module>();

function moduleOf(wasm: Uint8Array<ArrayBuffer>): WebAssembly.Module {
  const module = modules.get(wasm) ?? new WebAssembly.Module(wasm);
  modules.set(wasm, module);
  return module;
}

function decide(evaluate: Evaluate, input: object): Decision {
  const evaluated = evaluate("engine/decision", input);
  const decision = evaluated.ok ? parseDecision(evaluated.value) : evaluated;
  if (!decision.ok) throw new Error(decision.error);
  return decision.value;
}

function isSame(one: Decision, other: Decision | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Cuts an input to the fields that some references name. */
function cutTo(references: readonly InputReference[], input: object): object {
  const byField = Map.groupBy(references, ([field]) => field ?? "");
  const entries = [...byField].flatMap(([field, list]) => {
    const value: unknown = Object.getOwnPropertyDescriptor(input, field)?.value;
    if (value === undefined) return [];
    const below = list.map(([, ...rest]) => rest);
    const isWhole = below.some((read) => read.length === 0) || typeof value !== "object" || value === null;
    return [[field, isWhole ? value : cutTo(below, value)] as const];
  });
  return Object.fromEntries(entries);
}

/** Tells whether the per-token document of the authorizer allows a request to a route of the class token. */
function isAllowedByDocument(
  evaluate: Evaluate,
  { references, tokenContract }: Artefacts,
  input: EngineInput,
): boolean {
  const tokenDocuments = tokenContract?.token_documents;
  const isServed = tokenContract?.routes.some((route) => route.class === "token" && takes(route, input)) === true;
  if (tokenDocuments === undefined || !isServed) return false;
  // A per-token document is made without a request, at the time of the token's first request.
  const evaluated = evaluate("engine/entitlements", cutTo(references, { principal: input.principal }));
  const entitlements = evaluated.ok ? parseEntitlements(evaluated.value) : evaluated;
  if (!entitlements.ok) throw new Error(entitlements.error);
  const resources = toTokenResources(entitlements.value, tokenDocuments);
  if (resources === undefined) return false;
  const answer = toTokenDocument({ ...API, verb: "GET", path: "/" }, "someone", resources, {
    roles: "",
    revision: "r",
  });
  const document = answer !== undefined && "policyDocument" in answer ? answer.policyDocument : undefined;
  return document !== undefined && judgePolicy(document, arnOf(input)) === "allow";
}

/** Finds the documents that allow a request, among those of the principal's groups or of users in no group. */
function findAllowedByIam(exports: readonly IamExport[], input: EngineInput): readonly string[] {
  const { claims = {}, kind } = input.principal ?? {};
  // The identities of an identity pool are users.
  if (kind !== "user") return [];
  const listed = claims["cognito:groups"];
  const groups = Array.isArray(listed) ? listed.filter((group) => typeof group === "string") : [];
  return exports.flatMap((exported, at) =>
    [...groups, undefined].flatMap((group) => {
      const document = toPolicyDocument(exported, group, PREFIX);
      const tags = Object.entries(exported.tags).flatMap(([claim, tag]) => {
        const value = claims[claim];
        return typeof value === "string" ? [[tag, value] as const] : [];
      });
      if (document === undefined || !isAllowedByIam(document, arnOf(input), Object.fromEntries(tags))) return [];
      const paths = at === 0 ? "all paths" : "the routes";
      return [`the document of ${group ?? "whoever is in no group"}, for ${paths}, allows what the engine denies`];
    }),
  );
}

/** Finds the routes of a request whose responses may be cached, with their identity sources. */
function findCached({ routes, authorizers }: CacheContract, { input }: RequestTwice) {
  return routes
    .filter((route) => route.class !== "never" && takes(route, input))
    .map((route) => ({
      route: `${route.verb} ${route.path}`,
      class: route.class,
      sources: route.class === "request" ? (authorizers[route.authorizer]?.rest ?? []) : [],
      // How late the passing of time is noticed follows from the TTL, so test/property/cache.test.ts has it.
      isTimed: authorizers[route.authorizer]?.max_ttl_s !== undefined,
    }));
}

/** Copies the values of the cache key from the first request to the second. */
function withKeyOf(
  { sources, isTimed }: Pick<ReturnType<typeof findCached>[number], "sources" | "isTimed">,
  { input, again }: RequestTwice,
): EngineInput {
  const { source_ip, headers = {}, query = {} } = input.request ?? {};
  const isKey = (kind: string) => (name: string) => sources.includes(`${kind}.${name}`);
  const { source_ip: _, ...others } = again.request ?? {};
  const address = sources.includes("source_ip") ? source_ip : again.request?.source_ip;
  return {
    ...again,
    ...(isTimed && { now_s: input.now_s, calendar: input.calendar }),
    request: {
      ...others,
      ...(address !== undefined && { source_ip: address }),
      headers: mixed(headers, again.request?.headers ?? {}, isKey("header")),
      query: mixed(query, again.request?.query ?? {}, isKey("query")),
    },
  };
}

/** Takes the values in the key from one map, and the others from another. */
function mixed(
  one: Readonly<Record<string, string[]>>,
  other: Readonly<Record<string, string[]>>,
  isKey: (name: string) => boolean,
): Record<string, string[]> {
  return Object.fromEntries([
    ...Object.entries(other).filter(([name]) => !isKey(name)),
    ...Object.entries(one).filter(([name]) => isKey(name)),
  ]);
}

function takes({ verb, path }: { readonly verb: string; readonly path: string }, { request }: EngineInput): boolean {
  return methodsOf(verb).includes(request?.method ?? "") && overlaps(path, request?.path ?? "");
}

function arnOf({ request }: EngineInput): string {
  if (request?.method === "CONNECT") return `${PREFIX}/$connect`;
  return `${PREFIX}/${request?.method}${request?.path}`;
}

/** Finds the rules of a policy that concern a request, for the reader of a counterexample. */
function rulesAt({ grants, denials, roles }: IndexCase["policy"], input: EngineInput): object {
  const near = <Rule extends { readonly verbs: readonly string[]; readonly path: string }>(
    rules: Readonly<Record<string, Rule>>,
  ) =>
    Object.fromEntries(
      Object.entries(rules).filter(([, { verbs, path }]) => verbs.some((verb) => takes({ verb, path }, input))),
    );
  return { grants: near(grants), denials: near(denials), roles };
}
