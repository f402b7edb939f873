import type { Terms } from "../access/model.ts";

/** Lists what must hold, as a lock writes it: `own 1=custom:customer_id`, `in_the_office`. */
export function toConditions({ own, conditions }: Terms): readonly string[] {
  return [...own.map(([position, claim]) => `own ${position}=${claim}`), ...conditions];
}

/**
 * Formats what must hold for people: `segment 2 is the claim custom:customer_id, and in_the_office`.
 *
 * @param segments - The segments of the path; a literal is named by its text.
 */
export function formatTermsFor({ own, conditions }: Terms, segments: readonly (string | null)[]): string {
  const owns = own.map(([position, claim]) => {
    const literal = segments[position];
    return typeof literal === "string"
      ? `the claim ${claim} is ${literal}`
      : `segment ${position + 1} is the claim ${claim}`;
  });
  return [...owns, ...conditions].join(", and ");
}
