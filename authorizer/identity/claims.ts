/** The payload of a token. After its signature, issuer and times are verified, its other claims still have to be. */
export type Claims = Readonly<Record<string, unknown>>;
