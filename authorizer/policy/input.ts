import type { CacheKeyPart } from "../../contract/cache-key.ts";
import type { EngineInput } from "../../contract/engine-input.ts";
import type { InputReference } from "../../contract/manifest.ts";
import { carriesToken, type TokenSource } from "../../contract/token-source.ts";
import type { Values } from "../gateway/fields.ts";
import type { Request } from "../gateway/request.ts";
import type { Principal } from "../identity/principal.ts";
import type { ToCalendar } from "./calendar.ts";

/** Makes the input of the policy; without a request, the input has the principal only. */
export type ToInput = (principal: Principal, request?: Request, nowS?: number) => EngineInput;

/**
 * Creates the function that makes the input of the policy. The input has only the fields that the policy reads. So it
 * stays small, the log shows no other field, and a cache key can be derived.
 *
 * @param references - The fields that the policy reads, from the manifest. The engine itself provides `params`.
 * @param required - Headers and parameters that may be in a cache key. API Gateway takes one value of each into the key;
 *   AWS does not document which. So the input leaves out a header or parameter that occurs twice, as if it were missing.
 * @param tokenSources - The parts of a request that carry the token. The input never has them, since the input is logged.
 * @param toCalendar - Makes the calendar of the same references; undefined if the policy reads none.
 */
export function createToInput(
  references: readonly InputReference[],
  required: readonly CacheKeyPart[],
  tokenSources: readonly TokenSource[],
  toCalendar: ToCalendar | undefined,
): ToInput {
  const below = (...prefix: string[]) =>
    references
      .filter((path) => path.length === prefix.length + 1 && prefix.every((part, at) => part === path[at]))
      .map((path) => path[prefix.length] ?? "");
  const principalFields = below("principal");
  const claims = below("principal", "claims");
  const requestFields = below("request");
  const headers = below("request", "headers").filter((name) => !carriesToken(tokenSources, "header", name));
  const query = below("request", "query").filter((name) => !carriesToken(tokenSources, "query", name));
  const single = (from: "header" | "query") => (name: string) => required.includes(`${from}.${name}`);
  const readsNow = below().includes("now_s");

  return function toInput(principal, request, nowS) {
    const alone = { principal: { ...pick(principal, principalFields), claims: pick(principal.claims, claims) } };
    if (request === undefined) return alone;
    return {
      ...alone,
      request: {
        ...pick(request, requestFields),
        ...(headers.length > 0 && { headers: pickValues(request.headers, headers, single("header")) }),
        ...(query.length > 0 && { query: pickValues(request.query, query, single("query")) }),
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

/** Picks the values that are not empty. An empty header counts as missing, so it never equals an empty claim. */
function pickValues(
  source: Values,
  names: readonly string[],
  isSingle: (name: string) => boolean,
): Record<string, string[]> {
  const picked: Record<string, string[]> = {};
  for (const name of names) {
    const all = source.get(name) ?? [];
    const values = all.filter((value) => value !== "");
    // An HTTP API joins repeated headers with a comma.
    const isOne = all.length === 1 && !all[0]?.includes(",");
    if (values.length > 0 && (isOne || !isSingle(name))) picked[name] = values;
  }
  return picked;
}
