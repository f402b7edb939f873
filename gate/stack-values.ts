import { isObject, isText, own } from "../contract/json.ts";
import { type Choose, computeAlternatives } from "./alternatives.ts";
import { evaluate } from "./evaluate.ts";
import { nameCondition, outputOf, type Surroundings, type Written } from "./intrinsics.ts";
import type { Scope } from "./scope.ts";

/** Properties in one combination of the template's conditions. */
export type Properties = Readonly<Record<string, unknown>>;

/** Evaluates properties of resources, with values of other stacks. */
export interface StackValues {
  /**
   * Evaluates some properties in every combination of conditions that they depend on.
   *
   * @param condition - The condition of the resource, which holds wherever the resource exists.
   * @returns Undefined if there are too many combinations.
   */
  readonly evaluateEach: (
    scope: Scope,
    properties: Properties,
    names: readonly string[],
    condition?: string,
  ) => readonly Properties[] | undefined;
}

/** Creates an evaluator over all stacks that were read. */
export function createStackValues(scopes: readonly Scope[]): StackValues {
  const byStackName = new Map<string, Scope[]>();
  for (const scope of scopes) {
    if (scope.stackName !== undefined)
      byStackName.set(scope.stackName, [...(byStackName.get(scope.stackName) ?? []), scope]);
  }
  let byExport: ReadonlyMap<string, readonly Written[]> | undefined;

  const surroundings = (choose: Choose): Surroundings => ({
    choose,
    findExport(name, asker) {
      byExport ??= indexExports(scopes, surroundings);
      return findOwn(byExport.get(name) ?? [], asker);
    },
    findOutput(stackName, output, asker) {
      const outputs = (byStackName.get(stackName) ?? []).flatMap((scope) => outputOf(scope, output) ?? []);
      return findOwn(outputs, asker);
    },
  });

  return {
    evaluateEach: (scope, properties, names, condition) =>
      computeAlternatives((choose) => {
        const holds = condition === undefined ? undefined : nameCondition(scope, condition);
        const around = surroundings((name, branches) => (name === holds ? 0 : choose(name, branches)));
        const entries = names.flatMap((name) => {
          const written = own(properties, name);
          const value = written === undefined ? undefined : evaluate(written, scope, around);
          return value === undefined ? [] : [[name, value] as const];
        });
        return Object.fromEntries(entries);
      }),
  };
}

/** Chooses the value of the asker's own assembly, since two `Stage`s may have stacks of one name in two accounts. */
function findOwn(found: readonly Written[], asker: Scope): Written | undefined {
  if (found.length <= 1) return found[0];
  const near = found.filter(({ scope }) => scope.assembly === asker.assembly);
  return near.length === 1 ? near[0] : undefined;
}

function indexExports(
  scopes: readonly Scope[],
  surroundings: (choose: Choose) => Surroundings,
): ReadonlyMap<string, readonly Written[]> {
  const found = new Map<string, Written[]>();
  for (const scope of scopes) {
    const { Outputs: outputs } = scope.template;
    for (const output of Object.values(isObject(outputs) ? outputs : {})) {
      const { Export: exported, Value: value } = Object(output);
      if (exported === undefined) continue;
      // The names of exports can't have conditions that matter here.
      const name = evaluate(
        Object(exported).Name,
        scope,
        surroundings(() => 0),
      );
      if (isText(name)) found.set(name, [...(found.get(name) ?? []), { scope, value }]);
    }
  }
  return found;
}
