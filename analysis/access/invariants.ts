import type { Invariant, InvariantRegion, InvariantWho } from "../../contract/invariants.ts";
import { err, ok, type Result } from "../../contract/result.ts";
import { type Budget, createBudget, TestLimit } from "./budget.ts";
import { listApis } from "./by-api.ts";
import { explore } from "./explore.ts";
import { createField, type Field } from "./field.ts";
import { listUnknown, listWhos, toHeld } from "./invariant-holders.ts";
import { createSearch, type FoundAccess, listRefused, listRulesThere, listUnwanted } from "./invariant-search.ts";
import { holdsOne, listAlone, listMerged, toNamedWhos } from "./invariant-whos.ts";
import type { Access, AccessPolicy, RoleFormula, Terms, TooManyTests, Who } from "./model.ts";
import { formatPattern } from "./points.ts";
import { isTrue } from "./role-conditions.ts";
import { createVariables, pairConditions } from "./variables.ts";
import { AUTHENTICATED, formatWho, type RoleTable, whoOf } from "./who.ts";

/** One request, or one principal, for which an invariant does not hold. */
export interface Breach {
  readonly who: Who;
  /** The request: a verb, the path as a template without names, and the API. Undefined if the principal alone breaks it. */
  readonly request: { readonly verb: string; readonly path: string; readonly api: string | undefined } | undefined;
  readonly access: Access;
  /** The conditions of that access, and the positions that must equal a claim. */
  readonly terms: Terms;
}

/** Whether an invariant holds. */
export interface Judgement<Judged extends Invariant = Invariant> {
  readonly invariant: Judged;
  /** Undefined if it holds. */
  readonly breach: Breach | undefined;
  /** The names of all grants and public rules, or of the denials, that break it. Sorted. */
  readonly by: readonly string[];
  /** Who holds each role that the invariant names. */
  readonly holders: Readonly<Record<string, readonly Who[]>>;
  /** Why it holds of nothing, as parts of a sentence: `no role comes by group Custommers`. */
  readonly idle: readonly string[];
}

/**
 * Judges the invariants of a policy for every principal, request and truth of conditions.
 *
 * @returns A judgement of each invariant, or which rules need too many tests.
 */
export function judgeInvariants<Judged extends Invariant>(
  policy: AccessPolicy,
  invariants: readonly Judged[],
): Result<readonly Judgement<Judged>[], TooManyTests> {
  const budget = createBudget();
  const fields = createFields(policy, budget);
  try {
    return ok(
      invariants.map((invariant) => {
        budget.restart();
        return judgeOne(policy, fields, invariant);
      }),
    );
  } catch (error) {
    if (error instanceof TestLimit) return err(error.tooMany);
    throw error;
  }
}

/** The rules for one API, and the principals whose access differs from that of smaller ones. */
interface ApiField {
  readonly api: string | undefined;
  readonly field: Field;
  readonly table: RoleTable;
  readonly whos: readonly Who[];
}

/** Creates a look-up of the rules for an API, which are arranged once for all invariants. */
function createFields(policy: AccessPolicy, budget: Budget): (apis: readonly string[]) => readonly ApiField[] {
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

/** The findings about an invariant in the rules for one API. */
interface Found {
  readonly breaches: readonly Breach[];
  readonly by: readonly string[];
  readonly isIdle: boolean;
}

/** Judges an invariant, and names it if that takes too many tests. */
function judgeOne<Judged extends Invariant>(...given: Parameters<typeof judge<Judged>>): Judgement<Judged> {
  try {
    return judge(...given);
  } catch (error) {
    if (!(error instanceof TestLimit)) throw error;
    throw new TestLimit({ ...error.tooMany, rules: [`invariants.${given[2].name}`, ...error.tooMany.rules] });
  }
}

function judge<Judged extends Invariant>(
  policy: AccessPolicy,
  fieldsOf: (apis: readonly string[]) => readonly ApiField[],
  invariant: Judged,
): Judgement<Judged> {
  const { statement } = invariant;
  const fields = fieldsOf(statement.region?.apis ?? []);
  const found = fields.map((field) => judgeThere(policy, field, invariant));
  const [first] = fields;
  const whos = listWhos(invariant);
  const breach = found.flatMap(({ breaches }) => breaches)[0];
  const isNowhere = statement.region !== undefined && found.every(({ isIdle }) => isIdle);
  return {
    invariant,
    breach,
    by: [...new Set(found.flatMap(({ by }) => by))].sort(),
    holders: first === undefined ? {} : toHeld(whos, first.table),
    idle:
      breach !== undefined || first === undefined
        ? []
        : [
            ...listUnknown(whos, first.table),
            ...(isNowhere ? ["no grant or public rule is about these requests"] : []),
          ],
  };
}

function judgeThere(policy: AccessPolicy, of: ApiField, { statement }: Invariant): Found {
  const { field, table, whos, api } = of;
  switch (statement.kind) {
    case "never": {
      const named = toNamedWhos(statement.who, table);
      const judged = statement.isWhateverElse ? listMerged(named, whos) : listAlone(named, whos);
      return findAllowed(of, statement.region, judged, () => true);
    }
    case "only":
      return findAllowed(
        of,
        statement.region,
        whos,
        ({ who, access }) => access === "public" || !holdsOne(statement.who, who, table),
      );
    case "always": {
      const search = createSearch(field, statement.region);
      const refused = listMerged(toNamedWhos(statement.who, table), whos).flatMap((who) => listRefused(search, who));
      return toFound(refused, api, false);
    }
    case "disjoint":
      return statement.region === undefined
        ? findShared(statement.whos, of)
        : findAllowed(of, statement.region, listBoth(statement.whos, of), () => true);
    case "requires": {
      const isBreach = createMissing(policy, statement.conditions, table);
      const lacking = statement.conditions.flatMap((name) => listLacked(policy.conditions[name]?.roles ?? []));
      const others = lacking.flatMap((role) => table.waysTo(role).map(whoOf));
      return findAllowed(of, statement.region, listMerged(whos, [AUTHENTICATED, ...others]), isBreach);
    }
    default:
      return statement satisfies never;
  }
}

/** Finds accesses of some principals that must not be. */
function findAllowed(
  { field, api }: ApiField,
  region: InvariantRegion,
  whos: readonly Who[],
  isBreach: (found: FoundAccess) => boolean,
): Found {
  const search = createSearch(field, region);
  const found = listUnwanted(search, whos, isBreach);
  return toFound(found, api, found.length === 0 && listRulesThere(search).length === 0);
}

function toFound(found: readonly FoundAccess[], api: string | undefined, isIdle: boolean): Found {
  const [clearest] = [...found].sort(
    (one, other) =>
      RANKS.indexOf(one.access) - RANKS.indexOf(other.access) || one.who.atoms.length - other.who.atoms.length,
  );
  if (clearest === undefined) return { breaches: [], by: [], isIdle };
  const { who, verb, point, access, terms } = clearest;
  const path = formatPattern({ segments: point.segments, isGreedy: false });
  // Where somebody is refused, the rules that refuse others for other reasons are of no help.
  const isOfRefusal = access === "none" || access === "denied";
  const by = found.flatMap((one) => (isOfRefusal && one.access !== access ? [] : one.by));
  return { breaches: [{ who, request: { verb, path, api }, access, terms }], by, isIdle };
}

/** The kinds of access in the order in which they make a witness: the one that takes the least is the clearest. */
const RANKS: readonly Access[] = ["public", "allow", "denied", "none", "own", "conditional"];

/** Lists the principals that are two of those who must be disjoint. */
function listBoth(named: readonly InvariantWho[], { table, whos }: ApiField): readonly Who[] {
  const lists = named.map((one) => toNamedWhos(one, table));
  const pairs = lists.flatMap((some, at) => lists.slice(at + 1).flatMap((others) => listMerged(some, others)));
  return listMerged(pairs, whos);
}

/** Finds one thing in a token that makes a principal two of those who must be disjoint. */
function findShared(named: readonly InvariantWho[], { table, api }: ApiField): Found {
  const atoms = named.flatMap((one) => toNamedWhos(one, table));
  const single = [...table.ways.map(whoOf), ...atoms].filter((who) => who.atoms.length === 1);
  const shared = single.filter((who) => named.filter((one) => holdsOne(one, who, table)).length > 1);
  const distinct = [...new Map(shared.map((who) => [formatWho(who), who])).values()];
  return {
    breaches: distinct.map((who) => ({ who, request: undefined, access: "allow", terms: { conditions: [], own: [] } })),
    by: [],
    isIdle: api !== undefined,
  };
}

/** Creates a test of whether an access is allowed without one of some conditions. They are compared by their digests. */
function createMissing(
  { conditions }: AccessPolicy,
  required: readonly string[],
  { rolesOf }: RoleTable,
): (found: FoundAccess) => boolean {
  const digestOf = (name: string) => conditions[name]?.digest ?? name;
  return ({ who, terms }) => {
    const held = new Set(terms.conditions.map((instance) => digestOf(instance.replace(/\(.*\)$/, ""))));
    return required.some((name) => {
      const formula = conditions[name]?.roles;
      return formula === undefined ? !held.has(digestOf(name)) : !isTrue(formula, rolesOf(who));
    });
  };
}

function listLacked(formula: RoleFormula): readonly string[] {
  return formula.flatMap(({ lacks }) => lacks);
}
