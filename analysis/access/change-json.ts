import type { Apis, Change, Terms } from "./model.ts";
import { type JsonAtom, toJsonAtom, toJsonWho } from "./who.ts";

/** A change as JSON has it, without what shows or tests it. */
export interface JsonChange extends Pick<Change, "kind" | "verbs" | "before" | "after" | "by"> {
  readonly who: readonly JsonAtom[];
  readonly not?: readonly JsonAtom[];
  readonly path: string;
  readonly except?: readonly string[];
  /** Undefined: for all. */
  readonly api?: readonly string[] | { readonly not: readonly string[] };
  /** Everything that some alternative asks for: condition instances, and `own 1=custom:customer_id`. */
  readonly conditions: { readonly before: readonly string[]; readonly after: readonly string[] };
  /** Set if there are several. */
  readonly alternatives?: {
    readonly before: readonly (readonly string[])[];
    readonly after: readonly (readonly string[])[];
  };
}

/** Writes a change for JSON. */
export function toJsonChange({ kind, who, not, verbs, region, apis, before, after, terms, by }: Change): JsonChange {
  const several = terms.before.length > 1 || terms.after.length > 1;
  return {
    kind,
    who: toJsonWho(who),
    ...(not.length > 0 && { not: not.map(({ issuer, ...atom }) => toJsonAtom(atom, issuer)) }),
    verbs,
    path: region.path,
    ...(region.except.length > 0 && { except: region.except }),
    ...toJsonApis(apis),
    before,
    after,
    conditions: { before: listTerms(terms.before), after: listTerms(terms.after) },
    ...(several && { alternatives: { before: terms.before.map(listOne), after: terms.after.map(listOne) } }),
    by,
  };
}

function toJsonApis(apis: Apis): Pick<JsonChange, "api"> {
  if (apis === undefined) return {};
  return { api: "only" in apis ? apis.only : { not: apis.not } };
}

function listTerms(terms: readonly Terms[]): readonly string[] {
  return [...new Set(terms.flatMap(listOne))].sort();
}

function listOne({ conditions, own }: Terms): readonly string[] {
  return [...own.map(([at, claim]) => `own ${at}=${claim}`), ...conditions];
}
