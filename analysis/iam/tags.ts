import type { PolicyIndex } from "../../contract/policy-index.ts";

/** Claims of a Cognito ID token that are not strings. `where` matches strings only, but a tag would make a string of each. */
const NOT_STRINGS = new Set([
  "auth_time",
  "cognito:groups",
  "cognito:roles",
  "email_verified",
  "exp",
  "iat",
  "identities",
  "phone_number_verified",
]);

/** The tags that an identity pool sets by default. */
const PRESET_TAGS = ["aud", "sub"];

/** The longest key of a tag (AWS STS API reference, `Tag`). */
const MAX_KEY_CHARS = 128;

/** Tells whether a principal tag can stand for a claim. */
export function isTaggable(claim: string): boolean {
  return !NOT_STRINGS.has(claim);
}

/**
 * Names the principal tag for each claim of some `where`: `customer_id` for `custom:customer_id`.
 *
 * IAM ignores the case of a tag's key. If two claims would have one key, or if the identity pool sets a tag with that key by
 * default, the tag has the claim's full name. So a tag that nobody mapped is never taken for the claim.
 */
export function toTags(grants: PolicyIndex["grants"]): ReadonlyMap<string, string> {
  const used = Object.values(grants).flatMap(({ where }) => Object.values(where));
  const claims = [...new Set(used)].filter(isTaggable).sort();
  const short = (claim: string) => keyOf(claim.replace(/^custom:/, ""));
  const isTaken = (claim: string) => {
    const others = [...claims, ...PRESET_TAGS].filter((other) => other !== claim).map(short);
    return others.some((other) => other.toLowerCase() === short(claim).toLowerCase());
  };
  const tags = new Map<string, string>();
  const keys = new Set(claims.filter((claim) => !isTaken(claim)).map((claim) => short(claim).toLowerCase()));
  for (const claim of claims) {
    let tag = isTaken(claim) ? keyOf(claim) : short(claim);
    // Full names can be the same, too, once the characters that a key can't have are replaced.
    for (let count = 2; isTaken(claim) && keys.has(tag.toLowerCase()); count += 1) tag = `${keyOf(claim)}_${count}`;
    keys.add(tag.toLowerCase());
    tags.set(claim, tag);
  }
  return tags;
}

/** Makes a key that is safe inside `${aws:PrincipalTag/…}`. STS permits more characters. */
function keyOf(claim: string): string {
  return claim.replaceAll(/[^\w.@-]/g, "_").slice(0, MAX_KEY_CHARS - 4);
}
