import { createMemory } from "./memory.ts";
import type { Who } from "./model.ts";
import type { Variables } from "./variables.ts";
import { formatWho, mergeWhos } from "./who.ts";

/** What a principal must not hold besides: nobody of one of the lists. */
export type Lacking = readonly (readonly Who[])[];

/** Writes what a principal must not hold besides as variables, where a line of text has to name it. */
export interface RoleVariables {
  readonly toVariable: (lacking: Lacking) => number;
  /**
   * Restricts variables to a principal: whoever is of one issuer holds nothing of another, and a machine is no user.
   *
   * @returns The variables, without those that are true for the principal.
   */
  readonly restrict: (variables: readonly number[], who: Who) => readonly number[];
}

/** Creates the variables for what principals of a policy must not hold besides. */
export function createRoleVariables({ roles }: Variables): RoleVariables {
  const byVariable = new Map<number, Lacking>();
  const toVariable = (lacking: Lacking): number => {
    const variable = roles(formatLacking(lacking));
    byVariable.set(variable, lacking);
    return variable;
  };
  const restrictedTo = createMemory(
    (who: Who) =>
      createMemory(
        (variable: number): readonly number[] => {
          const lacking = byVariable.get(variable);
          if (lacking === undefined) return [variable];
          const possible = lacking.map((list) => list.filter((one) => mergeWhos(who, one) !== undefined));
          return possible.some((list) => list.length === 0) ? [] : [toVariable(possible)];
        },
        (variable) => variable,
      ),
    (who) => who,
  );
  return {
    toVariable,
    restrict: (variables, who) => (byVariable.size === 0 ? variables : variables.flatMap(restrictedTo(who))),
  };
}

function formatLacking(lacking: Lacking): string {
  const texts = lacking.map((list) => list.map((one) => `not ${formatWho(one)}`).join(" and "));
  return [...new Set(texts)].sort().join(" or ");
}
