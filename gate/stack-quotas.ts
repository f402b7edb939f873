import { findTemplateQuotas } from "../gateway-rules/template-quotas.ts";
import type { Finding } from "./finding.ts";
import { type Scope, toPlace } from "./scope.ts";

/** Finds the quotas of Lambda and CloudFormation that a template passes. AWS raises none of them, so none can be accepted. */
export function findStackQuotas(scope: Scope): readonly Finding[] {
  return findTemplateQuotas(scope.template).map(({ where, cause, remedy, source }) => {
    const [id = ""] = where;
    return {
      code: "rule.broken",
      place: scope.resources.has(id) ? toPlace(scope, id) : { file: scope.file, id: "" },
      cause: `${id}: ${cause}`,
      advice: `${remedy} (${source})`,
      names: [],
    };
  });
}
