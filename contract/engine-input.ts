/** Generated from policies/schemas/input.json by `npm run generate`. */

/**
 * The input of a policy: the principal, the request and the time. Every field is optional; the authorizer gives those that the policy reads.
 */
export interface EngineInput {
  /**
   * The principal, made from verified claims. Without it no role is held.
   */
  principal?: {
    /**
     * The claim `sub`.
     */
    id?: string;
    /**
     * A user or a machine, if the token proves it. Missing: it proves neither.
     */
    kind?: "user" | "machine";
    /**
     * The claim `iss`.
     */
    issuer?: string;
    /**
     * The name of the issuer in the settings. Missing if it has none.
     */
    issuer_name?: string;
    /**
     * The app client that the token was issued to.
     */
    client_id?: string;
    /**
     * The kind of Cognito's token. Missing for other issuers.
     */
    token_use?: "access" | "id";
    /**
     * The claims that the policy reads, by their names.
     */
    claims?: {
      [k: string]: unknown;
    };
  };
  /**
   * The canonical form of the request.
   */
  request?: {
    /**
     * Upper case. `CONNECT` for a WebSocket's $connect.
     */
    method?: string;
    /**
     * Canonical: decoded, without stage or base path. `/` for a WebSocket's $connect.
     */
    path?: string;
    /**
     * The API's name, which the alias of the authorizer begins with. Missing if the invocation names no API.
     */
    api?: string;
    /**
     * The API's identifier.
     */
    api_id?: string;
    /**
     * The API's stage.
     */
    stage?: string;
    /**
     * The address that the request came from. Missing in a TOKEN authorizer's event.
     */
    source_ip?: string;
    /**
     * The client's certificate, on a custom domain of a REST or HTTP API with mutual TLS. Missing elsewhere, and in a TOKEN authorizer's event.
     */
    client_certificate?: {
      /**
       * The distinguished name of the client, as API Gateway writes it.
       */
      subject?: string;
      /**
       * The distinguished name of who issued the certificate.
       */
      issuer?: string;
      /**
       * The serial number, as API Gateway writes it. It is unique for each issuer only.
       */
      serial_number?: string;
      /**
       * Seconds since 1970.
       */
      valid_from_s?: number;
      /**
       * Seconds since 1970.
       */
      valid_until_s?: number;
    };
    /**
     * The headers and query parameters that have several values and are therefore left out, such as `headers.x-tenant`, with the conditions that read them. None of these conditions is true. Missing without such a field.
     */
    ambiguous?: {
      [k: string]: string[];
    };
    /**
     * By lower-case name, a list of the one value. A header that is empty, or has several values, is left out, unless a condition's METADATA says `multiple`.
     */
    headers?: {
      [k: string]: string[];
    };
    /**
     * By name, a list of the one decoded value. A parameter that is empty, or has several values, is left out, unless a condition's METADATA says `multiple`.
     */
    query?: {
      [k: string]: string[];
    };
  };
  /**
   * The path parameters of the template that is being tried; set by the engine, read by conditions.
   */
  params?: {
    [k: string]: string;
  };
  /**
   * Seconds since 1970.
   */
  now_s?: number;
  /**
   * The same instant as `now_s` on the calendar and the clock of time zones, by their IANA names.
   */
  calendar?: {
    [k: string]: {
      year?: number;
      /**
       * From 1 to 12.
       */
      month?: number;
      /**
       * From 1 to 31.
       */
      day?: number;
      /**
       * From 0 to 23.
       */
      hour?: number;
      /**
       * From 0 to 59.
       */
      minute?: number;
      weekday?: "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday" | "sunday";
      /**
       * Like `2026-11-25`.
       */
      date?: string;
    };
  };
}
