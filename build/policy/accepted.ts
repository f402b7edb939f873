import { isObject, isText } from "../../contract/json.ts";
import { isProblemCode } from "../../contract/problem-codes.ts";
import type { ParsedFile } from "../rego/files.ts";
import { nameOfRule } from "../rego/syntax-tree.ts";
import type { Problem } from "./problem.ts";

/** A notice that the METADATA of a rule accepts: `custom: {accepted: {grant.redundant: the reason}}`. */
interface Accepted {
  readonly file: string;
  readonly line: number;
  /** The name of the rule, for messages. */
  readonly rule: string;
  readonly code: string;
  /** Undefined if it is missing or empty: then nothing is accepted. */
  readonly reason: string | undefined;
}

/** Reads the notices that rules accept in their METADATA. */
export function readAccepted(sources: readonly ParsedFile[]): readonly Accepted[] {
  return sources.flatMap(({ file, module }) =>
    (module.rules ?? []).flatMap((rule) =>
      (rule.annotations ?? []).flatMap(({ custom = {} }) => {
        const accepted = custom["accepted"];
        return Object.entries(isObject(accepted) ? accepted : {}).map(([code, reason]): Accepted => {
          const isReason = isText(reason) && reason.trim() !== "";
          return {
            ...{ file, line: rule.location.row, rule: nameOfRule(rule), code },
            reason: isReason ? reason : undefined,
          };
        });
      }),
    ),
  );
}

/** Drops the notices that a rule accepts with a reason. */
export function withoutAccepted(notices: readonly Problem[], accepted: readonly Accepted[]): readonly Problem[] {
  const keys = new Set(accepted.flatMap((one) => (one.reason === undefined ? [] : keyOf(one))));
  return notices.filter((notice) => !keys.has(keyOf(notice)));
}

/**
 * Finds acceptances without effect: of a code that does not exist, without a reason, or of something that is not found there.
 *
 * @param found - All notices, accepted or not.
 * @param isJudged - Tells whether all notices of a code are among them.
 */
export function checkAccepted(
  accepted: readonly Accepted[],
  found: readonly Problem[],
  isJudged: (code: string) => boolean,
): readonly Problem[] {
  const keys = new Set(found.map(keyOf));
  return accepted.flatMap((one): readonly Problem[] => {
    const why = !isProblemCode(one.code)
      ? "and there is no notice with this code"
      : one.reason === undefined
        ? "without a reason; write why after its colon"
        : isJudged(one.code) && !keys.has(keyOf(one))
          ? "which is not found there; take it out"
          : undefined;
    if (why === undefined) return [];
    const message = `${one.rule} accepts ${one.code}, ${why}`;
    return [{ code: "accepted.idle", file: one.file, line: one.line, message }];
  });
}

function keyOf({ file, line, code }: Pick<Problem, "file" | "line"> & { readonly code: string }): string {
  return JSON.stringify([file, line, code]);
}
