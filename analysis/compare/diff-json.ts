import type { Apis, Change, Terms } from "../access/model.ts";
import { toJsonAtom, toJsonWho } from "../access/who.ts";
import type { DiffReport, ShownChange } from "./diff.ts";

/** Counts changes by kind. */
function toSummary(changes: readonly Pick<ShownChange, "change">[]): Readonly<Record<string, number>> {
  const count = (kind: Change["kind"]) => changes.filter(({ change }) => change.kind === kind).length;
  return {
    gains: count("gain"),
    losses: count("loss"),
    conditions: count("condition"),
    guards: count("guard"),
    public: count("public"),
  };
}

/** Formats a report as one JSON document. */
export function formatDiffJson({ revisions, confirmed, changes, conditions, notes, follows }: DiffReport): string {
  const report = {
    format: 1,
    ...revisions,
    changes: changes.map((one) => toJsonChange(one, revisions)),
    summary: toSummary(changes),
    confirmed,
    ...(conditions.length > 0 && { changed_conditions: conditions }),
    ...(notes.length > 0 && { notes }),
    ...(follows !== undefined && {
      follows: {
        iam: follows.iam.ok ? follows.iam.value.names : null,
        iam_is_exact: follows.iam.ok && follows.iam.value.isExact,
        caches: follows.caches,
        cache_contract: follows.isContractChanged,
      },
    }),
  };
  return `${JSON.stringify(report)}\n`;
}

function toJsonChange(
  { change, witness: { input, assumes }, readyTest }: ShownChange,
  revisions: DiffReport["revisions"],
): object {
  const { kind, who, not, verbs, region, apis, before, after, terms, by } = change;
  const isOfLock = revisions.from === null || revisions.to === null;
  const several = terms.before.length > 1 || terms.after.length > 1;
  return {
    kind,
    who: toJsonWho(who),
    ...(not.length > 0 && { not: not.map(({ issuer, ...atom }) => toJsonAtom(atom, issuer)) }),
    verbs,
    path: region.path,
    ...(region.except.length > 0 && { except: region.except }),
    ...toJsonApis(apis),
    before,
    after,
    conditions: { before: listTerms(terms.before), after: listTerms(terms.after) },
    ...(several && { alternatives: { before: terms.before.map(listOne), after: terms.after.map(listOne) } }),
    // The rules of a lock have no names.
    by: isOfLock ? null : by,
    witness: { input, assumes },
    ...(readyTest !== undefined && { test: readyTest }),
  };
}

function toJsonApis(apis: Apis): object {
  if (apis === undefined) return {};
  return { api: "only" in apis ? apis.only : { not: apis.not } };
}

/** Lists everything that some alternative asks for: condition instances, and `own 1=custom:customer_id`. */
function listTerms(terms: readonly Terms[]): readonly string[] {
  return [...new Set(terms.flatMap(listOne))].sort();
}

function listOne({ conditions, own }: Terms): readonly string[] {
  return [...own.map(([at, claim]) => `own ${at}=${claim}`), ...conditions];
}
