import type { CacheKeyPart } from "../../contract/cache-key.ts";
import type { EngineInput } from "../../contract/engine-input.ts";
import type { InputReference } from "../../contract/manifest.ts";
import { carriesToken, type TokenSource } from "../../contract/token-source.ts";
import type { Values } from "../gateway/fields.ts";
import type { Request } from "../gateway/request.ts";
import type { Principal } from "../identity/principal.ts";

/** Makes what the policy is asked; without a request, what it is asked of a principal alone. */
export type ToInput = (principal: Principal, request?: Request, nowS?: number) => EngineInput;

/**
 * Gives the policy what it reads and nothing else, so that the input stays small, what the policy does not name
 * enters no log, and a cache key can be derived.
 *
 * @param reads - From the manifest. `params` among them are the engine's to give.
 * @param required - Headers and parameters that may be in a cache key, of which API Gateway takes one value; which one is
 *   not documented. So one that is there twice is not given, and is as good as missing.
 * @param tokenSource - Never given, whatever the policy reads: the token is not for it, and the input is logged.
 */
export function createToInput(
  references: readonly InputReference[],
  required: readonly CacheKeyPart[],
  tokenSource: TokenSource,
): ToInput {
  const below = (...prefix: string[]) =>
    references
      .filter((read) => read.length === prefix.length + 1 && prefix.every((part, at) => part === read[at]))
      .map((read) => read[prefix.length] ?? "");
  const principalFields = below("principal");
  const claims = below("principal", "claims");
  const requestFields = below("request");
  const headers = below("request", "headers").filter((name) => !carriesToken(tokenSource, "header", name));
  const query = below("request", "query").filter((name) => !carriesToken(tokenSource, "query", name));
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

/** Picks the values that are not empty: so a claim that is empty equals no header. */
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
