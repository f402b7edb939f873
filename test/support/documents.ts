import { isDeepStrictEqual } from "node:util";

/** Makes the policy document that allows a resource and denies all others. */
export function documentAllowing(resource: unknown): object {
  const Action = "execute-api:Invoke";
  return {
    Version: "2012-10-17",
    Statement: [
      { Action, Effect: "Allow", Resource: resource },
      { Action, Effect: "Deny", NotResource: resource },
    ],
  };
}

/** The policy document that denies everything. */
export const DENIES_ALL: object = {
  Version: "2012-10-17",
  Statement: [{ Action: "execute-api:Invoke", Effect: "Deny", Resource: "*" }],
};

/** The part of each policy document that allows one resource and denies all others, for `toMatchObject`. */
export const ALLOWS_ONE: object = { Statement: [{ Effect: "Allow" }, { Effect: "Deny" }] };

/** Tells whether a policy document leaves no request undecided: it denies all, or allows one resource and denies all others. */
export function isDecisive(document: { readonly Statement: readonly Readonly<Record<string, unknown>>[] }): boolean {
  const resource = document.Statement[0]?.["Resource"];
  return isDeepStrictEqual(document, DENIES_ALL) || isDeepStrictEqual(document, documentAllowing(resource));
}
