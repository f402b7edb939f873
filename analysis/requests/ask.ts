import { readConditionReads } from "../../build/policy/condition-reads.ts";
import { inFolder } from "../../build/policy/problem.ts";
import type { CheckedPolicy } from "../../build/policy/read-policy.ts";
import { readRuleValues } from "../../build/policy/rule-values.ts";
import type { CallerReading } from "./caller.ts";
import { createExplain, type Explain, type Explanation } from "./explanation.ts";
import type { Asked } from "./input.ts";
import { formatNearGrants, listPublic, type RequestReport, toOutrightReport, toReport } from "./report.ts";
import { findWays } from "./ways.ts";

/** A request to decide, and who sends it; or a token that the authorizer refuses. */
export type Subject =
  | { readonly kind: "asked"; readonly input: Asked; readonly notes: readonly string[] }
  | Extract<CallerReading, { readonly kind: "refused" }>;

/** The report on a subject. */
export interface Answer {
  readonly report: RequestReport;
  /** Lines that the reader must know about the caller. */
  readonly notes: readonly string[];
  /** Lines that help to understand a denial. */
  readonly hints: readonly string[];
}

/** Decides and explains a request. */
export type Ask = (subject: Subject) => Promise<Answer>;

/**
 * Creates the function that decides requests by a policy.
 *
 * @param compile - Compiles the module that ships.
 * @param folder - The company's folder of policies, as locations name it.
 */
export function createAsk(policy: CheckedPolicy, compile: () => Promise<WebAssembly.Module>, folder: string): Ask {
  const { index, publicRules, sources, data } = policy;
  const places = new Map(
    inFolder(folder, readRuleValues(sources)).map(({ kind, name, file, line }) => [
      `${kind}s ${name}`,
      `${file}:${line}`,
    ]),
  );
  const locate = (rule: string, kind: "grants" | "denials") => places.get(`${kind} ${rule}`) ?? folder;
  let explain: Explain | undefined;

  async function toDeniedAnswer(input: Asked, explanation: Explanation, explainInput: Explain): Promise<Answer> {
    const reads = await readConditionReads(policy, listConditions(explanation));
    const { ways, areAll } = findWays(input, explainInput, index, reads);
    const hints = [
      ...(Object.keys(explanation.grants).length === 0
        ? formatNearGrants(index, publicRules, input.request)
        : ways.length === 0
          ? ["nothing that the caller could carry allows it; only a change of the policy does"]
          : []),
      ...(areAll ? [] : ["there may be more ways than these; not all combinations were tried"]),
    ];
    return { report: toReport(explanation, ways, locate), notes: [], hints };
  }

  return async function ask(subject) {
    const { notes } = subject;
    if (subject.kind === "refused") {
      const report = toOutrightReport({ effect: "deny", reasons: [subject.code] });
      return { report, notes, hints: ["the authorizer refuses this token before the policy decides"] };
    }
    const { input } = subject;
    const open = listPublic(publicRules, input.request);
    if (open.length > 0) return { report: toOutrightReport({ effect: "allow", public: open }), notes, hints: [] };
    explain ??= createExplain(await compile(), data);
    const explanation = explain(input);
    if (explanation.decision.effect === "deny")
      return { ...(await toDeniedAnswer(input, explanation, explain)), notes };
    return { report: toReport(explanation, [], locate), notes, hints: [] };
  };
}

function listConditions({ grants, denials }: Explanation): readonly string[] {
  const names = [
    ...Object.values(grants).flatMap(({ when }) => Object.keys(when)),
    ...Object.values(denials).flatMap(({ unless }) => Object.keys(unless)),
  ];
  return [...new Set(names)];
}
