import type { PolicyIndex } from "../../contract/policy-index.ts";

/** Claims of a Cognito ID token that are no text. As a tag each would be one, which no `where` is equal to. */
const NO_TEXTS = new Set([
  "auth_time",
  "cognito:groups",
  "cognito:roles",
  "email_verified",
  "exp",
  "iat",
  "identities",
  "phone_number_verified",
]);

/** The tags that an identity pool sets where nothing else is said. */
const PRESET_TAGS = ["aud", "sub"];

/** Of a tag's key (AWS STS API reference, `Tag`). */
const MAX_KEY_CHARS = 128;

/** Whether a claim can be had as a principal tag. */
export function isTaggable(claim: string): boolean {
  return !NO_TEXTS.has(claim);
}

/**
 * The principal tag that is to hold each claim of some `where`: `customer_id` for `custom:customer_id`.
 *
 * IAM does not tell upper and lower case of a tag's key apart. Where two claims would have one key, each has its own
 * name in full; and the same where the key is one of the identity pool's presets, so that a tag which nobody mapped is
 * not taken for the claim.
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
    // Names that differ in nothing but what a key can't hold.
    for (let count = 2; isTaken(claim) && keys.has(tag.toLowerCase()); count += 1) tag = `${keyOf(claim)}_${count}`;
    keys.add(tag.toLowerCase());
    tags.set(claim, tag);
  }
  return tags;
}

/** What stands in `${aws:PrincipalTag/…}` without doubt; STS takes more. */
function keyOf(claim: string): string {
  return claim.replaceAll(/[^\w.@-]/g, "_").slice(0, MAX_KEY_CHARS - 4);
}
