import { join } from "node:path";
import type { LockState } from "../analysis/compare/lock-file.ts";
import { formatBlock } from "../contract/markdown.ts";
import { formatShort, listSome } from "./markdown.ts";
import type { ReviewPart } from "./review.ts";

/** The invariants of a policy. */
interface JudgedInvariants {
  readonly total: number;
  /** The names of those that are broken. */
  readonly broken: readonly string[];
  /** A line for each that is broken. */
  readonly problems: readonly string[];
  /** A line for each that holds of nothing. */
  readonly notices: readonly string[];
}

/** Says whether the invariants of a policy hold. */
export function toInvariantsPart({ total, broken, problems, notices }: JudgedInvariants): ReviewPart {
  const title = "Invariants";
  if (broken.length > 0)
    return {
      title,
      state: "wrong",
      summary: `${broken.length} of ${total} ${broken.length === 1 ? "is" : "are"} broken: ${listSome(broken, ", ")}`,
      details: formatBlock([...problems, ...notices]),
    };
  if (total === 0) return { title, state: "unknown", summary: "the policy has none", details: [] };
  return {
    title,
    state: notices.length === 0 ? "fine" : "look",
    summary: total === 1 ? "the only one holds" : `all ${total} hold`,
    details: notices.length === 0 ? [] : formatBlock(notices),
  };
}

/** Says whether the access lock has the access of the policy. */
export function toLockPart(policies: string, state: LockState["kind"]): ReviewPart {
  const title = "Access lock";
  const file = formatShort(join(policies, "access.lock"));
  switch (state) {
    case "current":
      return { title, state: "fine", summary: `${file} has the access of the policy`, details: [] };
    case "missing":
      return { title, state: "unknown", summary: "the policy has none; `rego-authorizer lock` writes it", details: [] };
    default:
      return { title, state: "wrong", summary: `${file} is stale; \`rego-authorizer lock\` writes it`, details: [] };
  }
}

/** Says what checks found that is right and may still surprise, and which of it is new. */
export function toFindingsPart(before: readonly string[], after: readonly string[]): ReviewPart {
  const title = "Findings";
  // A line may move without any change of what was found.
  const textOf = (line: string) => line.replace(/^\S+:\d+: /, "");
  const known = new Set(before.map(textOf));
  const fresh = after.filter((line) => !known.has(textOf(line)));
  const standing = after.length - fresh.length;
  const others = standing === 0 ? "" : `; ${standing} as before`;
  if (fresh.length === 0) return { title, state: "fine", summary: `no new one${others}`, details: [] };
  return { title, state: "look", summary: `${fresh.length} new${others}`, details: formatBlock(fresh) };
}
