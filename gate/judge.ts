import { type Accepted, FINDING_KINDS, type Finding } from "./finding.ts";
import { createMethodJudge, findMissingMethods } from "./judge-authorization.ts";
import { findSharedResponses } from "./judge-caches.ts";
import { findBrokenContracts } from "./judge-contracts.ts";
import { findStaleStages } from "./judge-deployments.ts";
import { findOpenEndpoints } from "./judge-endpoints.ts";
import { findRefusedApis } from "./judge-rules.ts";
import type { Model } from "./model.ts";
import { createPolicyAuthorizers } from "./policy-authorizers.ts";

/** The user's statements about the files. */
export interface GateOptions {
  /** Findings that somebody accepts. Only kinds that are acceptable can be; see `FINDING_KINDS`. */
  readonly accepted?: readonly Accepted[];
  /**
   * Authorizers or functions that evaluate a policy, although the files don't show it: logical ids, construct paths, names or
   * ARNs.
   */
  readonly authorizers?: readonly string[];
  /** The day in UTC, such as `2026-11-30`, for what is accepted until a day; default: today. */
  readonly today?: string;
}

/** The counts of a judgement, so that a gate over nothing does not look like one over everything. */
export interface Seen {
  readonly apis: number;
  readonly methods: number;
  readonly withPolicy: number;
  readonly withIam: number;
  /** Their authorizer evaluates a policy, and lets everybody through; missing if there are none. */
  readonly reportOnly?: number;
  /** Preflights, and the messages of WebSocket connections. */
  readonly needingNone: number;
}

/** The judgement of templates. */
export interface GateReport {
  readonly findings: readonly Finding[];
  readonly accepted: readonly (Finding & { readonly reason: string })[];
  /** The accepted names that accept nothing. */
  readonly unused: readonly string[];
  readonly seen: Seen;
}

/** Judges what files deploy. */
export function judge(
  model: Model,
  { accepted = [], authorizers = [], today = new Date().toISOString().slice(0, 10) }: GateOptions = {},
): GateReport {
  const policies = createPolicyAuthorizers(model, authorizers);
  const judgeMethod = createMethodJudge(model, policies, authorizers);
  const judged = model.methods.map((method) => ({ method, ...judgeMethod(method) }));
  const all: readonly Finding[] = [
    ...model.unreadable.map((one): Finding => ({ code: "unreadable", names: [], ...one })),
    ...findMissingMethods(model),
    ...judged.flatMap(({ findings }) => findings),
    ...findStaleStages(model),
    ...findOpenEndpoints(model),
    ...findSharedResponses(model, policies),
    ...findBrokenContracts(model, policies),
    ...findRefusedApis(model),
    ...model.quotas,
  ];
  // A resource with conditions has alternatives, which may have the same finding.
  const findings = [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
  const used = new Set<string>();
  const sorted = findings.map((finding) => {
    const { isAcceptable } = FINDING_KINDS[finding.code];
    const named = accepted.filter(({ name, reason }) => reason.trim() !== "" && finding.names.includes(name));
    const found = isAcceptable ? named.filter(({ until = today }) => today <= until) : [];
    for (const { name } of isAcceptable ? named : []) used.add(name);
    const over = isAcceptable && found.length === 0 ? named[0]?.until : undefined;
    const reason = found[0]?.reason ?? (isAcceptable ? finding.reason : undefined);
    const advice = over === undefined ? finding.advice : `it was accepted until ${over}; ${finding.advice}`;
    return { finding: { ...finding, advice }, reason };
  });
  const count = (by: "policy" | "iam" | "report") =>
    new Set(judged.filter((one) => one.by === by).map(({ method }) => method.key)).size;
  return {
    findings: sorted.flatMap(({ finding, reason }) => (reason === undefined ? [finding] : [])),
    accepted: sorted.flatMap(({ finding, reason }) => (reason === undefined ? [] : [{ ...finding, reason }])),
    unused: accepted.map(({ name }) => name).filter((name) => !used.has(name)),
    seen: {
      apis: new Set(model.apis.map(({ key }) => key)).size,
      methods: new Set(model.methods.map(({ key }) => key)).size,
      withPolicy: count("policy"),
      withIam: count("iam"),
      ...(count("report") > 0 && { reportOnly: count("report") }),
      needingNone: new Set(
        judged.filter(({ by, findings: own }) => by === undefined && own.length === 0).map(({ method }) => method.key),
      ).size,
    },
  };
}
