import { isObject, isText, own } from "../contract/json.ts";
import type { PolicyIndex } from "../contract/policy-index.ts";
import type { Decide } from "../replay/decide.ts";
import type { NumberedLine } from "../replay/read-lines.ts";
import type { FindRoute } from "./find-route.ts";
import { createFindRoles } from "./held-roles.ts";
import type { LogProblem } from "./log-problems.ts";
import { type LoggedDecision, parseLoggedDecisions } from "./logged-decision.ts";
import { createUsageCount, type UsageCount } from "./usage.ts";

/** The policy that a log is compared with. */
export interface UsedPolicy {
  readonly index: Pick<PolicyIndex, "grants" | "roles">;
  /** The revisions of builds of this policy; their lines are taken as they are. */
  readonly revisions: ReadonlySet<string>;
  /** Decides an input with the module that ships. */
  readonly decide: Decide;
  /** Finds the documented route of a request; undefined without a document. */
  readonly findRoute: FindRoute | undefined;
}

/** The lines of a log by what they show. */
export interface LogCounts {
  readonly lines: number;
  /** Decisions of a revision of this policy that allowed a request, and that denied one. */
  readonly allowed: number;
  readonly denied: number;
  /** Decisions of other revisions, which this policy has decided again, by revision. */
  readonly replayed: Readonly<Record<string, number>>;
  /** The decisions, among all of these, that an authorizer only reported. */
  readonly reportOnly: number;
  /** The times of the first and of the last decision. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** By reason, the lines that show no use. */
  readonly problems: readonly { readonly code: LogProblem; readonly count: number; readonly first: Place }[];
}

interface Place {
  readonly file: string;
  readonly line: number;
}

/** Reads a log line by line, and counts what it shows. Its size does not grow with the log. */
export interface LogUse {
  readonly add: (line: NumberedLine, file: string) => void;
  readonly counts: () => LogCounts;
  readonly uses: UsageCount["uses"];
}

/** The most revisions that are told apart; others are counted together. */
const MAX_REVISIONS = 20;
const OTHERS = "others";

/** Creates the count of the uses in a log. */
export function createLogUse({ index, revisions, decide, findRoute }: UsedPolicy): LogUse {
  const rolesOf = createFindRoles(index.roles, (input) => {
    const decided = decide(input);
    return decided.ok ? decided.value.roles : undefined;
  });
  const rolesOfGrants = new Map(Object.entries(index.grants).map(([name, { roles }]) => [name, new Set(roles)]));
  const usage = createUsageCount((grant) => rolesOfGrants.get(grant) ?? new Set());
  const problems = new Map<LogProblem, { count: number; first: Place }>();
  const replayed = new Map<string, number>();
  let [lines, allowed, denied, reportOnly] = [0, 0, 0, 0];
  let [from, to]: (string | undefined)[] = [];

  const report = (code: LogProblem, first: Place) => {
    const known = problems.get(code);
    if (known === undefined) problems.set(code, { count: 1, first });
    else known.count += 1;
  };
  const use = (grants: readonly string[], roles: readonly string[] | undefined, logged: LoggedDecision, at: Place) => {
    const { method, path } = requestOf(logged);
    const sets = grants.map((grant) => rolesOfGrants.get(grant) ?? new Set<string>());
    const held = roles ?? rolesOf(logged.input) ?? [];
    const isKnown = sets.every((set) => held.some((role) => set.has(role)));
    if (!isKnown) report("line.no_role", at);
    usage.add(grants, method, isKnown ? held : sets.flatMap((set) => [...set]), findRoute?.(logged.api, method, path));
  };
  /** Decides a line of another revision again. A grant whose conditions are not met counts as used if the request was allowed. */
  const replay = (logged: LoggedDecision, at: Place) => {
    const decided = decide(logged.input);
    if (!decided.ok) return report("line.engine_failed", at);
    const decision = decided.value;
    const name = replayed.has(logged.revision) || replayed.size < MAX_REVISIONS ? logged.revision : OTHERS;
    if (decision.effect === "deny" && logged.effect === "allow") {
      report("line.not_replayed", at);
      for (const grant of Object.keys(decision.unmet)) use([grant], decision.roles, logged, at);
      return undefined;
    }
    replayed.set(name, (replayed.get(name) ?? 0) + 1);
    if (decision.effect === "allow") use(decision.grants, decision.roles, logged, at);
    return undefined;
  };

  return {
    add({ number, text }, file) {
      lines += 1;
      const at = { file, line: number };
      if (text === undefined) return report("line.too_long", at);
      for (const parsed of parseLoggedDecisions(text)) {
        if (!parsed.ok) {
          report(parsed.error, at);
          continue;
        }
        const logged = parsed.value;
        const { timestamp, grants } = logged;
        if (from === undefined || timestamp < from) from = timestamp;
        if (to === undefined || timestamp > to) to = timestamp;
        if (logged.isReportOnly) reportOnly += 1;
        if (!revisions.has(logged.revision)) replay(logged, at);
        else if (logged.effect === "deny") denied += 1;
        else {
          allowed += 1;
          use(grants, logged.roles, logged, at);
        }
      }
    },
    counts: () => ({
      ...{ lines, allowed, denied, reportOnly, from, to },
      replayed: Object.fromEntries(replayed),
      problems: [...problems].map(([code, { count, first }]) => ({ code, count, first })),
    }),
    uses: usage.uses,
  };
}

function requestOf({ input }: LoggedDecision): { readonly method: string; readonly path: string } {
  const request = own(input, "request");
  const { method, path } = isObject(request) ? request : {};
  return { method: isText(method) ? method : "", path: isText(path) ? path : "" };
}
