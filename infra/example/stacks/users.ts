import { Duration, RemovalPolicy } from "aws-cdk-lib";
import {
  AccountRecovery,
  ClientAttributes,
  Mfa,
  StringAttribute,
  UserPool,
  type UserPoolClient,
} from "aws-cdk-lib/aws-cognito";
import { Construct } from "constructs";
import { acknowledge } from "../../constructs/acknowledge.ts";

/** A user pool with the attributes that the sample policy decides on, and a client whose users can't change them. */
export class Users extends Construct {
  readonly userPool: UserPool;
  readonly client: UserPoolClient;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.userPool = createUserPool(this);
    this.client = this.userPool.addClient("Client", {
      authFlows: { userPassword: true, userSrp: true },
      disableOAuth: true,
      preventUserExistenceErrors: true,
      idTokenValidity: Duration.hours(1),
      accessTokenValidity: Duration.hours(1),
      // The list must lack custom:customer_id and custom:department. It is not empty, since that might allow all attributes.
      writeAttributes: new ClientAttributes().withStandardAttributes({ fullname: true }),
    });
  }
}

/** Creates a user pool in which administrators create the users. Nobody can sign up. */
export function createUserPool(scope: Construct): UserPool {
  const userPool = new UserPool(scope, "Pool", {
    selfSignUpEnabled: false,
    signInAliases: { username: true },
    accountRecovery: AccountRecovery.NONE,
    passwordPolicy: {
      minLength: 12,
      requireDigits: true,
      requireLowercase: true,
      requireSymbols: true,
      requireUppercase: true,
    },
    mfa: Mfa.OPTIONAL,
    mfaSecondFactor: { otp: true, sms: false },
    customAttributes: {
      customer_id: new StringAttribute({ mutable: true, maxLen: 64 }),
      department: new StringAttribute({ mutable: true, maxLen: 2048 }),
    },
    removalPolicy: RemovalPolicy.DESTROY,
  });
  acknowledge(userPool, "AwsSolutions-COG2", "A second factor is optional, since sample users sign in from scripts.");
  acknowledge(
    userPool,
    "AwsSolutions-COG8",
    "Threat protection needs the Plus plan, which the sample does not use; docs/deploy.md recommends it.",
  );
  return userPool;
}
