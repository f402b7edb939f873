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
    this.userPool = toUserPool(this);
    this.client = this.userPool.addClient("Client", {
      authFlows: { userPassword: true, userSrp: true },
      disableOAuth: true,
      preventUserExistenceErrors: true,
      idTokenValidity: Duration.hours(1),
      accessTokenValidity: Duration.hours(1),
      // Neither custom:customer_id nor custom:department. An empty list might mean all.
      writeAttributes: new ClientAttributes().withStandardAttributes({ fullname: true }),
    });
  }
}

/** Users are made by an administrator; nobody signs up. */
export function toUserPool(scope: Construct): UserPool {
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
  acknowledge(
    userPool,
    "AwsSolutions-COG2",
    "A second factor is offered; it is not asked of sample users, who sign in from scripts.",
  );
  acknowledge(
    userPool,
    "AwsSolutions-COG8",
    "Threat protection comes with the Plus plan, which a sample does not buy; docs/deploy.md names it.",
  );
  return userPool;
}
