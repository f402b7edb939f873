import type { MutationRun, Survivor } from "./mutate.ts";

/** The result of `rego-authorizer test --mutate --format json`. */
export interface MutationReport {
  readonly mutants: number;
  readonly noticed: number;
  /** Sorted by file and line. */
  readonly survivors: readonly (Pick<Survivor, "rule" | "change" | "case"> & {
    /** The file and line of the rule: `policies/access/orders.rego:9`. */
    readonly location: string;
  })[];
}

type Locations = ReadonlyMap<string, { readonly file: string; readonly line: number }>;

/** Makes the report of a mutation run. */
export function toMutationReport({ mutants, noticed, survivors }: MutationRun, locations: Locations): MutationReport {
  const located = survivors.map((survivor) => ({ ...survivor, at: locations.get(survivor.rule) }));
  located.sort(
    ({ at: one }, { at: other }) =>
      (one?.file ?? "").localeCompare(other?.file ?? "", "en") || (one?.line ?? 0) - (other?.line ?? 0),
  );
  return {
    mutants,
    noticed,
    survivors: located.map(({ rule, change, case: line, at }) => ({
      rule,
      change,
      location: at === undefined ? "policies" : `${at.file}:${at.line}`,
      case: line,
    })),
  };
}

/** The survivors that are printed; there may be thousands. */
const MAX_PRINTED = 200;

/** The lines about a mutation run, for people. */
export interface MutationText {
  readonly survivors: readonly string[];
  readonly notes: readonly string[];
  readonly count: string;
}

/** Formats the report of a mutation run, and what the report does not have. */
export function formatMutationRun({ undecided }: MutationRun, report: MutationReport): MutationText {
  const { mutants, noticed, survivors } = report;
  const printed = survivors.slice(0, MAX_PRINTED);
  const left = survivors.length - printed.length;
  return {
    survivors: [
      ...printed.flatMap(({ rule, change, location, case: line }) => [
        `${location}: no test notices ${rule} ${change}; this case does:`,
        `\t\t${line}`,
      ]),
      ...(left > 0 ? [`${left} more survive; --format json lists all`] : []),
    ],
    notes:
      undecided.length === 0
        ? []
        : [
            `${undecided.length} more are not counted: no test notices them, and no request was found that tells them from the ` +
              `policy, such as ${undecided
                .slice(0, 3)
                .map(({ rule, change }) => `${rule} ${change}`)
                .join("; ")}`,
          ],
    count: `${mutants} mutants of the policy: ${noticed} noticed, ${survivors.length} survived`,
  };
}
