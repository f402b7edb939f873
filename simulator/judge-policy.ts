import { matchArn, matchWildcards } from "./arn-pattern.ts";

/** What a policy document says of a request. */
export type PolicyVerdict = "allow" | "explicit_deny" | "implicit_deny" | "malformed";

const SERVICE = "execute-api";
const ACTION = "invoke";

/** What a statement may consist of here. `Condition` is legal on AWS and not modelled, so it is refused with the rest. */
const STATEMENT_KEYS = ["Sid", "Effect", "Action", "Resource", "NotResource"];
const VERSIONS: readonly unknown[] = [undefined, "2008-10-17", "2012-10-17"];

interface Statement {
  readonly effect: "Allow" | "Deny";
  readonly actions: readonly string[];
  /** Which of the two elements it has. */
  readonly element: "Resource" | "NotResource";
  readonly resources: readonly string[];
}

/**
 * Judges a request by the policy document of an authorizer's answer, for the action `execute-api:Invoke`.
 *
 * An explicit deny wins over any allow. A statement whose `Resource` holds a variable does not apply, nor does one with
 * it in `NotResource`: see {@link matchArn}. Variables, and `${*}` with them, need version 2012-10-17.
 *
 * @param document - `policyDocument`, as it was answered.
 * @param arn - The request's, with the path as it came: nothing in it is a wildcard.
 * @see IAM user guide, "Policy evaluation logic"
 */
export function judgePolicy(document: unknown, arn: string): PolicyVerdict {
  if (!isObject(document) || !VERSIONS.includes(document["Version"])) return "malformed";
  const listed = document["Statement"];
  if (typeof listed !== "object") return "malformed";
  const statements = [listed].flat().map(parseStatement);
  const hasVariables = document["Version"] === "2012-10-17";
  const effects = new Set<string>();
  for (const statement of statements) {
    if (statement === undefined) return "malformed";
    if (applies(statement, arn, hasVariables)) effects.add(statement.effect);
  }
  if (effects.has("Deny")) return "explicit_deny";
  return effects.has("Allow") ? "allow" : "implicit_deny";
}

function parseStatement(value: unknown): Statement | undefined {
  if (!isObject(value) || Object.keys(value).some((key) => !STATEMENT_KEYS.includes(key))) return undefined;
  const { Sid: sid, Effect: effect, Resource: resource, NotResource: notResource } = value;
  if (sid !== undefined && typeof sid !== "string") return undefined;
  if (effect !== "Allow" && effect !== "Deny") return undefined;
  if ((resource === undefined) === (notResource === undefined)) return undefined;
  const actions = parseTexts(value["Action"], /^(?:\*|[^:]+:[^:]+)$/);
  const resources = parseTexts(resource ?? notResource, /^(?:\*+|arn:.*)$/s);
  if (actions === undefined || resources === undefined) return undefined;
  return { effect, actions, element: resource === undefined ? "NotResource" : "Resource", resources };
}

function parseTexts(value: unknown, form: RegExp): readonly string[] | undefined {
  const texts: readonly unknown[] = Array.isArray(value) ? value : [value];
  return texts.every((text): text is string => typeof text === "string" && form.test(text)) ? texts : undefined;
}

function applies({ actions, element, resources }: Statement, arn: string, hasVariables: boolean): boolean {
  if (!actions.some(isInvoke)) return false;
  const matches = resources.map((pattern) => matchArn(pattern, arn, hasVariables));
  return element === "Resource" ? matches.includes("match") : matches.every((match) => match === "mismatch");
}

/** Action names have no case, and no wildcard in the name of the service. */
function isInvoke(action: string): boolean {
  const [service, name = ""] = action.toLowerCase().split(":");
  return action === "*" || (service === SERVICE && matchWildcards(name, ACTION));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
