import { Stack } from "aws-cdk-lib";
import type { IUserPool, IUserPoolClient } from "aws-cdk-lib/aws-cognito";
import type { IConstruct } from "constructs";
import type { IssuerSetting } from "../../contract/trusted-issuers.ts";
import { toSynthesisError } from "./failure.ts";

/** A user pool whose tokens are taken. */
export interface TrustedUserPool {
  readonly userPool: IUserPool;
  /** The app clients whose tokens are taken; at least one. */
  readonly clients: readonly IUserPoolClient[];
  /** Custom attributes are in ID tokens only, unless a trigger adds them to the other. */
  readonly tokenUse: "access" | "id" | "any";
  /**
   * Where its keys are.
   *
   * @default - where Cognito has them
   */
  readonly jwksUri?: string;
  /**
   * Acknowledges that users can't write what the policy decides on, for a user pool or clients that are not of this app:
   * through any client of the pool, trusted or not, nor by signing up. Somebody has to have checked that.
   *
   * @default false - a pool or client that is not visible at synthesis is an error, if the policy decides on an attribute
   */
  readonly acknowledgeWritableClaims?: boolean;
}

/** Another OpenID Connect issuer whose tokens are taken. */
export interface TrustedOidcIssuer {
  /** An https URL, exactly as it stands in the tokens. */
  readonly issuer: string;
  /** Values of `aud`; at least one. */
  readonly audience: readonly string[];
  readonly jwksUri: string;
  /**
   * The claim that has the groups.
   *
   * @default - none
   */
  readonly groupsClaim?: string;
}

export type TrustedIssuerProps = TrustedUserPool | TrustedOidcIssuer;

/** Formats trusted issuers for `TRUSTED_ISSUERS`. */
export function toTrustedIssuersVariable(
  construct: IConstruct,
  kind: string,
  issuers: readonly TrustedIssuerProps[],
): string {
  if (issuers.length === 0)
    throw toSynthesisError(construct, kind, "trustedIssuers is empty; name a user pool or an issuer");
  const settings = issuers.map((issuer): IssuerSetting => {
    if (!("userPool" in issuer)) {
      if (issuer.audience.length > 0) return issuer;
      throw toSynthesisError(construct, kind, `${issuer.issuer} is trusted for no audience; name one in audience`);
    }
    const { userPool, clients, tokenUse, jwksUri } = issuer;
    if (clients.length === 0) {
      const cause = `the user pool ${userPool.node.path} is trusted for no client; name those whose tokens are taken in clients`;
      throw toSynthesisError(construct, kind, cause);
    }
    const clientIds = clients.map((client) => client.userPoolClientId);
    return { userPoolId: userPool.userPoolId, clientIds, tokenUse, ...(jwksUri !== undefined && { jwksUri }) };
  });
  // The parts that are known at deployment only are resolved by CloudFormation.
  return Stack.of(construct).toJsonString(settings);
}
