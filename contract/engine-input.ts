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
     * A token of the client-credentials grant has no user. Missing: user.
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
     * All values by lower-case name; those that are empty are left out.
     */
    headers?: {
      [k: string]: string[];
    };
    /**
     * All decoded values by name; those that are empty are left out.
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
