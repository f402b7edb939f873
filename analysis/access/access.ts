import { createBudget } from "./budget.ts";
import { listApis } from "./by-api.ts";
import { toAccess } from "./decide.ts";
import { explore } from "./explore.ts";
import { createField, type Field, toHolders } from "./field.ts";
import { createIncluded } from "./included.ts";
import type { AccessPolicy, PointAccess, Who } from "./model.ts";
import { type Point, toPattern, toPoint } from "./points.ts";
import { toMethods } from "./rules.ts";
import { decideTemplate } from "./template.ts";
import { createVariables, pairConditions } from "./variables.ts";
import { formatWho } from "./who.ts";

/** A request whose access is asked for. */
export interface AskedRequest {
  readonly method: string;
  /** A path, or a template whose parameters stand for segments that no rule names. */
  readonly path: string;
  /** The API's name; undefined for one that no rule names. */
  readonly api?: string | undefined;
}

/** The access of one policy. */
export interface AccessView {
  /** The minimal principals that matter: just authenticated, each way to a role, and combinations that conditions ask for. */
  readonly whos: readonly Who[];
  /** Decides a request for a principal that holds this and nothing else. */
  readonly at: (who: Who, request: AskedRequest) => PointAccess;
  /** Lists the principals of `whos` that a principal includes. */
  readonly listIncluded: (who: Who) => readonly Who[];
  /** Finds the roles that a principal holds, sorted. */
  readonly rolesOf: (who: Who) => readonly string[];
}

/** Arranges the access of a policy for questions about single requests. Throws `TestLimit`, as the questions do. */
export function createAccess(policy: AccessPolicy, budget = createBudget()): AccessView {
  const variables = createVariables([policy], pairConditions([policy]));
  const fields = new Map<string | undefined, Field>();
  const fieldOf = (api: string | undefined): Field => {
    const known = fields.get(api) ?? createField([policy], variables, api, budget);
    fields.set(api, known);
    return known;
  };
  const explored = listApis([policy]).flatMap((api) => explore(fieldOf(api)));
  const whos = [...new Map(explored.map(({ who }) => [formatWho(who), who])).values()];
  return {
    whos,
    at(who, { method, path, api }) {
      const field = fieldOf(api);
      const point = pointOf(field, path);
      const [holder] = toHolders(field, who);
      const [matching] = field.matching(point);
      if (holder === undefined || matching === undefined) return NOTHING;
      const { grants, denials: against } = matching;
      field.count((against[0] ?? grants[0])?.name ?? "", 1 + grants.length + against.length);
      const state = decideTemplate(field, holder, matching, point, toMethods([method]));
      const alternatives = state.alternatives.map((one) => {
        return { terms: variables.toTerms(0, one.variables), grants: state.isPublic ? [] : one.rules };
      });
      const denials = against.filter(({ name }) => state.denied.rules.includes(name));
      return {
        access: toAccess(
          state,
          alternatives.map(({ terms }) => terms),
        ),
        alternatives: state.isPublic ? [] : alternatives,
        denials: denials.map((denial) => ({
          name: denial.name,
          unless: variables.toTerms(0, denial.variables).conditions,
        })),
        publicRules: state.isPublic ? state.alternatives.flatMap(({ rules }) => rules) : [],
      };
    },
    listIncluded: createIncluded(whos, budget.count),
    rolesOf: (who) => [...(toHolders(fieldOf(undefined), who)[0]?.roles ?? [])].sort(),
  };
}

const NOTHING: PointAccess = { access: "none", alternatives: [], denials: [], publicRules: [] };

/** Makes the point of a path or a template. All lengths above that of the longest template are one point. */
function pointOf({ longest }: Field, path: string): Point {
  const { segments, isGreedy } = toPattern(path);
  if (!isGreedy) return segments.length > longest ? toPoint(segments.slice(0, longest + 1), true) : toPoint(segments);
  const missing = Math.max(0, longest + 1 - segments.length);
  return toPoint([...segments, ...new Array<null>(missing).fill(null)], true);
}
