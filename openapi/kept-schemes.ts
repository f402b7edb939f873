import { isObject, isText } from "../contract/json.ts";
import type { KeptAuthorizer } from "../contract/method-selection.ts";
import { err, ok, type Result } from "../contract/result.ts";
import { EXTENSION } from "./extension.ts";
import type { Intent } from "./intent.ts";
import { isOwnName } from "./own-schemes.ts";
import { readScheme } from "./schemes.ts";

/** Makes the extension of an operation that keeps another authorizer. */
export function toKeptExtension({ authorizer, reason }: KeptAuthorizer): object {
  return { keeps: authorizer, reason };
}

/** Reads which security scheme an operation keeps; undefined if it does not say so with a reason. */
export function readKeptExtension(operation: Readonly<Record<string, unknown>>): KeptAuthorizer | undefined {
  const extension = operation[EXTENSION];
  if (!isObject(extension)) return undefined;
  const { keeps: authorizer, reason } = extension;
  return isText(authorizer) && isText(reason) && reason.trim() !== "" ? { authorizer, reason } : undefined;
}

/** Parses `NAME=REASON`. */
export function parseKeptScheme(text: string): Result<KeptAuthorizer, string> {
  const [, authorizer = "", reason = ""] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  if (authorizer === "" || reason.trim() === "")
    return err("--keep must be the name of a security scheme and a reason, like --keep users='The app reads claims.'");
  return ok({ authorizer, reason });
}

/** Finds what is wrong with the schemes to keep, a line each. */
export function findKeepErrors(
  document: unknown,
  keep: readonly KeptAuthorizer[],
  intents: readonly Intent[],
): readonly string[] {
  return keep.flatMap(({ authorizer }) => {
    const isUsed = intents.some((intent) => intent.kind === "other" && intent.scheme === authorizer);
    const cause = isOwnName(authorizer)
      ? "is an authorizer of the policy, which is written anew; leave it out"
      : readScheme(document, authorizer).use !== "authorizer"
        ? "is no security scheme with an authorizer in the document, so operations with it would be open; correct the name, or leave it out"
        : isUsed
          ? undefined
          : "is the authorizer of no operation; leave it out";
    return cause === undefined ? [] : [`keep: ${authorizer} ${cause}`];
  });
}
