import { isText } from "../contract/json.ts";
import type { Authorization, Key } from "./model.ts";
import { isShown, toReadable } from "./references.ts";

const OPEN: Authorization = { kind: "none", cause: "is open to everybody" };

/**
 * Reads how a method or route is authorized, from its properties.
 *
 * @param type - `AuthorizationType`; missing means `NONE`.
 */
export function toAuthorization(type: unknown, authorizer: unknown): Authorization {
  if (type === undefined || type === "NONE") return OPEN;
  if (type === "AWS_IAM") return { kind: "iam" };
  if (!isText(type) || !isShown(type))
    return {
      kind: "unknown",
      cause: `is authorized by a value that the files do not show (${formatValue(type)})`,
    };
  if (!isText(authorizer)) return { kind: "none", cause: `is authorized by ${type}, but names no authorizer` };
  return { kind: "authorizer", type, authorizer };
}

/** Reads the text that names a Lambda function in the URI of an authorizer; undefined if the URI invokes none. */
export function functionOfUri(uri: unknown): Key | undefined {
  if (!isText(uri)) return undefined;
  const [, invoked] = /\/functions\/(.+)\/invocations$/s.exec(uri) ?? [];
  return invoked;
}

/** Formats a value for messages. */
function formatValue(value: unknown): string {
  return isText(value) ? toReadable(value) : toReadable(JSON.stringify(value) ?? "nothing");
}
