import { isObject, isText } from "../contract/json.ts";
import { PUBLIC_RULES, type PublicRule } from "../contract/public-rules.ts";

/**
 * The key of `Metadata` under which the constructs mark what they make.
 *
 * A function has `{"function": 1}`: it is a `PolicyAuthorizer`'s; with `"public"` and the public rules of its policy, if there are
 * any. An authorizer has `{"authorizer": 1, "invokes": <the function's
 * ARN, as in its URI>}`, with `"mode": "report"` if it is report-only, for files that don't show its alias, and `"public"` as well if the
 * function is in another template. The gate compares `invokes` with the URI, so that a mark which was copied with an authorizer and then
 * given another function convinces nobody. A method that keeps an authorizer of another kind has `{"keeps": <the authorizer's id>,
 * "reason": …}`, which counts as long as it has this authorizer. A route for preflights has `{"preflight": 1}`, which counts for the verb
 * OPTIONS only. The security scheme of a document has the mark of an authorizer as its extension `x-rego-authorizer`.
 */
export const MARK_KEY = "rego-authorizer";

/** Makes the mark of a function. */
export function toFunctionMark(publicRules: readonly PublicRule[] = []): Readonly<Record<string, unknown>> {
  return { function: 1, ...(publicRules.length > 0 && { public: publicRules }) };
}

/**
 * Makes the mark of an authorizer.
 *
 * @param mode - Set if it is report-only.
 * @param publicRules - Those of its API, if the function is in another template.
 */
export function toAuthorizerMark(
  functionArn: unknown,
  mode?: "report",
  publicRules: readonly PublicRule[] = [],
): Readonly<Record<string, unknown>> {
  return {
    authorizer: 1,
    invokes: functionArn,
    ...(mode !== undefined && { mode }),
    ...(publicRules.length > 0 && { public: publicRules }),
  };
}

/** Makes the mark of a method that keeps an authorizer of another kind. */
export function toKeptMark(authorizer: unknown, reason: string): Readonly<Record<string, unknown>> {
  return { keeps: authorizer, reason };
}

/** Makes the mark of a route for preflights, which is open although it has a back end. */
export function toPreflightMark(): Readonly<Record<string, unknown>> {
  return { preflight: 1 };
}

/** Tells whether the metadata of a route have the mark of preflights. */
export function hasPreflightMark(metadata: unknown): boolean {
  const { [MARK_KEY]: mark } = isObject(metadata) ? metadata : {};
  return isObject(mark) && mark["preflight"] === 1;
}

/** Tells whether the metadata of a function have its mark. */
export function hasFunctionMark(metadata: unknown): boolean {
  const { [MARK_KEY]: mark } = isObject(metadata) ? metadata : {};
  return isObject(mark) && mark["function"] === 1;
}

/** The tag of a function with the revision of its policy, which the constructs and the module of Terraform write. */
export const REVISION_TAG = "rego-authorizer:revision";

/** Tells whether the tags of a function say which policy it evaluates. A plan has no metadata. */
export function hasRevisionTag(tags: unknown): boolean {
  return isObject(tags) && isText(tags[REVISION_TAG]) && tags[REVISION_TAG] !== "";
}

/**
 * Reads the public rules in the mark of a function or an authorizer, which has no list of them without any; undefined without a
 * mark.
 */
export function readMarkedRules(metadata: unknown): readonly PublicRule[] | undefined {
  const { [MARK_KEY]: mark } = isObject(metadata) ? metadata : {};
  if (!isObject(mark) || (mark["function"] !== 1 && mark["authorizer"] !== 1)) return undefined;
  const { public: rules } = mark;
  return PUBLIC_RULES(rules) === undefined ? (rules as readonly PublicRule[]) : [];
}

/** Reads what the mark of an authorizer says about its function, which has to be evaluated; undefined without a mark. */
export function readMarkedFunction(metadata: unknown): unknown {
  const { [MARK_KEY]: mark } = isObject(metadata) ? metadata : {};
  return isObject(mark) && mark["authorizer"] === 1 ? mark["invokes"] : undefined;
}

/** Reads whether the mark of an authorizer says that it is report-only. */
export function readMarkedMode(metadata: unknown): "report" | undefined {
  const { [MARK_KEY]: mark } = isObject(metadata) ? metadata : {};
  return isObject(mark) && mark["mode"] === "report" ? "report" : undefined;
}

/** Reads which authorizer of another kind a method keeps, which has to be evaluated, and why; undefined without a mark. */
export function readKept(metadata: unknown): { readonly authorizer: unknown; readonly reason: string } | undefined {
  const { [MARK_KEY]: mark } = isObject(metadata) ? metadata : {};
  if (!isObject(mark) || mark["keeps"] === undefined) return undefined;
  const { keeps: authorizer, reason } = mark;
  return isText(reason) && reason.trim() !== "" ? { authorizer, reason } : undefined;
}
