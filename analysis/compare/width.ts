import { formatRegion } from "../access/lock-lines.ts";
import type { Change, Terms } from "../access/model.ts";
import { formatWho } from "../access/who.ts";

const KINDS: readonly Change["kind"][] = ["gain", "loss", "condition", "guard", "public"];

/** Orders changes: by kind, and what concerns more principals, asks for less, and has more verbs and paths first. */
export function compareWidth(one: Change, other: Change): number {
  const [mine, yours] = [toWidths(one), toWidths(other)];
  for (const [at, own] of mine.entries()) {
    const difference = own - (yours[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return toText(one) < toText(other) ? -1 : 1;
}

/** Lists numbers that are smaller for what is wider. */
function toWidths({ kind, who, verbs, region, terms, after }: Change): readonly number[] {
  const isKind = who.atoms.every(({ by }) => by === "kind");
  const segments = region.path === "/" ? [] : region.path.slice(1).split("/");
  const literals = segments.filter((segment) => !segment.startsWith("{")).length;
  return [
    KINDS.indexOf(kind),
    kind === "condition" && after === "denied" ? 1 : 0,
    who.atoms.length === 0 ? 0 : isKind ? 1 : 1 + who.atoms.length,
    least(kind === "loss" ? terms.before : terms.after),
    region.path.endsWith("{+}") ? 0 : 1,
    literals,
    verbs.includes("ANY") ? 0 : 10 - verbs.length,
    region.except.length,
  ];
}

/** Counts what the alternative that asks for least asks for. */
function least(terms: readonly Terms[]): number {
  return terms.length === 0 ? 0 : Math.min(...terms.map(({ conditions, own }) => conditions.length + 2 * own.length));
}

function toText({ who, verbs, region }: Change): string {
  return `${formatWho(who)} ${formatRegion(region)} ${verbs.join()}`;
}
