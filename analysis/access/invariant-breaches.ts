import type { Invariant, InvariantRegion, InvariantWho } from "../../contract/invariants.ts";
import type { ApiField } from "./invariant-fields.ts";
import { createSearch, type FoundAccess, listRefused, listRulesThere, listUnwanted } from "./invariant-search.ts";
import { holdsOne, listAlone, listMerged, toNamedWhos } from "./invariant-whos.ts";
import type { Access, AccessPolicy, RoleFormula, Terms, Who } from "./model.ts";
import { formatPattern } from "./points.ts";
import { isTrue } from "./role-conditions.ts";
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

/** The findings about an invariant in the rules for one API. */
interface Found {
  readonly breaches: readonly Breach[];
  readonly by: readonly string[];
  readonly isIdle: boolean;
}

/**
 * Finds what breaks an invariant in the rules for one API.
 *
 * @param conditions - Those that the rules name, and those that the invariant requires.
 */
export function findBreaches(conditions: AccessPolicy["conditions"], of: ApiField, { statement }: Invariant): Found {
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
      const isBreach = createMissing(conditions, statement.conditions, table);
      const lacking = statement.conditions.flatMap((name) => listLacked(conditions[name]?.roles ?? []));
      const others = lacking.flatMap((role) => table.leastWith(role));
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

/** Finds one thing in a token, or none, that makes a principal two of those who must be disjoint. */
function findShared(named: readonly InvariantWho[], { table, api }: ApiField): Found {
  const atoms = named.flatMap((one) => toNamedWhos(one, table));
  const single = [AUTHENTICATED, ...table.ways.map(whoOf), ...atoms].filter((who) => who.atoms.length < 2);
  const isShared = (who: Who) => named.filter((one) => holdsOne(one, who, table)).length > 1;
  // A scope gives two if the machine that has it holds a role of one issuer.
  const issuers = [...new Set(single.map(({ issuer }) => issuer))].map((issuer): Who => ({ atoms: [], issuer }));
  const shared = single.flatMap((who) => (isShared(who) ? [who] : listMerged([who], issuers).filter(isShared)));
  const distinct = [...new Map(shared.map((who) => [formatWho(who), who])).values()];
  return {
    breaches: distinct.map((who) => ({ who, request: undefined, access: "allow", terms: { conditions: [], own: [] } })),
    by: [],
    isIdle: api !== undefined,
  };
}

/** Creates a test of whether an access is allowed without one of some conditions. They are compared by their digests. */
function createMissing(
  conditions: AccessPolicy["conditions"],
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
