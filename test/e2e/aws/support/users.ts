import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  InitiateAuthCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { USERS } from "../../../../local/users.ts";
import { clientOptions } from "./aws.ts";
import type { Emulator, Pool, UserName } from "./run.ts";

/** ID token and access token of one sign-in. */
interface Tokens {
  readonly id: string;
  readonly access: string;
}

/** The password of every user. */
export const PASSWORD = "Passw0rd!Passw0rd!";

/** Creates the users of the sample policy, the same as in `npm start`, with the API of administrators. */
export async function createUsers(run: Emulator, { UserPoolId }: Pool): Promise<void> {
  const cognito = new CognitoIdentityProviderClient(clientOptions(run));
  for (const { name, groups, attributes } of USERS) {
    const user = { UserPoolId, Username: name };
    const UserAttributes = Object.entries(attributes).map(([Name, Value]) => ({ Name, Value }));
    await cognito.send(new AdminCreateUserCommand({ ...user, MessageAction: "SUPPRESS", UserAttributes }));
    await cognito.send(new AdminSetUserPasswordCommand({ ...user, Password: PASSWORD, Permanent: true }));
    for (const GroupName of groups) await cognito.send(new AdminAddUserToGroupCommand({ ...user, GroupName }));
  }
}

/** Signs in with name and password, as an app does. */
export async function signIn(run: Emulator, { UserPoolClientId }: Pool, name: UserName): Promise<Tokens> {
  const cognito = new CognitoIdentityProviderClient(clientOptions(run));
  const { AuthenticationResult } = await cognito.send(
    new InitiateAuthCommand({
      ClientId: UserPoolClientId,
      AuthFlow: "USER_PASSWORD_AUTH",
      AuthParameters: { USERNAME: name, PASSWORD },
    }),
  );
  const { IdToken, AccessToken } = AuthenticationResult ?? {};
  if (IdToken === undefined || AccessToken === undefined) throw new Error(`${name} was not signed in`);
  return { id: IdToken, access: AccessToken };
}
