/** An issuer whose tokens are trusted, and what they must say. */
export interface TrustedIssuer {
  /** The exact value of the claim `iss`. */
  readonly issuer: string;
  readonly jwksUri: string;
  /** Whom a token must be for: an app client of the Cognito pool, else an audience. At least one. */
  readonly audience: readonly string[];
  /** Which of Cognito's two tokens are taken; none for another issuer, whose tokens don't say. */
  readonly tokenUse: "access" | "id" | "any" | undefined;
  /** The claim that lists the groups; none if the issuer has no such claim. */
  readonly groupsClaim: string | undefined;
}
