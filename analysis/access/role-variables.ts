import type { Who } from "./model.ts";
import type { Passing } from "./passing.ts";
import type { Variables } from "./variables.ts";
import { formatWho, includesWho, listLeast, mergeWhos, without } from "./who.ts";

/** Writes what a principal must not hold besides as variables, where a line of text has to name it. */
export interface RoleVariables {
  /**
   * Gives the variable that is true for a principal unless it holds all that a larger one holds.
   *
   * @param owner - The principal with the claims that follow from the path, which are not named.
   */
  readonly toVariable: (who: Who, owner: Who, larger: Who) => number;
  /** Lists what variables say that must not be held besides. */
  readonly toBesides: (variables: readonly number[]) => readonly Who[];
  /**
   * Writes the variables of a principal for one that holds more: whoever is of one issuer holds nothing of another, machines
   * aren't users, and what is held already is not named again.
   *
   * @param passing - Whoever is denied by a denial that nothing lifts need not be named.
   * @returns Undefined if it holds what the first one must not hold.
   */
  readonly restrict: (variables: readonly number[], who: Who, passing: Passing) => readonly number[] | undefined;
}

/** Creates the variables for what principals of a policy must not hold besides. */
export function createRoleVariables({ roles }: Variables): RoleVariables {
  const byVariable = new Map<number, Who>();
  const toVariable: RoleVariables["toVariable"] = (who, owner, larger) => {
    const { issuer } = larger;
    const besides = without(larger, owner).atoms;
    // Of another issuer is whoever holds one thing of that issuer.
    const atoms = besides.length > 0 ? besides : [...who.atoms, ...larger.atoms].slice(0, 1);
    // Whoever lacks one of several things does not hold them all.
    const variable = roles(atoms.map((atom) => `not ${formatWho({ atoms: [atom], issuer })}`).join(" or "));
    byVariable.set(variable, { atoms, issuer });
    return variable;
  };
  const toBesides: RoleVariables["toBesides"] = (variables) =>
    byVariable.size === 0 ? [] : variables.flatMap((variable) => byVariable.get(variable) ?? []);
  return {
    toVariable,
    toBesides,
    restrict(variables, who, passing) {
      const besides = toBesides(variables);
      if (besides.length === 0) return variables;
      if (besides.some((one) => includesWho(who, one))) return undefined;
      const larger = listLeast(besides.flatMap((one) => mergeWhos(who, one) ?? []).flatMap(passing));
      const others = variables.filter((variable) => !byVariable.has(variable));
      return [...others, ...larger.map((one) => toVariable(who, who, one))];
    },
  };
}
