import { Aws, CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { SamlSignIn } from "../../constructs/saml-sign-in.ts";
import type { TrustedUserPool } from "../../constructs/trusted-issuers.ts";
import { createUserPool } from "./users.ts";

export interface OrdersSamlProps extends StackProps {
  /** The directory's metadata: an https URL, or a file. */
  readonly metadata: string;
  /** The URL to which Cognito redirects a browser with its code after sign-in. */
  readonly callbackUrl: string;
}

/** The attribute that most directories use for departments, as Microsoft Entra ID, AD FS and Okta document it. */
const DEPARTMENT = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/department";

/** A user pool for the users of a company's directory. */
export class OrdersSaml extends Stack {
  /** The user pool as an issuer that the authorizer trusts. */
  readonly issuer: TrustedUserPool;

  constructor(scope: Construct, id: string, props: OrdersSamlProps) {
    super(scope, id, props);
    const userPool = createUserPool(this);
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
