import { covers } from "../../contract/path-template.ts";
import { err, ok, type Result } from "../../contract/result.ts";
import { methodsOfAll } from "../../contract/route.ts";
import { type AccessView, type AskedRequest, createAccess } from "../access/access.ts";
import { createBudget, TestLimit } from "../access/budget.ts";
import type { AccessPolicy, Terms, TooManyTests, Who } from "../access/model.ts";
import { toPattern } from "../access/points.ts";
import { AUTHENTICATED, formatWho, type JsonAtom, mergeWhos, toJsonAtom, toJsonWho } from "../access/who.ts";
import { longestOf } from "./cells.ts";
import { formatTermsFor, toConditions } from "./terms.ts";

/** A principal that may send a request, under conditions. */
export interface MayEntry {
  /** Undefined: everybody, without a token. */
  readonly who: Who | undefined;
  readonly terms: Terms;
  /** The grants, or the public rules. */
  readonly by: readonly string[];
  /** Principals who are denied this, whatever else they hold. */
  readonly not: readonly Who[];
}

/**
 * Lists who may send a request: the minimal principals, and for each the alternatives that no smaller principal has.
 *
 * A principal that carries more may be denied, which `not` says.
 */
export function listWhoMay(
  policy: AccessPolicy,
  request: AskedRequest,
  budget = createBudget(),
): Result<readonly MayEntry[], TooManyTests> {
  try {
    return ok(listEntries(createAccess(withRulesFor(policy, request), budget), request));
  } catch (error) {
    if (error instanceof TestLimit) return err(error.tooMany);
    throw error;
  }
}

function listEntries(view: AccessView, request: AskedRequest): readonly MayEntry[] {
  const asked = view.whos.map((who) => ({ who, found: view.at(who, request) }));
  const open = asked.find(({ found }) => found.access === "public");
  if (open !== undefined)
    return [{ who: undefined, terms: { conditions: [], own: [] }, by: open.found.publicRules, not: [] }];
  const byName = new Map(asked.map(({ who, found }) => [formatWho(who), found]));
  // A denial for everybody is among the terms of each principal.
  const ofEverybody = new Set(byName.get(formatWho(AUTHENTICATED))?.denials.map(({ name }) => name));
  const concerned = asked.filter(({ found }) => found.denials.some(({ name }) => !ofEverybody.has(name)));
  const guarded = concerned.filter(
    ({ who }) => !view.listIncluded(who).some((one) => concerned.some((other) => other.who === one)),
  );
  return asked.flatMap(({ who, found }) => {
    const smaller = view.listIncluded(who).flatMap((one) => byName.get(formatWho(one))?.alternatives ?? []);
    const own = found.alternatives.filter(({ terms }) => !smaller.some((other) => implies(terms, other.terms)));
    return own.map(({ terms, grants }): MayEntry => {
      const not = guarded.flatMap((other) => {
        const both = other.who === who ? undefined : mergeWhos(who, other.who);
        if (both === undefined || formatWho(both) === formatWho(who)) return [];
        const isLeft = view.at(both, request).alternatives.some((one) => implies(terms, one.terms));
        return isLeft ? [] : [other.who];
      });
      return { who, terms, by: grants, not };
    });
  });
}

/** Leaves out the rules that don't match a request, so that its answer costs the same however many rules there are. */
function withRulesFor(policy: AccessPolicy, { method, path }: AskedRequest): AccessPolicy {
  const isFor = (rule: { readonly verbs: readonly string[]; readonly path: string }) =>
    methodsOfAll(rule.verbs).includes(method) && covers(rule.path, path);
  const { grants, denials, publicRules } = policy;
  return {
    ...policy,
    grants: Object.fromEntries(Object.entries(grants).filter(([, grant]) => isFor(grant))),
    denials: Object.fromEntries(Object.entries(denials).filter(([, denial]) => isFor(denial))),
    publicRules: publicRules.filter(isFor),
  };
}

/** Tells whether some terms ask for everything that others ask for. */
function implies(terms: Terms, others: Terms): boolean {
  const own = new Set(toConditions(terms));
  return toConditions(others).every((condition) => own.has(condition));
}

/** An entry as JSON has it. */
export interface JsonMayEntry {
  readonly who: readonly JsonAtom[] | readonly [{ readonly role: "everyone" }];
  readonly conditions: readonly string[];
  readonly by: readonly string[];
  readonly not?: readonly (readonly JsonAtom[])[];
}

/** Writes the entries for JSON. */
export function toJsonMay(entries: readonly MayEntry[]): { readonly who: readonly JsonMayEntry[] } {
  return {
    who: entries.map(({ who, terms, by, not }) => ({
      who: who === undefined ? [{ role: "everyone" }] : toJsonWho(who),
      conditions: toConditions(terms),
      by,
      ...(not.length > 0 && { not: not.map(({ atoms, issuer }) => atoms.map((atom) => toJsonAtom(atom, issuer))) }),
    })),
  };
}

/** Formats the entries as a table for people. */
export function formatMay(entries: readonly MayEntry[], { method, path }: AskedRequest): string {
  const title = `${method} ${path}`;
  const [first] = entries;
  if (first === undefined) return `nobody may ${title}\n`;
  if (first.who === undefined) return `everybody may ${title}, without a token: public rule ${first.by.join(", ")}\n`;
  const { segments } = toPattern(path);
  const rows = entries.map(({ who, terms, by, not }) => {
    const conditions = formatTermsFor(terms, segments);
    return {
      who: who === undefined ? "" : formatWho(who),
      conditions: [
        ...(conditions === "" ? [] : [`if ${conditions}`]),
        ...(not.length === 0 ? [] : [`but not with ${not.map(formatWho).join(", ")}`]),
      ].join("; "),
      by: by.join(", "),
    };
  });
  const [ofWho, ofConditions] = [
    longestOf(rows.map(({ who }) => who)),
    longestOf(rows.map(({ conditions }) => conditions)),
  ];
  const isNarrow = ofWho + ofConditions + longestOf(rows.map(({ by }) => by)) + 12 <= MAX_COLUMNS;
  const lines = rows.flatMap(({ who, conditions, by }) => {
    if (isNarrow) return [`  ${who.padEnd(ofWho)}  ${conditions.padEnd(ofConditions)}  by ${by}`];
    return [`  ${who}`, ...(conditions === "" ? [] : [`      ${conditions}`]), `      by ${by}`];
  });
  return [`${title} may be sent by`, ...lines, ""].join("\n");
}

/** The width of a terminal that lines fit, unless a name is longer. */
const MAX_COLUMNS = 100;
