import type { TrustedIssuer } from "./trusted-issuer.ts";

/** A trusted issuer that an unknown one is almost equal to, and how the two differ, in words of our own. */
export interface NearestIssuer {
  readonly issuer: TrustedIssuer;
  readonly difference: string;
}

/** The longest issuer that is compared. The patterns below take time for a text of thousands of slashes. */
const MAX_ISSUER_CHARS = 300;

/** The issuers of the two versions of Entra's tokens, without scheme and in lower case; the group is the tenant. */
const ENTRA = /^(?:sts\.windows\.net|login\.(?:microsoftonline|windows)\.(?:com|net))\/([0-9a-f-]{36})(?:\/v2\.0)?$/;

/** The ways in which issuers are misspelt, in the order in which they are looked for: each undoes one difference. */
const DIFFERENCES: readonly (readonly [difference: string, undo: (issuer: string) => string])[] = [
  ["a slash at its end", (issuer) => issuer.replace(/\/+$/, "")],
  ["upper and lower case", (issuer) => issuer.toLowerCase()],
  ["its scheme: http, or none, instead of https", (issuer) => issuer.replace(/^https?:\/\//i, "")],
  ["its port", (issuer) => issuer.replace(/^([^/]*(?:\/\/[^/]*)?):443(?=\/|$)/, "$1")],
  [
    "the version of Entra's tokens: v1.0 has https://sts.windows.net/<tenant>/, v2.0 has https://login.microsoftonline.com/<tenant>/v2.0",
    (issuer) => ENTRA.exec(issuer)?.[1] ?? issuer,
  ],
];

/** Undoes all differences. */
function normalised(issuer: string): string {
  return DIFFERENCES.reduce((text, [, undo]) => undo(text), issuer);
}

/** Creates the function that finds the trusted issuer which an unknown one is almost equal to. */
export function createFindNearest(
  issuers: ReadonlyMap<string, TrustedIssuer>,
): (unknown: string) => NearestIssuer | undefined {
  let byNormalised: ReadonlyMap<string, TrustedIssuer> | undefined;
  return function findNearest(unknown) {
    if (unknown.length > MAX_ISSUER_CHARS) return undefined;
    byNormalised ??= new Map([...issuers.values()].map((issuer) => [normalised(issuer.issuer), issuer]));
    const issuer = byNormalised.get(normalised(unknown));
    if (issuer === undefined) return undefined;
    let [one, other] = [unknown, issuer.issuer];
    for (const [difference, undo] of DIFFERENCES) {
      [one, other] = [undo(one), undo(other)];
      if (one === other) return { issuer, difference };
    }
    return undefined;
  };
}
