import type { CacheKeyPart } from "../../contract/cache-key.ts";
import type { EngineInput } from "../../contract/engine-input.ts";
import type { InputReference } from "../../contract/manifest.ts";
import { carriesToken, type TokenSource } from "../../contract/token-source.ts";
import type { Values } from "../gateway/fields.ts";
import type { Request } from "../gateway/request.ts";
import type { Principal } from "../identity/principal.ts";
import type { ToCalendar } from "./calendar.ts";
import { toClaimValues } from "./claim-values.ts";

/** Makes the input of the policy; without a request, the input has the principal only. */
export type ToInput = (principal: Principal, request?: Request, nowS?: number) => EngineInput;

/**
 * Creates the function that makes the input of the policy. The input has only the fields that the policy reads. So it
 * stays small, the log shows no other field, and a cache key can be derived.
 *
 * @param references - The fields that the policy reads, from the manifest. The engine itself provides `params`.
 * @param required - Headers and parameters that may be in a cache key, in which API Gateway may join two values with a comma.
 * @param tokenSource - The part of a request that carries the token. The input never has it, since the input is logged.
 * @param toCalendar - Makes the calendar of the same references; undefined if the policy reads none.
 */
export function createToInput(
  references: readonly InputReference[],
  required: readonly CacheKeyPart[],
  tokenSource: TokenSource,
  toCalendar: ToCalendar | undefined,
): ToInput {
  const below = (...prefix: string[]) =>
    references
      .filter((path) => path.length === prefix.length + 1 && prefix.every((part, at) => part === path[at]))
      .map((path) => path[prefix.length] ?? "");
  const principalFields = below("principal");
  const claims = below("principal", "claims");
  const requestFields = below("request");
  const certificateFields = below("request", "client_certificate");
  const headers = below("request", "headers").filter((name) => !carriesToken(tokenSource, "header", name));
  const query = below("request", "query").filter((name) => !carriesToken(tokenSource, "query", name));
  // An HTTP API joins repeated headers with a comma, so that nobody can tell one value with a comma from two values.
  const isJoined = { headers: () => true, query: (name: string) => required.includes(`query.${name}`) };
  const readsNow = below().includes("now_s");

  return function toInput(principal, request, nowS) {
    const alone = {
      principal: { ...pick(principal, principalFields), claims: toClaimValues(principal.claims, claims, nowS) },
    };
    if (request === undefined) return alone;
    return {
      ...alone,
      request: {
        ...pick(request, requestFields),
        ...(certificateFields.length > 0 &&
          request.client_certificate !== undefined && {
            client_certificate: pick(request.client_certificate, certificateFields),
          }),
        ...(headers.length > 0 && { headers: pickValues(request.headers, headers, isJoined.headers) }),
        ...(query.length > 0 && { query: pickValues(request.query, query, isJoined.query) }),
      },
      ...(readsNow && nowS !== undefined && { now_s: nowS }),
      ...(toCalendar !== undefined && nowS !== undefined && { calendar: toCalendar(nowS) }),
    };
  };
}

function pick(source: object, names: readonly string[]): Record<string, unknown> {
  const picked: Record<string, unknown> = {};
  for (const name of names) {
    const value: unknown = Object.getOwnPropertyDescriptor(source, name)?.value;
    if (value !== undefined) picked[name] = value;
  }
  return picked;
}

/**
 * Picks the headers or parameters that have exactly one value. With several values, a caller could hide the value that the
 * integration obeys behind one that a condition accepts. An empty value counts as missing, so it never equals an empty claim.
 */
function pickValues(
  source: Values,
  names: readonly string[],
  isJoinedByComma: (name: string) => boolean,
): Record<string, string[]> {
  const picked: Record<string, string[]> = {};
  for (const name of names) {
    const [value = "", ...others] = source.get(name) ?? [];
    const isOne = others.length === 0 && !(isJoinedByComma(name) && value.includes(","));
    if (isOne && value !== "") picked[name] = [value];
  }
  return picked;
}
