import type { PublicRule } from "../contract/public-rules.ts";
import { type Accepted, FINDING_KINDS, type Finding, type Notice } from "./finding.ts";
import { createMethodJudge, findMissingMethods } from "./judge-authorization.ts";
import { findSharedResponses } from "./judge-caches.ts";
import { findBrokenContracts } from "./judge-contracts.ts";
import { findStaleStages } from "./judge-deployments.ts";
import { findOpenEndpoints } from "./judge-endpoints.ts";
import { findRefusedApis } from "./judge-rules.ts";
import type { Model } from "./model.ts";
import { createPolicyAuthorizers } from "./policy-authorizers.ts";
import { createPublicMethods } from "./public-methods.ts";

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
  /** The public rules of the policy; default: those that the files show in the marks of functions. */
  readonly publicRules?: readonly PublicRule[] | undefined;
}

/** The counts of a judgement, so that a gate over nothing does not look like one over everything. */
export interface Seen {
  readonly apis: number;
  readonly methods: number;
  readonly withPolicy: number;
  readonly withIam: number;
  /** Their authorizer evaluates a policy, and lets everybody through; missing if there are none. */
  readonly reportOnly?: number;
  /** Open to everybody by a public rule of the policy; missing for none. */
  readonly public?: number;
  /** Preflights, and the messages of WebSocket connections. */
  readonly needingNone: number;
}

/** The judgement of templates. */
export interface GateReport {
  readonly findings: readonly Finding[];
  readonly accepted: readonly (Finding & { readonly reason: string })[];
  /** The accepted names that accept nothing. */
  readonly unused: readonly string[];
  /** Safe, and perhaps not meant: methods that are public in the policy and closed, and preflights with a back end. */
  readonly notices: readonly Notice[];
  readonly seen: Seen;
}

/** Judges what files deploy. */
export function judge(
  model: Model,
  { accepted = [], authorizers = [], today = new Date().toISOString().slice(0, 10), publicRules }: GateOptions = {},
): GateReport {
  const policies = createPolicyAuthorizers(model, authorizers);
  const judgeMethod = createMethodJudge(
    model,
    policies,
    authorizers,
    createPublicMethods(model, policies, publicRules),
  );
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
  type Judged = (typeof judged)[number];
  const count = (isCounted: (one: Judged) => boolean) =>
    new Set(judged.filter(isCounted).map(({ method }) => method.key)).size;
  const open = count(({ isPublic }) => isPublic);
  const reportOnly = count(({ by }) => by === "report");
  return {
    findings: sorted.flatMap(({ finding, reason }) => (reason === undefined ? [finding] : [])),
    accepted: sorted.flatMap(({ finding, reason }) => (reason === undefined ? [] : [{ ...finding, reason }])),
    notices: [...new Map(judged.flatMap(({ notices }) => notices).map((one) => [JSON.stringify(one), one])).values()],
    unused: accepted.map(({ name }) => name).filter((name) => !used.has(name)),
    seen: {
      apis: new Set(model.apis.map(({ key }) => key)).size,
      methods: new Set(model.methods.map(({ key }) => key)).size,
      withPolicy: count(({ by }) => by === "policy"),
      withIam: count(({ by }) => by === "iam"),
      ...(reportOnly > 0 && { reportOnly }),
      ...(open > 0 && { public: open }),
      needingNone: count(({ by, isPublic, findings: own }) => by === undefined && !isPublic && own.length === 0),
    },
  };
}
