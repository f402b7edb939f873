import { Aws, CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { SamlSignIn } from "../../constructs/saml-sign-in.ts";
import type { TrustedUserPool } from "../../constructs/trusted-issuers.ts";
import { toUserPool } from "./users.ts";

export interface OrdersSamlProps extends StackProps {
  /** The directory's metadata: an https URL, or a file. */
  readonly metadata: string;
  /** Where a browser goes with its code after signing in. */
  readonly callbackUrl: string;
}

/** The attribute that most directories have departments in; documented by Microsoft Entra ID, AD FS and Okta alike. */
const DEPARTMENT = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/department";

/** Users of a company's directory, in a user pool of their own. */
export class OrdersSaml extends Stack {
  /** For the authorizer. */
  readonly issuer: TrustedUserPool;

  constructor(scope: Construct, id: string, props: OrdersSamlProps) {
    super(scope, id, props);
    const userPool = toUserPool(this);
    const { client } = new SamlSignIn(this, "Directory", {
      userPool,
      name: "Directory",
      metadata: props.metadata,
      attributes: { "custom:department": DEPARTMENT },
      callbackUrls: [props.callbackUrl],
      domainPrefix: `orders-${Aws.ACCOUNT_ID}`,
    });
    this.issuer = { userPool, clients: [client], tokenUse: "id" };
    new CfnOutput(this, "SamlUserPoolId", { value: userPool.userPoolId });
    new CfnOutput(this, "SamlUserPoolClientId", { value: client.userPoolClientId });
  }
}
