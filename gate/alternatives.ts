/** Chooses one of several branches, by the name of what decides: the same branch for the same name. */
export type Choose = (name: string, branches: number) => number;

/** More branches than any resource needs; beyond this its template counts as unreadable. */
const MAX_ALTERNATIVES = 256;

/**
 * Computes a value in every combination of branches that it asks for.
 *
 * A condition of a template has one value at a time, so a property with two `Fn::If` of one condition has two alternatives.
 *
 * @returns The values, or undefined if there are too many.
 */
export function computeAlternatives<Value>(compute: (choose: Choose) => Value): readonly Value[] | undefined {
  const values: Value[] = [];
  let planned: readonly number[] = [];
  while (values.length < MAX_ALTERNATIVES) {
    const taken: { readonly name: string; readonly branch: number; readonly branches: number }[] = [];
    const prefix = planned;
    values.push(
      compute((name, branches) => {
        const known = taken.find((one) => one.name === name);
        if (known !== undefined) return known.branch;
        const branch = prefix[taken.length] ?? 0;
        taken.push({ name, branch, branches });
        return branch;
      }),
    );
    // The last choice that has another branch takes it; the choices after it begin anew.
    const last = taken.findLastIndex(({ branch, branches }) => branch + 1 < branches);
    if (last < 0) return values;
    planned = [...taken.slice(0, last).map(({ branch }) => branch), (taken[last]?.branch ?? 0) + 1];
  }
  return undefined;
}
