import type { Change } from "../analysis/access/model.ts";
import type { ReviewedStates } from "./states.ts";

/** A change of access, as a reviewer reads it. */
export interface ReviewedChange extends ReviewedStates {
  readonly kind: Change["kind"];
  /** `group Support`, `authenticated`. */
  readonly who: string;
  /** The things that, if the token carries one of them too, cancel the change. */
  readonly not: readonly string[];
  readonly verbs: readonly string[];
  /** `/orders/{}`, `/admin/{+} except /admin/ledger/{+}`, `/orders/{} of api orders`. */
  readonly path: string;
  readonly by: readonly string[];
  /** A request that shows it, and the conditions that must answer so for it. */
  readonly witness?: { readonly request: string; readonly assumes: readonly string[] } | undefined;
}

/** One question of a review, and its answer. */
export interface ReviewPart {
  readonly title: string;
  /** `fine`: nothing to do; `look`: a person should judge it; `wrong`: it must not be merged; `unknown`: nobody has looked. */
  readonly state: "fine" | "look" | "wrong" | "unknown";
  /** The answer, in Markdown, on one line. */
  readonly summary: string;
  /** The details, in Markdown, a line each; empty if the summary says all. */
  readonly details: readonly string[];
  /** Whether readers see the details without opening anything; they are a few lines then. */
  readonly isShown?: boolean;
}

/** A review of a pull request. */
export interface Review {
  /** The name of the policy that it is compared with: `origin/main`. */
  readonly base: string;
  /** The folder of policies, as the user named it. */
  readonly policies: string;
  /** Sorted: what widens most comes first. */
  readonly changes: readonly ReviewedChange[];
  /** Sentences about changes without any effect on the access. */
  readonly notes: readonly string[];
  /** The changes of the access lock. */
  readonly lock: { readonly removed: readonly string[]; readonly added: readonly string[] };
  readonly parts: readonly ReviewPart[];
}

/** The kinds of changes, and what one and several are called. */
export const CHANGE_KINDS: Readonly<Record<Change["kind"], readonly [one: string, several: string]>> = {
  gain: ["gain", "gains"],
  loss: ["loss", "losses"],
  condition: ["that depends on a changed condition", "that depend on a changed condition"],
  guard: ["denial where nothing is allowed", "denials where nothing is allowed"],
  public: ["change of public routes", "changes of public routes"],
};

/** Compares two sorted texts line by line: what only one of them has. */
export function compareLines(before: readonly string[], after: readonly string[]): Review["lock"] {
  const [olds, news] = [new Set(before), new Set(after)];
  return { removed: before.filter((line) => !news.has(line)), added: after.filter((line) => !olds.has(line)) };
}
