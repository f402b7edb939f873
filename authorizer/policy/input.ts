import type { EngineInput } from "../../contract/engine-input.ts";
import type { InputReference, RequestValue } from "../../contract/manifest.ts";
import { carriesToken, type TokenSource } from "../../contract/token-source.ts";
import type { Request } from "../gateway/request.ts";
import type { Principal } from "../identity/principal.ts";
import type { ToCalendar } from "./calendar.ts";
import { toClaimValues } from "./claim-values.ts";
import { readRequestValues } from "./request-values.ts";

/** Makes the input of the policy; without a request, the input has the principal only. */
export type ToInput = (principal: Principal, request?: Request, nowS?: number) => EngineInput;

/** The parts of a principal and of a request that are read by name; the policy gets their other fields as they are. */
type InputPrincipal = Pick<Principal, "claims">;
type InputRequest = Pick<Request, "client_certificate" | "headers" | "query">;

/**
 * Creates the function that makes the input of the policy. The input has only the fields that the policy reads. So it
 * stays small, the log shows no other field, and a cache key can be derived.
 *
 * @param references - The fields that the policy reads, from the manifest. The engine itself provides `params`.
 * @param requestValues - The headers and query parameters that the policy reads, from the manifest.
 * @param tokenSources - The parts of a request that carry the token. The input never has them, since the input is logged.
 * @param toCalendar - Makes the calendar of the same references; undefined if the policy reads none.
 */
export function createToInput(
  references: readonly InputReference[],
  requestValues: readonly RequestValue[],
  tokenSources: readonly TokenSource[],
  toCalendar: ToCalendar | undefined,
): (principal: InputPrincipal, request?: InputRequest, nowS?: number) => EngineInput {
  const below = (...prefix: string[]) =>
    references
      .filter((path) => path.length === prefix.length + 1 && prefix.every((part, at) => part === path[at]))
      .map((path) => path[prefix.length] ?? "");
  const principalFields = below("principal");
  const claims = below("principal", "claims");
  const requestFields = below("request");
  const certificateFields = below("request", "client_certificate");
  const read = requestValues.filter(({ from, name }) => !carriesToken(tokenSources, from, name));
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
        ...(read.length > 0 && readRequestValues(request, read)),
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
