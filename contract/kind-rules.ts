import { type ClaimPath, isClaimPath, readClaim } from "./claim-path.ts";
import { isObject, isText, isTexts } from "./json.ts";

/** A rule that proves of which kind a principal is, a user or a machine, by the claims of the token. */
export type KindRule =
  /** The claim has this value, or is a list of texts with it. */
  | { readonly claim: ClaimPath; readonly value: string | boolean }
  /** The claim, with the suffix after it, is the subject (`sub`). */
  | { readonly claim: ClaimPath; readonly equals: "sub"; readonly suffix?: string }
  /** The claim is there: a text or a list of texts, none of them empty. */
  | { readonly claim: ClaimPath; readonly present: true };

/** The forms of a rule, for messages. */
export const KIND_RULE_FORMS =
  '{"claim": …, "value": …}, {"claim": …, "equals": "sub"} (perhaps with "suffix") or {"claim": …, "present": true}';

/** The claims of tokens of any kind, so that their presence proves nothing. */
const IN_EVERY_TOKEN: readonly unknown[] = ["aud", "exp", "iat", "iss", "jti", "nbf", "sub"];

/** Tells whether a value is a list of rules, each of which can prove something. */
export function isKindRules(value: unknown): value is readonly KindRule[] {
  return Array.isArray(value) && value.length > 0 && value.every(isKindRule);
}

function isKindRule(value: unknown): value is KindRule {
  if (!isObject(value) || !isClaimPath(value["claim"])) return false;
  const { claim, ...test } = value;
  const name = isText(claim) || claim.length > 1 ? claim : claim[0];
  switch (Object.keys(test).sort().join()) {
    case "value":
      return (isText(test["value"]) && test["value"] !== "") || typeof test["value"] === "boolean";
    case "equals":
      return test["equals"] === "sub" && name !== "sub";
    case "equals,suffix":
      return test["equals"] === "sub" && name !== "sub" && isText(test["suffix"]) && test["suffix"] !== "";
    case "present":
      return test["present"] === true && !IN_EVERY_TOKEN.includes(name);
    default:
      return false;
  }
}

/** Tells whether the claims of a token fulfil a rule. */
export function isFulfilled(rule: KindRule, claims: Readonly<Record<string, unknown>>): boolean {
  const value = readClaim(claims, rule.claim);
  if ("value" in rule) return value === rule.value || (isTexts(value) && value.some((text) => text === rule.value));
  if ("equals" in rule) return isText(value) && value !== "" && `${value}${rule.suffix ?? ""}` === claims["sub"];
  const texts = isText(value) ? [value] : value;
  return isTexts(texts) && texts.length > 0 && !texts.includes("");
}

/** Tells whether some token that fulfils a rule fulfils another one in any case, so that the two can't prove opposites. */
export function implies(rule: KindRule, other: KindRule): boolean {
  if (toKey(rule.claim) !== toKey(other.claim)) return false;
  if ("present" in other) return !("value" in rule) || isText(rule.value);
  if ("value" in rule) return "value" in other && rule.value === other.value;
  return "equals" in rule && "equals" in other && rule.suffix === other.suffix;
}

function toKey(path: ClaimPath): string {
  return JSON.stringify(isText(path) ? [path] : path);
}
