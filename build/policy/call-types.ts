import type { ProblemCode } from "../../contract/problem-codes.ts";
import type { Term } from "../rego/syntax-tree.ts";
import type { DataPath } from "./data-files.ts";
import { formatFunction, operandsOf } from "./function-types.ts";
import { canBe, canBeCollection, formatKinds, itemsOf, type Shape } from "./shapes.ts";
import { type Context, formatTerm, shapeOf } from "./term-shapes.ts";

/** The types of a call's operands, with which it is never true. */
export interface Mismatch {
  readonly kind: "mismatch";
  readonly code: ProblemCode;
  readonly message: string;
  /** The base datum that has the wrong type; undefined if it isn't one. */
  readonly datum?: DataPath;
}

/** Says why the types of the operands keep a call from ever being true; undefined if it can be. */
export function findCallMismatch(name: string, operands: readonly Term[], context: Context): Mismatch | undefined {
  const typed = operands.map((term) => ({ term, shape: shapeOf(term, context) }));
  const [first, second] = typed;
  if (first === undefined) return undefined;
  if (name === "neq" && second !== undefined) return findImpossible(first, second, "this holds of every value");
  if (name === "equal" && second !== undefined) return findInequality(first, second);
  if (name === "internal.member_2" || name === "internal.member_3") return findNonMember(typed);
  const wanted = operandsOf(name);
  const wrong = typed.find(({ shape }, at) => wanted?.[at] !== undefined && !canBe(shape, wanted[at]));
  if (wrong === undefined) return undefined;
  if (wrong.shape.isCustomClaim) return toClaimMismatch(wrong.term, NUMBER_OF);
  if (wrong.shape.isRequestList) return LIST;
  const kinds = formatKinds(wrong.shape);
  const message = `${formatTerm(wrong.term)} is ${kinds}, which ${formatFunction(name)} does not take, so this is never true`;
  return toMismatch(message, wrong.shape);
}

interface Typed {
  readonly term: Term;
  readonly shape: Shape;
}

function findInequality(one: Typed, other: Typed): Mismatch | undefined {
  const ofRequest = [one, other].some(({ shape }) => shape.isRequestList);
  // A claim that is the very same list would be equal. Nobody means that, so the comparison is a mistake all the same.
  if (ofRequest && [one, other].some(({ shape }) => shape.isClaim)) return LIST;
  if (canBe(one.shape, [...other.shape.kinds])) return findImpossible(one, other, "this is never true");
  if (ofRequest) return LIST;
  const claim = [one, other].find(({ shape }) => shape.isCustomClaim);
  const rest = claim === one ? other : one;
  if (claim !== undefined && canBe(rest.shape, ["number"])) return toClaimMismatch(claim.term, NUMBER_OF);
  if (claim !== undefined && canBe(rest.shape, ["boolean"])) return toClaimMismatch(claim.term, TRUTH_OF);
  const list = [one, other].find(({ shape }) => canBe(shape, ["array", "set"]));
  const item = list === one ? other : one;
  const remedy =
    list !== undefined && canBe(item.shape, ["string", "number"])
      ? `; look for one of the values, as in \`${formatTerm(item.term)} in ${formatTerm(list.term)}\``
      : "; correct one of the two";
  return toMismatch(
    `${formatTerm(one.term)} is ${formatKinds(one.shape)} and ${formatTerm(other.term)} is ${formatKinds(other.shape)}, which are never equal${remedy}`,
    one.shape,
    other.shape,
  );
}

/** Says why one of two values is never the other: all texts that one is written as are not of the form of the other. */
function findImpossible(one: Typed, other: Typed, effect: string): Mismatch | undefined {
  for (const [written, read] of [
    [one, other],
    [other, one],
  ] as const) {
    const { form } = read.shape;
    const { values = [] } = written.shape;
    const texts = values.flatMap(({ value, path }) =>
      path === undefined && typeof value === "string" && form?.isPossible(value) === false ? [value] : [],
    );
    if (form === undefined || texts.length === 0 || texts.length < values.length) continue;
    const [term, text] = [formatTerm(read.term), texts.map((one) => JSON.stringify(one)).join(" or ")];
    const message = `${term} is ${form.description}, and never ${text}, so ${effect}; correct the text`;
    return { kind: "mismatch", code: "unsatisfiable.text", message };
  }
  return undefined;
}

/** Says why a value is never in a collection. The operands of `some k, x in xs` begin with the key. */
function findNonMember(typed: readonly Typed[]): Mismatch | undefined {
  const [item, list] = [typed.at(-2), typed.at(-1)];
  if (item === undefined || list === undefined) return undefined;
  if (!canBeCollection(list.shape)) {
    const remedy = canBe(list.shape, ["string"]) ? "; compare it with ==, or use contains or split" : "";
    return toMismatch(
      `${formatTerm(list.term)} is ${formatKinds(list.shape)}, and nothing is ever in that, since \`in\` looks into lists${remedy}`,
      list.shape,
    );
  }
  if (item.shape.isRequestList && list.shape.isClaim) return LIST;
  const items = itemsOf(list.shape);
  if (canBe(items, [...item.shape.kinds]))
    return findImpossible(item, { term: list.term, shape: items }, "this is never true");
  if (item.shape.isCustomClaim && canBe(items, ["number", "boolean"])) {
    return toClaimMismatch(item.term, canBe(items, ["number"]) ? NUMBER_OF : TRUTH_OF);
  }
  return toMismatch(
    `${formatTerm(item.term)} is ${formatKinds(item.shape)}, and what ${formatTerm(list.term)} holds is ${formatKinds(items)}, so it is never in there; correct one of the two`,
    items,
    item.shape,
  );
}

const LIST: Mismatch = {
  kind: "mismatch",
  code: "unsatisfiable.header_as_text",
  message:
    'a header or query parameter is the list of its values, so this never holds; look for one of them, as in `"blue" in input.request.headers["x-tenant"]`',
};

const NUMBER_OF = (claim: string) => `write \`values.number(${claim})\`, or compare it with text, as in \`"3"\``;
const TRUTH_OF = (claim: string) => `write \`${claim} == "true"\``;

function toClaimMismatch(claim: Term, toRemedy: (claim: string) => string): Mismatch {
  const text = formatTerm(claim);
  const message = `${text} is text in every token, since Cognito writes all custom attributes as text, so this is never true; ${toRemedy(text)}`;
  return { kind: "mismatch", code: "unsatisfiable.claim_is_text", message };
}

function toMismatch(message: string, ...shapes: readonly Shape[]): Mismatch {
  const datum = shapes.flatMap(({ values = [] }) =>
    values.flatMap(({ path }) => (path === undefined ? [] : [path])),
  )[0];
  return { kind: "mismatch", code: "unsatisfiable.types", message, ...(datum !== undefined && { datum }) };
}
