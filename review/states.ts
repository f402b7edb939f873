import { formatRegion } from "../analysis/access/lock-lines.ts";
import type { Access, Change, Region, Terms } from "../analysis/access/model.ts";
import { listSome } from "./markdown.ts";

/** The access before and after a change, as a reviewer reads it. Alternatives are empty if nothing has to hold. */
export interface ReviewedStates {
  readonly before: Access;
  readonly after: Access;
  /** The alternatives of what must hold; for a denial, what lifts it. */
  readonly terms: { readonly before: readonly string[]; readonly after: readonly string[] };
  /** The terms that are no longer asked for, and those that are asked for besides; undefined if more differs. */
  readonly asks?: { readonly less: readonly string[]; readonly more: readonly string[] };
}

/** Describes the access before and after a change. */
export function toReviewedStates({ before, after, region, terms }: Change): ReviewedStates {
  const texts = (access: Access, alternatives: readonly Terms[]) => {
    const all = alternatives.map((one) => formatParts(access, toParts(one, region)));
    return all.includes("") ? [] : all;
  };
  const asks = compareTerms(terms.before, terms.after, region);
  return {
    ...{ before, after },
    terms: { before: texts(before, terms.before), after: texts(after, terms.after) },
    ...(asks !== undefined && isAllowed(before) && isAllowed(after) && { asks }),
  };
}

/** Formats what an access is before and after a change, in Markdown: each is shown if they differ. */
export function formatStates({ before, after, terms, asks }: ReviewedStates): string {
  if (asks !== undefined) {
    const [names, what] = asks.less.length > 0 ? [asks.less, "no longer asks for"] : [asks.more, "asks besides for"];
    const left = asks.less.length > 0 ? terms.after : terms.before;
    return `${what} ${listSome(names, ", ")}${left.length === 0 ? "" : `, and as before ${listSome(left, " or ")}`}`;
  }
  const [was, is] = [formatState(before, terms.before), formatState(after, terms.after)];
  return was === is ? is : `${was} → ${is}`;
}

function formatState(access: Access, terms: readonly string[]): string {
  if (access === "denied") return terms.length === 0 ? access : `denied ${listSome(terms, " or ")}`;
  return terms.length === 0 ? access : listSome(terms, " or ");
}

function isAllowed(access: Access): boolean {
  return access !== "none" && access !== "denied" && access !== "public";
}

/** The terms of an access: the path with claims in the place of segments, and conditions. */
interface Parts {
  readonly own: readonly string[];
  readonly conditions: readonly string[];
}

/** Writes the claims that segments must equal into the path, since readers of a comment count no segments. */
function toParts({ own, conditions }: Terms, { path }: Region): Parts {
  if (own.length === 0) return { own: [], conditions };
  const segments = path.split("/");
  for (const [at, claim] of own) segments[at + 1] = `{${claim}}`;
  return { own: [`own ${formatRegion({ path: segments.join("/"), except: [] })}`], conditions };
}

function formatParts(access: Access, { own, conditions }: Parts): string {
  const word = access === "denied" ? "unless" : "when";
  return [...own, ...(conditions.length === 0 ? [] : [`${word} ${conditions.join(" + ")}`])].join(" ");
}

/** Compares what has to hold; undefined if there are several alternatives, or each side asks for something of its own. */
function compareTerms(
  before: readonly Terms[],
  after: readonly Terms[],
  region: Region,
): ReviewedStates["asks"] | undefined {
  const [was, ...others] = before.length === 0 ? [NOTHING] : before;
  const [is, ...more] = after.length === 0 ? [NOTHING] : after;
  if (was === undefined || is === undefined || others.length + more.length > 0) return undefined;
  const [olds, news] = [was, is].map((one) => {
    const { own, conditions } = toParts(one, region);
    return [...own, ...conditions];
  });
  const asks = {
    less: (olds ?? []).filter((part) => !news?.includes(part)),
    more: (news ?? []).filter((part) => !olds?.includes(part)),
  };
  return (asks.less.length === 0) === (asks.more.length === 0) ? undefined : asks;
}

const NOTHING: Terms = { own: [], conditions: [] };
