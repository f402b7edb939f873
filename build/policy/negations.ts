import type { Expr, Term } from "../rego/syntax-tree.ts";
import { exactName, fullName, isCall, type Scope } from "./scope.ts";

/*
 * The negations that no claim can make true by being missing. Neither side of them comes from a claim: one side is a text of
 * the request or the principal's id, and the other is another such text, or base data, which the build checks.
 */

/** Matches fields that every input has. */
const ALWAYS_THERE = /^input\.(principal\.id|request\.(method|path))$/;

/** Matches fields that are text when they are there. The authorizer makes them. */
const TEXT =
  /^input\.(params\.[^.]+|request\.(api_id|method|path|source_ip|stage)|principal\.(client_id|id|issuer|kind|token_use)|calendar\.[^.]+\.(date|weekday))$/;

const CHANGE_CASE = new Set(["lower", "upper"]);

/**
 * Tells whether a negated statement says that a text is not in a list of base data, as in
 * `not input.principal.id in data.data.blocked`. The text must be there: it is a field that every input has, or a variable
 * that the rule assigns, since without its value the rule is undefined. The build checks that the list is there and has texts
 * (`block-lists.ts`).
 */
export function isOffBlockList(terms: Expr["terms"], scope: Scope): boolean {
  const block = toBlockList(terms, scope);
  if (block === undefined) return false;
  const { item } = block;
  if (ALWAYS_THERE.test(exactName(item, scope))) return true;
  const origin = item.type === "var" ? scope.variables.get(item.value) : undefined;
  return typeof origin === "object" && "value" in origin && isTextOfRequest(origin.value, scope);
}

/** Reads the text and the list of a statement `text in data.data.…`; undefined for every other statement. */
export function toBlockList(
  terms: Expr["terms"],
  scope: Scope,
): { readonly item: Term; readonly list: Term } | undefined {
  if (!isCall(terms)) return undefined;
  const [operator, item, list] = terms;
  if (fullName(operator, scope) !== "internal.member_2" || item === undefined || list === undefined) return undefined;
  return exactName(list, scope).startsWith("data.data.") ? { item, list } : undefined;
}

/**
 * Tells whether a term, when it is defined, is text that does not come from a claim: a field of the request, a parameter, the
 * first value of a header or query parameter, a field of the principal, a text of the calendar, or a literal. Two such texts
 * may be compared by `!=`, which is undefined if one of them is missing.
 */
export function isTextOfRequest(term: Term, scope: Scope): boolean {
  switch (term.type) {
    case "string":
      return term.value !== "";
    case "call": {
      const [operator, operand] = term.value;
      return CHANGE_CASE.has(fullName(operator, scope)) && operand !== undefined && isTextOfRequest(operand, scope);
    }
    case "var":
    case "ref": {
      if (TEXT.test(exactName(term, scope)) || isFirstValue(term, scope)) return true;
      const origin = term.type === "var" ? scope.variables.get(term.value) : undefined;
      return typeof origin === "object" && "value" in origin && isTextOfRequest(origin.value, scope);
    }
    default:
      return false;
  }
}

/** Tells whether a term is the first value of a header or query parameter, as in `input.request.headers["x-name"][0]`. */
function isFirstValue(term: Term, scope: Scope): boolean {
  if (term.type !== "ref") return false;
  const [last] = term.value.slice(-1);
  if (last?.type !== "number" || Number(last.value) !== 0) return false;
  const list: Term = { type: "ref", value: term.value.slice(0, -1) };
  return /^input\.request\.(headers|query)\.[^.]+$/.test(exactName(list, scope));
}
