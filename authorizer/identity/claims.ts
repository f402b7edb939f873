/** The payload of a token whose signature, issuer and times are verified; its other claims are not yet. */
export type Claims = Readonly<Record<string, unknown>>;
