import { err, ok, type Result } from "../contract/result.ts";
import { CLIENT_SECRET, type Machine } from "./users.ts";

/** A request to the token endpoint. */
export interface TokenRequest {
  readonly contentType: string | undefined;
  /** The header `Authorization`. */
  readonly authorization: string | undefined;
  readonly body: string;
}

/** Why the token endpoint issues no token. */
export type TokenError = "invalid_request" | "invalid_client" | "invalid_scope" | "unsupported_grant_type";

/** The machine that asks for a token, and the scopes of the token. */
interface MachineGrant {
  readonly machine: Machine;
  readonly scopes: readonly string[];
}

/**
 * Checks a request of Cognito's `/oauth2/token` with client credentials. Without `scope`, the token has all scopes of the machine.
 *
 * @returns The machine and its scopes, or the error code of RFC 6749, section 5.2.
 * @see Cognito developer guide, "Token endpoint"
 */
export function readTokenRequest(
  { contentType, authorization, body }: TokenRequest,
  machines: readonly Machine[],
): Result<MachineGrant, TokenError> {
  if (!/^application\/x-www-form-urlencoded *(;|$)/i.test(contentType ?? "")) return err("invalid_request");
  const form = new URLSearchParams(body);
  // A parameter may occur once only (RFC 6749, section 3.2).
  if (new Set(form.keys()).size !== [...form.keys()].length) return err("invalid_request");
  const grantType = form.get("grant_type");
  if (grantType === null) return err("invalid_request");
  if (grantType !== "client_credentials") return err("unsupported_grant_type");
  const client = readClient(authorization, form);
  if (!client.ok) return client;
  const machine = machines.find(({ name }) => name === client.value.id);
  if (machine === undefined || client.value.secret !== CLIENT_SECRET) return err("invalid_client");
  const wanted =
    form
      .get("scope")
      ?.split(" ")
      .filter((scope) => scope !== "") ?? [];
  if (wanted.some((scope) => !machine.scopes.includes(scope))) return err("invalid_scope");
  return ok({ machine, scopes: wanted.length === 0 ? machine.scopes : [...new Set(wanted)] });
}

/** Reads the client's id and secret, by HTTP Basic authentication or in the form, but not by both (RFC 6749, section 2.3). */
function readClient(
  authorization: string | undefined,
  form: URLSearchParams,
): Result<{ readonly id: string; readonly secret: string }, TokenError> {
  const [id, secret] = [form.get("client_id"), form.get("client_secret")];
  if (authorization === undefined) return id === null || secret === null ? err("invalid_client") : ok({ id, secret });
  const [, encoded] = /^basic +([A-Za-z0-9+/=]+)$/i.exec(authorization) ?? [];
  const [, basicId, basicSecret] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded ?? "", "base64").toString()) ?? [];
  if (basicId === undefined || basicSecret === undefined) return err("invalid_client");
  // Cognito's own examples repeat `client_id` in the form.
  if (secret !== null || (id !== null && id !== basicId)) return err("invalid_request");
  return ok({ id: basicId, secret: basicSecret });
}
