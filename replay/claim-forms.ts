import type { CachingApi } from "../contract/api-kinds.ts";
import { isText, isTexts, parseJson } from "../contract/json.ts";

/** The value of a claim in a token, as far as an access log tells it. */
export type ClaimReading =
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "missing" }
  /** The log does not show which of several values it was. */
  | { readonly kind: "ambiguous" };

/** The form that a claim has in a token. */
export type ClaimForm = "time" | "boolean" | "list" | "text_or_list" | "text" | "unknown";

/** The facts about a claim that decide how it is read. */
export interface ClaimFacts {
  readonly form: ClaimForm;
  /** The items of a list that matter to the policy. */
  readonly known?: readonly string[];
  /** Whether an item of the list may have a space in it. */
  readonly hasSpaces?: boolean;
}

const TIMES: ReadonlySet<string> = new Set(["exp", "iat", "nbf", "auth_time", "updated_at"]);
const BOOLEANS: ReadonlySet<string> = new Set(["email_verified", "phone_number_verified"]);
const LISTS: ReadonlySet<string> = new Set(["amr", "cognito:groups", "cognito:roles"]);

/** Finds the form of a claim by OpenID Connect Core 1.0 (sections 2 and 5.1) and Cognito; a custom attribute of Cognito is a text. */
export function formOfClaim(name: string): ClaimForm {
  if (TIMES.has(name)) return "time";
  if (BOOLEANS.has(name)) return "boolean";
  if (LISTS.has(name)) return "list";
  // RFC 7519, section 4.1.3.
  if (name === "aud") return "text_or_list";
  const isText = name.startsWith("custom:") || name.startsWith("cognito:") || TEXTS.has(name);
  return isText ? "text" : "unknown";
}

const TEXTS: ReadonlySet<string> = new Set([
  ...["sub", "iss", "azp", "acr", "client_id", "username", "token_use", "scope", "jti", "idp", "cid", "uid", "gty"],
  ...["name", "email", "nickname", "preferred_username", "given_name", "family_name", "locale", "zoneinfo"],
]);

/**
 * Reads a claim that API Gateway has made a text of.
 *
 * REST APIs join the items of a list with commas, and write times as dates. HTTP APIs write a list as `[a b]`, as Go does, and
 * an object as `map[…]`. A value that could be two different ones is ambiguous: it gives nothing.
 *
 * @param raw - The value in the log; null if it was logged as `-`, undefined if the log has no key for it.
 */
export function readLoggedClaim(raw: unknown, kind: CachingApi, facts: ClaimFacts): ClaimReading {
  if (raw === undefined) return { kind: "ambiguous" };
  if (raw === null) return { kind: "missing" };
  if (!isText(raw)) return { kind: "value", value: raw };
  switch (facts.form) {
    case "text":
      return { kind: "value", value: raw };
    case "boolean":
      return raw === "true" || raw === "false" ? { kind: "value", value: raw === "true" } : { kind: "ambiguous" };
    case "time": {
      const timeS = toTimeS(raw);
      return timeS === undefined ? { kind: "ambiguous" } : { kind: "value", value: timeS };
    }
    case "list":
    case "text_or_list": {
      const items = toItems(raw, kind, facts);
      if (items === undefined) return { kind: "ambiguous" };
      const isText = facts.form === "text_or_list" && items.length === 1 && items[0] === raw;
      return { kind: "value", value: isText ? raw : items };
    }
    case "unknown":
      return kind === "http" && /^(\[.*\]|map\[.*\])$/s.test(raw) && !isTexts(parseJson(raw))
        ? { kind: "ambiguous" }
        : { kind: "value", value: raw };
    default:
      return facts.form satisfies never;
  }
}

/** Reads seconds since 1970, a number in Go's form (`1.7e+09`), or a date (`Tue Jun 18 15:00:04 UTC 2024`). */
function toTimeS(text: string): number | undefined {
  if (/^\d+(\.\d+)?(e\+\d+)?$/.test(text)) return Number(text);
  const [, day, clock, zone, year] = /^\w{3} (\w{3} \d\d?) ([\d:]{8}) (UTC|GMT) (\d{4})$/.exec(text) ?? [];
  const timeMs = day === undefined ? Number.NaN : Date.parse(`${day} ${year} ${clock} ${zone}`);
  return Number.isNaN(timeMs) ? undefined : timeMs / 1000;
}

/** Reads the items of a list; undefined if the text could be two different lists, as far as that matters to the policy. */
function toItems(text: string, kind: CachingApi, { known = [], hasSpaces = false }: ClaimFacts) {
  const json = text.startsWith("[") ? parseJson(text) : undefined;
  if (isTexts(json)) return json;
  const isOfHttp = text.startsWith("[") && text.endsWith("]");
  // A REST API does not write brackets, so that another authorizer has written them, in a form that is not known.
  if (kind === "rest" && isOfHttp) return undefined;
  const separator = kind === "http" ? " " : ",";
  const inside = kind === "http" && isOfHttp ? text.slice(1, -1) : text;
  if (kind === "http" && !isOfHttp) return [text];
  if (inside === "") return [];
  const items = inside.split(separator);
  if (items.length === 1) return items;
  const mayJoin = hasSpaces || known.some((item) => item.includes(separator));
  const matters = () =>
    known.some((item) => `${separator}${inside}${separator}`.includes(`${separator}${item}${separator}`));
  return mayJoin && matters() ? undefined : items;
}
