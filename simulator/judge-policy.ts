import { isObject } from "../contract/json.ts";
import { matchArn, matchWildcards } from "./arn-pattern.ts";

/** The result of evaluating a policy document for a request. */
export type PolicyVerdict = "allow" | "explicit_deny" | "implicit_deny" | "malformed";

const SERVICE = "execute-api";
const ACTION = "invoke";

/** The elements that a statement may have. `Condition` is valid on AWS but not modelled, so it is malformed here. */
const STATEMENT_KEYS = ["Sid", "Effect", "Action", "Resource", "NotResource"];
const VERSIONS: readonly unknown[] = [undefined, "2008-10-17", "2012-10-17"];

interface Statement {
  readonly effect: "Allow" | "Deny";
  readonly actions: readonly string[];
  /** The element that lists the resources. */
  readonly element: "Resource" | "NotResource";
  readonly resources: readonly string[];
}

/**
 * Evaluates the policy document of an authorizer's response for a request and the action `execute-api:Invoke`.
 *
 * An explicit deny wins over any allow. A statement with a variable in `Resource` or `NotResource` does not apply: see
 * {@link matchArn}. Variables, and `${*}` with them, need version 2012-10-17.
 *
 * @param document - The `policyDocument` of the response.
 * @param arn - The ARN of the request. Its path is taken literally: no character in it is a wildcard.
 * @see IAM user guide, "Policy evaluation logic"
 */
export function judgePolicy(document: unknown, arn: string): PolicyVerdict {
  if (!isObject(document) || !VERSIONS.includes(document["Version"])) return "malformed";
  const statement = document["Statement"];
  if (typeof statement !== "object") return "malformed";
  const statements = [statement].flat().map(parseStatement);
  const hasVariables = document["Version"] === "2012-10-17";
  const effects = new Set<string>();
  for (const parsed of statements) {
    if (parsed === undefined) return "malformed";
    if (applies(parsed, arn, hasVariables)) effects.add(parsed.effect);
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

/** Tells whether an action is `execute-api:Invoke`, in any letter case. Only the name of the action may have wildcards. */
function isInvoke(action: string): boolean {
  const [service, name = ""] = action.toLowerCase().split(":");
  return action === "*" || (service === SERVICE && matchWildcards(name, ACTION));
}
