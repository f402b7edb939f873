import { toJsonChange } from "../access/change-json.ts";
import type { Change } from "../access/model.ts";
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
    changes: changes.map((one) => toJsonShown(one, revisions)),
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

function toJsonShown(
  { change, witness: { input, assumes }, readyTest }: ShownChange,
  revisions: DiffReport["revisions"],
): object {
  const isOfLock = revisions.from === null || revisions.to === null;
  return {
    ...toJsonChange(change),
    // The rules of a lock have no names.
    ...(isOfLock && { by: null }),
    witness: { input, assumes },
    ...(readyTest !== undefined && { test: readyTest }),
  };
}
