import type { Budget } from "./budget.ts";
import { listApis } from "./by-api.ts";
import { explore } from "./explore.ts";
import { createField, type Field } from "./field.ts";
import type { AccessPolicy, Who } from "./model.ts";
import { createVariables, pairConditions } from "./variables.ts";
import type { RoleTable } from "./who.ts";

/** The rules for one API, and the principals whose access differs from that of smaller ones. */
export interface ApiField {
  readonly api: string | undefined;
  readonly field: Field;
  readonly table: RoleTable;
  readonly whos: readonly Who[];
}

/** Creates a look-up of the rules for an API, which are arranged once for all invariants. */
export function createFields(policy: AccessPolicy, budget: Budget): (apis: readonly string[]) => readonly ApiField[] {
  const variables = createVariables([policy], pairConditions([policy]));
  const named = listApis([policy]);
  const known = new Map<string | undefined, ApiField>();
  const fieldOf = (api: string | undefined): ApiField => {
    const found = known.get(api);
    if (found !== undefined) return found;
    const field = createField([policy], variables, api, budget);
    const table = toTable(field);
    const made = { api, field, table, whos: explore(field).map(({ who }) => who) };
    known.set(api, made);
    return made;
  };
  return (apis) => {
    if (apis.length === 0) return named.map(fieldOf);
    // An API that no rule names has the rules for all APIs.
    return apis.map((api) => ({ ...fieldOf(named.includes(api) ? api : undefined), api }));
  };
}

function toTable({ sides: [side] }: Field): RoleTable {
  if (side === undefined) throw new Error("a field has a side for each policy");
  return side.table;
}
