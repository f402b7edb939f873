import type { ApiShape } from "./api-shape.ts";
import { AUTHORIZER_RULES } from "./authorizer-rules.ts";
import { NAME_RULES } from "./name-rules.ts";
import { PATH_RULES } from "./path-rules.ts";
import { QUOTA_RULES } from "./quotas.ts";
import { ROUTE_RULES } from "./route-rules.ts";
import type { BrokenRule, RaisedQuotas, Rule } from "./rule.ts";

/** All rules of API Gateway about the shape of an API. */
export const RULES: readonly Rule[] = [
  ...ROUTE_RULES,
  ...PATH_RULES,
  ...AUTHORIZER_RULES,
  ...NAME_RULES,
  ...QUOTA_RULES,
];

/**
 * Finds the rules of API Gateway that an API breaks.
 *
 * @param raised - The quotas that AWS has raised for the API.
 */
export function findBrokenRules(shape: ApiShape, raised: RaisedQuotas = {}): readonly BrokenRule[] {
  return RULES.filter(({ kinds }) => kinds.includes(shape.kind)).flatMap((rule) =>
    rule
      .find(shape, raised)
      .map((breach) => ({ ...breach, code: rule.code, effect: rule.effect, source: rule.source })),
  );
}
