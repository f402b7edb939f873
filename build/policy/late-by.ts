import { MAX_TTL_S } from "../../contract/limits.ts";
import type { InputReference } from "../../contract/manifest.ts";
import type { ParsedFile } from "../rego/files.ts";
import { nameOfRule } from "../rego/syntax-tree.ts";
import type { Problem, ProblemText } from "./problem.ts";

/** How late a change of each condition may be noticed because time has passed, in seconds; from `custom.late_by`. */
export interface LateBy {
  readonly byCondition: ReadonlyMap<string, number>;
  readonly problems: readonly Problem[];
}

/** Tells whether a reference is to the time: `now_s`, or a field of the calendar. */
export function isTime([root]: InputReference): boolean {
  return root === "now_s" || root === "calendar";
}

/**
 * Reads `custom.late_by`, such as `60`. The lowest number counts for all rules of a condition.
 *
 * Time passes while a response is cached. So only the policy's authors can say for how long a response may be cached that
 * depends on the time.
 */
export function readLateBy(
  sources: readonly ParsedFile[],
  ofRequest: ReadonlyMap<string, readonly InputReference[]>,
): LateBy {
  const byCondition = new Map<string, number>();
  const problems: Problem[] = [];
  for (const { file, part, module } of sources) {
    for (const rule of module.rules ?? []) {
      const name = nameOfRule(rule);
      for (const { custom } of rule.annotations ?? []) {
        const lateBy = custom?.["late_by"];
        if (lateBy === undefined) continue;
        const isRead = part === "conditions" && (ofRequest.get(name) ?? []).some(isTime);
        const problem = isSeconds(lateBy) ? (isRead ? undefined : NO_TIME) : OUT_OF_RANGE;
        if (problem !== undefined) {
          problems.push({ ...problem, file, line: rule.location.row, message: `${name}: ${problem.message}` });
        } else if (isSeconds(lateBy)) {
          byCondition.set(name, Math.min(lateBy, byCondition.get(name) ?? MAX_TTL_S));
        }
      }
    }
  }
  return { byCondition, problems };
}

function isSeconds(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= MAX_TTL_S;
}

const OUT_OF_RANGE: ProblemText = {
  code: "late_by.out_of_range",
  message: `late_by must be a whole number of seconds from 1 to ${MAX_TTL_S}, the longest TTL of API Gateway; without it, responses are not cached`,
};
const NO_TIME: ProblemText = {
  code: "late_by.no_time",
  message:
    "late_by says how late the passing of time may be noticed, but this is not a condition that reads input.now_s or input.calendar; leave it out",
};
